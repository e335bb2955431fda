"""Structural similarity (SSIM) of batches of faces, whole or in part."""

import numpy as np

from fer_keras.metrics.input_checks import check_image_pair
from fer_keras.metrics.pairwise import row_blocks

_WINDOW = 11
_SIGMA = 1.5
_LUMINANCE_CONSTANT = (0.01 * 255) ** 2
_CONTRAST_CONSTANT = (0.03 * 255) ** 2


def structural_similarity(images, reconstructions, weights=None) -> np.ndarray:
    """Returns each reconstruction's mean SSIM.

    Windows are Gaussian, 11 by 11 with deviation 1.5, moments those of the
    population, range 255; the map is averaged where a window fits, that is without
    the 5 outer pixels on each side.

    With `weights`, pixels count by their weight, twice: in the windows' moments and
    in the map's mean. A pixel of weight 0 has then no influence at all, where a
    mean of the plain map would still see it through its neighbours' windows; a face
    edited only there scores 1. Weights all equal give the plain SSIM.

    Args:
        images: uint8 `(count, height, width, 1)`, 11 pixels or more a side.
        reconstructions: uint8, the same shape.
        weights: None, or boolean or float `(height, width)` of 0 or more, such as
            `~mouth_and_brows()`.

    Returns:
        float64 `(count,)` from -1 to 1; 1 for equal images.

    Raises:
        ValueError: Another type or shape, images too small, or weights that are
            negative or leave nothing to average.

    Reference:
        Wang et al., "Image Quality Assessment: From Error Visibility to Structural
        Similarity" (2004), equations 13 to 17.
    """
    images, reconstructions = check_image_pair(
        "images", images, "reconstructions", reconstructions
    )
    _, height, width, _ = images.shape
    if min(height, width) < _WINDOW:
        raise ValueError(
            f"SSIM needs images of {_WINDOW} by {_WINDOW} pixels or more, got "
            f"{height} by {width}."
        )
    weights = _checked_weights(weights, height, width)
    rim = _WINDOW // 2
    map_weights = weights[rim : height - rim, rim : width - rim]
    if not map_weights.sum() > 0:
        raise ValueError(
            "The weights are 0 wherever a whole window fits (all but the outer "
            f"{rim} pixels): nothing is left to average."
        )
    map_weights = map_weights / map_weights.sum()
    smooth = _window_mean(weights)
    scores = np.empty(len(images))
    for block in row_blocks(len(images), 10 * height * width):
        similarity = _similarity_map(
            images[block, ..., 0].astype("float64"),
            reconstructions[block, ..., 0].astype("float64"),
            smooth,
        )
        scores[block] = np.einsum("nij,ij->n", similarity, map_weights)
    return scores


def _checked_weights(weights, height: int, width: int) -> np.ndarray:
    if weights is None:
        return np.ones((height, width))
    weights = np.asarray(weights, "float64")
    if weights.shape != (height, width):
        raise ValueError(
            f"weights must have the images' shape ({height}, {width}), got "
            f"{weights.shape}."
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("weights must be finite and 0 or more.")
    return weights / max(weights.max(), np.finfo("float64").tiny)


def _window_mean(weights: np.ndarray):
    down = _window_matrix(weights.shape[0])
    across = _window_matrix(weights.shape[1]).T
    # A window without a visible pixel has weight 0 in the map: any divisor will do.
    visible = down @ weights @ across
    visible = np.where(visible > 0, visible, 1.0)

    def smooth(values: np.ndarray) -> np.ndarray:
        # As matrix products, both directions of the window cost less than one
        # pass over the pixels for each of its 22 taps.
        return down @ ((values * weights) @ across) / visible

    return smooth


def _window_matrix(size: int) -> np.ndarray:
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    window = np.exp(-0.5 * (offsets / _SIGMA) ** 2)
    matrix = np.zeros((size - _WINDOW + 1, size))
    for row in range(len(matrix)):
        matrix[row, row : row + _WINDOW] = window / window.sum()
    return matrix


def _similarity_map(first: np.ndarray, second: np.ndarray, smooth) -> np.ndarray:
    mean_first, mean_second = smooth(first), smooth(second)
    mean_product = mean_first * mean_second
    mean_squares = mean_first**2 + mean_second**2
    variances = smooth(first**2 + second**2) - mean_squares
    covariance = smooth(first * second) - mean_product
    return (
        (2 * mean_product + _LUMINANCE_CONSTANT)
        * (2 * covariance + _CONTRAST_CONSTANT)
        / (mean_squares + _LUMINANCE_CONSTANT)
        / (variances + _CONTRAST_CONSTANT)
    )
