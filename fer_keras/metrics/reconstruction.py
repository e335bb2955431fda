"""How close a rebuilt face comes to the face, one value for each image."""

import numpy as np
import tensorflow as tf

EXACT_COPY_DECIBELS = 100.0
"""What stands for the infinite ratio of an exact copy: one grey level in one pixel of
48 by 48 is 81.8 dB already."""

_BATCH_SIZE = 512


def mean_squared_error(images: np.ndarray, rebuilt: np.ndarray) -> np.ndarray:
    """Returns mean squared errors in squared grey levels, float64 `(count,)`.

    Divided by 127.5 squared they are those of images in [-1, 1].

    Args:
        images: uint8 `(count, height, width, channels)`.
        rebuilt: As `images`.

    Raises:
        ValueError: Another type or shape.
    """
    _check(images, rebuilt)
    # uint8 differences would wrap around.
    differences = images.astype("float32") - rebuilt
    return np.mean(differences**2, axis=(1, 2, 3), dtype="float64")


def peak_signal_to_noise_ratio(images: np.ndarray, rebuilt: np.ndarray) -> np.ndarray:
    """Returns ratios in decibels for a peak of 255, at most `EXACT_COPY_DECIBELS`.

    Args:
        images: uint8 `(count, height, width, channels)`.
        rebuilt: As `images`.

    Returns:
        float64 `(count,)`.

    Raises:
        ValueError: Another type or shape.

    Reference:
        Wang et al., "Image Quality Assessment" (2004), section I.
    """
    errors = mean_squared_error(images, rebuilt)
    least = 255.0**2 / 10 ** (EXACT_COPY_DECIBELS / 10)
    return 10 * np.log10(255.0**2 / np.maximum(errors, least))


def structural_similarity(images: np.ndarray, rebuilt: np.ndarray) -> np.ndarray:
    """Returns the mean SSIM of each pair, float64 `(count,)` from -1 to 1.

    Windows are Gaussian, 11 by 11 with deviation 1.5; the map is averaged where a
    window fits.

    Args:
        images: uint8 `(count, height, width, channels)`, 11 pixels or more a side.
        rebuilt: As `images`.

    Raises:
        ValueError: Another type or shape.

    Reference:
        Wang et al., "Image Quality Assessment: From Error Visibility to Structural
        Similarity" (2004), equations 13 to 17.
    """
    _check(images, rebuilt)
    if min(images.shape[1:3]) < 11:
        raise ValueError(
            f"SSIM needs images of 11 by 11 pixels or more, got {images.shape[1:3]}."
        )
    parts = [
        tf.image.ssim(images[rows], rebuilt[rows], max_val=255).numpy()
        for rows in (
            slice(start, start + _BATCH_SIZE)
            for start in range(0, len(images), _BATCH_SIZE)
        )
    ]
    return np.concatenate(parts).astype("float64")


def _check(images, rebuilt):
    for faces in (images, rebuilt):
        if faces.dtype != np.uint8 or faces.ndim != 4 or faces.shape != images.shape:
            raise ValueError(
                "Expected two arrays uint8 (count, height, width, channels) of one "
                f"shape, got {images.dtype} {images.shape} and {rebuilt.dtype} "
                f"{rebuilt.shape}."
            )
