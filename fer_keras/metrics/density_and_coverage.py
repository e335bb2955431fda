"""Density and coverage: fidelity and diversity of generated samples, apart."""

from typing import NamedTuple

import numpy as np

from fer_keras.metrics.input_checks import check_feature_pair
from fer_keras.metrics.pairwise import row_blocks, squared_distances


class DensityAndCoverage(NamedTuple):
    """Density (fidelity, 0 or more) and coverage (diversity, 0 to 1)."""

    density: float
    coverage: float


class BallCounts(NamedTuple):
    """How two sets of samples lie in each other, image by image."""

    balls: np.ndarray
    """int64 `(generated_count,)`: in how many real samples' balls each generated
    sample lies. Density is its mean divided by `nearest`."""
    covered: np.ndarray
    """Boolean `(real_count,)`: whether each real sample's ball holds a generated
    sample. Coverage is its mean."""


def density_and_coverage(
    real_features, generated_features, nearest: int = 5
) -> DensityAndCoverage:
    """Returns how dense the generated samples lie, and how much they cover.

    Around each real sample stands a ball that reaches its `nearest`-th nearest
    other real sample. Density is the mean number of balls that a generated sample
    lies in, divided by `nearest`: near 1 for samples of the real distribution, above
    it where they crowd its thickest parts. Coverage is the share of balls that hold
    a generated sample: 1 - 2^-nearest for as many samples of the real distribution.
    A point on a ball's surface is outside, as in the authors' code. Memory does not
    grow with the square of the sizes.

    Args:
        real_features: Float `(real_count, dimensions)`, more than `nearest` rows.
        generated_features: Float `(generated_count, dimensions)`.
        nearest: Which neighbour the balls reach, 1 or more.

    Raises:
        ValueError: Other shapes, too few rows, NaN or infinity.

    Example:
        >>> density_and_coverage([[0.0], [1.0], [3.0]], [[0.5], [9.0]], nearest=1)
        DensityAndCoverage(density=1.0, coverage=0.6666666666666666)

    Reference:
        Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative
        Models" (2020), section 3 (density, coverage) and lemma 2 (expectation).
    """
    counts = ball_counts(real_features, generated_features, nearest)
    return DensityAndCoverage(
        density=float(counts.balls.mean() / nearest),
        coverage=float(counts.covered.mean()),
    )


def ball_counts(real_features, generated_features, nearest: int = 5) -> BallCounts:
    """Returns what `density_and_coverage` averages, for intervals over images.

    Args:
        real_features: Float `(real_count, dimensions)`, more than `nearest` rows.
        generated_features: Float `(generated_count, dimensions)`.
        nearest: Which neighbour the balls reach, 1 or more.

    Raises:
        ValueError: As `density_and_coverage`.

    Example:
        >>> ball_counts([[0.0], [1.0], [3.0]], [[0.5], [9.0]], nearest=1)
        BallCounts(balls=array([2, 0]), covered=array([ True,  True, False]))
    """
    real, generated = check_feature_pair(
        "real_features", real_features, "generated_features", generated_features
    )
    if not 1 <= nearest < len(real):
        raise ValueError(
            f"nearest must be from 1 to the number of real rows less one "
            f"({len(real) - 1}), got {nearest}."
        )
    # Distances are differences of squares: centring keeps their digits.
    centre = real.mean(axis=0)
    real, generated = real - centre, generated - centre
    balls = np.zeros(len(generated), "int64")
    covered = np.empty(len(real), bool)
    for block in row_blocks(len(real), len(real) + len(generated)):
        radii = _squared_radii(real, block, nearest)
        inside = squared_distances(real[block], generated) < radii[:, None]
        balls += inside.sum(axis=0)
        covered[block] = inside.any(axis=1)
    return BallCounts(balls, covered)


def _squared_radii(real: np.ndarray, block: slice, nearest: int) -> np.ndarray:
    distances = squared_distances(real[block], real)
    rows = np.arange(len(distances))
    distances[rows, rows + block.start] = np.inf
    return np.partition(distances, nearest - 1, axis=1)[:, nearest - 1]
