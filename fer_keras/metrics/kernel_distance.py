"""Kernel distance: the unbiased squared MMD with a cubic polynomial kernel."""

from typing import NamedTuple

import numpy as np

from fer_keras.metrics.input_checks import check_feature_pair
from fer_keras.metrics.pairwise import row_blocks


class KernelDistance(NamedTuple):
    """A kernel distance over subsets."""

    mean: float
    """The mean over the subsets."""
    deviation: float
    """The standard deviation over the subsets: how far one subset's estimate lies
    from the next one's, not the error of the mean."""


def kernel_distance(features_a, features_b) -> float:
    """Returns the unbiased kernel distance of two whole sets of features.

    Its expectation is 0 for sets from one distribution whatever their sizes, so a
    value may be a little below 0. Lower is better. Memory does not grow with the
    square of the sizes.

    Args:
        features_a: Float `(count_a, dimensions)`, two rows or more.
        features_b: Float `(count_b, dimensions)`, two rows or more; `count_b` may
            differ from `count_a`.

    Raises:
        ValueError: Other shapes, too few rows, NaN or infinity.

    Example:
        >>> kernel_distance([[0.0], [0.0]], [[1.0], [1.0]])
        7.0

    Reference:
        Bińkowski et al., "Demystifying MMD GANs" (2018), section 4: kernel
        `(x . y / dimensions + 1)^3`. Gretton et al., "A Kernel Two-Sample Test"
        (2012), equation 3: the estimator.
    """
    features_a, features_b = check_feature_pair(
        "features_a", features_a, "features_b", features_b, minimum=2
    )
    return _unbiased_squared_discrepancy(features_a, features_b)


def kernel_distance_over_subsets(
    features_a,
    features_b,
    subsets: int = 100,
    subset_size: int = 1000,
    seed: int = 0,
) -> KernelDistance:
    """Returns the kernel distance as mean and deviation over random subsets.

    The published protocol: each subset takes `subset_size` rows of either side
    without replacement. The mean estimates what `kernel_distance` does, less
    sharply.

    Args:
        features_a: Float `(count_a, dimensions)`.
        features_b: Float `(count_b, dimensions)`.
        subsets: How many subsets.
        subset_size: Rows of each side in a subset, from 2 to the smaller count;
            well below it, or the subsets are all the same rows and the deviation
            says nothing.
        seed: Seed of the draws.

    Raises:
        ValueError: As `kernel_distance`, no subset, or a subset larger than a side.

    Reference:
        Bińkowski et al. (2018), section 4 and appendix D: 100 subsets of 1,000.
    """
    features_a, features_b = check_feature_pair(
        "features_a", features_a, "features_b", features_b, minimum=2
    )
    smaller = min(len(features_a), len(features_b))
    if not 2 <= subset_size <= smaller:
        raise ValueError(
            f"subset_size must be from 2 to the smaller side's {smaller} rows, got "
            f"{subset_size}."
        )
    if subsets < 1:
        raise ValueError(f"subsets must be 1 or more, got {subsets}.")
    random = np.random.default_rng(seed)
    distances = [
        _unbiased_squared_discrepancy(
            features_a[random.choice(len(features_a), subset_size, replace=False)],
            features_b[random.choice(len(features_b), subset_size, replace=False)],
        )
        for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(distances)), float(np.std(distances)))


def _unbiased_squared_discrepancy(rows_a: np.ndarray, rows_b: np.ndarray) -> float:
    within_a = _kernel_sum(rows_a, rows_a) - _kernel_diagonal_sum(rows_a)
    within_b = _kernel_sum(rows_b, rows_b) - _kernel_diagonal_sum(rows_b)
    count_a, count_b = len(rows_a), len(rows_b)
    return float(
        within_a / (count_a * (count_a - 1))
        + within_b / (count_b * (count_b - 1))
        - 2 * _kernel_sum(rows_a, rows_b) / (count_a * count_b)
    )


def _kernel_sum(rows_a: np.ndarray, rows_b: np.ndarray) -> float:
    total = 0.0
    for block in row_blocks(len(rows_a), len(rows_b)):
        kernel = rows_a[block] @ rows_b.T
        total += _cubed(kernel, rows_a.shape[1]).sum()
    return total


def _kernel_diagonal_sum(rows: np.ndarray) -> float:
    return _cubed(np.einsum("ij,ij->i", rows, rows), rows.shape[1]).sum()


def _cubed(products: np.ndarray, dimensions: int) -> np.ndarray:
    products /= dimensions
    products += 1.0
    # Two products: `** 3` calls the general power, ten times slower.
    return products * products * products
