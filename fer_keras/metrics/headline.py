"""One number for a transfer that must do two things."""

import numpy as np


def harmonic_mean(
    first: float | np.ndarray, second: float | np.ndarray
) -> float | np.ndarray:
    """Returns the harmonic mean of scores of 0 or more; 0 where either is 0.

    The headline of a transfer is that of the relative hit, capped at 1, and rank 1:
    the unchanged face has hardly any hit and the class mean no rank.

    Args:
        first: Float, or an array of such.
        second: As `first`.

    Example:
        >>> harmonic_mean(1.0, 0.5)
        0.6666666666666666
    """
    total = np.add(first, second)
    mean = 2 * np.multiply(first, second) / np.where(total > 0, total, 1.0)
    return mean if mean.ndim else float(mean)
