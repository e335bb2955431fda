"""Polygons that faces are made of, as arrays of points in face coordinates."""

import numpy as np

Patch = tuple[np.ndarray, float]
"""A polygon to fill: points float `(n, 2)`, x to the right and y down, and its tone."""

ALONG = np.linspace(-1.0, 1.0, 11)
"""Places from one end of a feature (-1) to the other (1)."""

_ANGLES = np.linspace(-np.pi, np.pi, 33)[:-1]
_SMALL_ANGLES = np.linspace(-np.pi, np.pi, 13)[:-1]
_MIRROR = np.array([-1.0, 1.0])

CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
"""A circle of radius 1, `(32, 2)`."""

SMALL_CIRCLE = np.stack([np.cos(_SMALL_ANGLES), np.sin(_SMALL_ANGLES)], axis=1)
"""The same with `(12, 2)` points, enough where a few pixels show it."""


def ellipse(
    x: float,
    y: float,
    width: float,
    height: float,
    circle: np.ndarray = SMALL_CIRCLE,
) -> np.ndarray:
    """Returns an ellipse around `(x, y)`; `width` and `height` are half axes."""
    return circle * (width, height) + (x, y)


def band(x: np.ndarray, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Returns the area between two curves over the same `x`, each float `(n,)`."""
    count = len(x)
    points = np.empty((2 * count, 2))
    points[:count, 0] = x
    points[:count, 1] = top
    points[count:, 0] = x[::-1]
    points[count:, 1] = bottom[::-1]
    return points


def both_sides(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the points and their mirror image in the face's middle line."""
    return points, points * _MIRROR


def shaded(tone: float, factor: float) -> float:
    """Returns a tone made darker (factor under 1) or brighter, within 0 to 255."""
    return min(max(tone * factor, 0.0), 255.0)


def mixed(tone: float, other: float, share: float) -> float:
    """Returns `tone` with `share` (0 to 1) of it replaced by `other`."""
    return tone + share * (other - tone)
