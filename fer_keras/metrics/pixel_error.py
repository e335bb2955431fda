"""Pixel errors of reconstructions, one value for each image."""

import numpy as np

from fer_keras.metrics.input_checks import check_image_pair
from fer_keras.metrics.pairwise import row_blocks


def mean_squared_error(images, reconstructions) -> np.ndarray:
    """Returns each reconstruction's mean squared error in squared grey levels.

    Args:
        images: uint8 `(count, height, width, 1)`.
        reconstructions: uint8, the same shape.

    Returns:
        float64 `(count,)` from 0 to 65025. Its mean over the images is the MSE;
        divided by 127.5 squared it is that of images in [-1, 1].

    Raises:
        ValueError: Another type or shape.

    Example:
        >>> black = np.zeros((1, 2, 2, 1), "uint8")
        >>> mean_squared_error(black, black + 2)
        array([4.])
    """
    images, reconstructions = check_image_pair(
        "images", images, "reconstructions", reconstructions
    )
    errors = np.empty(len(images))
    for block in row_blocks(len(images), images[0].size):
        # uint8 differences would wrap around.
        differences = images[block].astype("int32") - reconstructions[block]
        errors[block] = np.mean(differences**2, axis=(1, 2, 3))
    return errors


def peak_signal_to_noise_ratio(images, reconstructions) -> np.ndarray:
    """Returns each reconstruction's PSNR in decibels, for a peak of 255.

    Args:
        images: uint8 `(count, height, width, 1)`.
        reconstructions: uint8, the same shape.

    Returns:
        float64 `(count,)`, 0 or more; infinity for an equal image (as of the
        unchanged face), so take the median or name the count of those apart.

    Raises:
        ValueError: Another type or shape.

    Example:
        >>> black = np.zeros((1, 2, 2, 1), "uint8")
        >>> peak_signal_to_noise_ratio(black, black + 255)
        array([0.])

    Reference:
        Wang et al., "Image Quality Assessment: From Error Visibility to Structural
        Similarity" (2004), section I: `10 log10(255^2 / MSE)`.
    """
    errors = mean_squared_error(images, reconstructions)
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / errors)
