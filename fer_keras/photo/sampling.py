"""Squares cut out of a photo at any place, size and angle, and maps laid back."""

import math

import numpy as np
from PIL import Image


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Returns the turn, scale and shift that brings points closest to others.

    Args:
        source: Points x, y, `(points, 2)`.
        target: Where they should come to lie, `(points, 2)`.

    Returns:
        float64 `(2, 3)`: `target ~ source @ matrix[:, :2].T + matrix[:, 2]`.

    Raises:
        ValueError: The source points all lie in one place.

    Reference:
        Umeyama (1991), Least-squares estimation of transformation parameters between
        two point patterns, for the plane and without reflection: a product of complex
        numbers.
    """
    source, target = np.asarray(source, "float64"), np.asarray(target, "float64")
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    centred = (source - middle) @ (1, 1j)
    length = np.vdot(centred, centred).real
    if not length > 0:
        raise ValueError("Expected points in different places, got one place.")
    turn = np.vdot(centred, (target - goal) @ (1, 1j)) / length
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([matrix, goal - matrix @ middle])


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Returns the `(2, 3)` matrix of the way back."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Applies a `(2, 3)` matrix to points `(points, 2)`."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def square_at(middle: np.ndarray, side: float, angle: float, size: int) -> np.ndarray:
    """Returns the matrix from a crop's pixels to the photo's.

    Args:
        middle: The square's middle in the photo, x and y in pixels.
        side: Its side in the photo, pixels.
        angle: Its turn, radians, clockwise as seen.
        size: The crop's side, pixels.
    """
    cosine, sine = math.cos(angle) * side / size, math.sin(angle) * side / size
    linear = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([linear, middle - linear @ (size / 2, size / 2)])


def crop(photo: Image.Image, matrix: np.ndarray, size: int) -> np.ndarray:
    """Returns a square of a photo, averaged over the pixels that fall into each of its.

    Only the square's surroundings are read. Where it reaches beyond the photo, the
    border's pixels go on.

    Args:
        photo: Mode "L" or "RGB".
        matrix: From the crop's pixels to the photo's, `(2, 3)`.
        size: Side of the crop, pixels.

    Returns:
        uint8 `(size, size)` or `(size, size, 3)`.
    """
    corners = moved(np.array([[0, 0], [size, 0], [0, size], [size, size]]), matrix)
    factor = max(int(math.sqrt(abs(np.linalg.det(matrix[:, :2]))) / 2), 1)
    low = np.floor(corners.min(axis=0) - 2 * factor).astype(int)
    high = np.ceil(corners.max(axis=0) + 2 * factor).astype(int)
    # A square wholly beside the photo still reads the pixel nearest to it.
    limit = np.array(photo.size)
    start = np.clip(low, 0, limit - 1)
    stop = np.clip(high, start + 1, limit)
    region = np.asarray(photo.crop((*start, *stop)).reduce(factor))
    before = np.maximum(-(-(start - low) // factor), 0)
    after = np.maximum(-(-(high - stop) // factor), 0)
    widths = [(before[1], after[1]), (before[0], after[0])]
    region = np.pad(region, widths + [(0, 0)] * (region.ndim - 2), "edge")
    origin = start - before * factor
    # Twice the size, averaged: no pixel of the region is passed over.
    fine = np.column_stack([matrix[:, :2] / 2, matrix[:, 2] - origin]) / factor
    picture = Image.fromarray(region).transform(
        (2 * size, 2 * size),
        Image.Transform.AFFINE,
        tuple(fine.ravel()),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(picture.reduce(2))


def spread(
    values: np.ndarray, matrix: np.ndarray, box: tuple[int, int, int, int]
) -> np.ndarray:
    """Returns a small map as it lies on a part of the photo, enlarged smoothly.

    Args:
        values: float32 `(size, size)`; 0 goes on beyond its border.
        matrix: From the map's pixels to the photo's, `(2, 3)`.
        box: Left, top, right, bottom of the part, pixels of the photo.

    Returns:
        float32 `(bottom - top, right - left)`.
    """
    left, top, right, bottom = box
    back = inverse(matrix)
    # Pillow leaves out a border where its filter has too few neighbours.
    values = np.pad(values.astype("float32"), 2)
    shift = back[:, :2] @ (left, top) + back[:, 2] + 2
    picture = Image.fromarray(values).transform(
        (right - left, bottom - top),
        Image.Transform.AFFINE,
        tuple(np.column_stack([back[:, :2], shift]).ravel()),
        Image.Resampling.BICUBIC,
    )
    return np.asarray(picture)
