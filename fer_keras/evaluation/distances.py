"""Distances between distributions of features, with their bootstrap draws."""

import numpy as np

from fer_keras.evaluation.resampling import (
    RESAMPLES,
    ResampledScore,
    drawn_counts,
)
from fer_keras.metrics import (
    frechet_distance,
    frechet_distance_from_statistics,
    kernel_distance,
)
from fer_keras.metrics.input_checks import check_feature_pair
from fer_keras.metrics.pairwise import row_blocks

_REAL_SEED, _GENERATED_SEED = 0, 1
# A draw costs three decompositions of a covariance.
_FRECHET_DRAWS = 200


def kernel_distance_score(
    real, generated, resamples: int = RESAMPLES
) -> ResampledScore:
    """Returns the unbiased kernel distance of two sets of features, with draws.

    Both sets are resampled. A pair of an image with itself, which resampling makes
    and which would pull the distance up, is left out: a draw is the estimator with
    each pair of different images weighted by how often both were drawn.

    Args:
        real: Float `(real_count, dimensions)`.
        generated: Float `(generated_count, dimensions)`.
        resamples: Number of draws.

    Reference:
        Bińkowski et al., "Demystifying MMD GANs" (2018), section 4.
    """
    real, generated = check_feature_pair("real", real, "generated", generated, 2)
    of_real = drawn_counts(len(real), resamples, _REAL_SEED)
    of_generated = drawn_counts(len(generated), resamples, _GENERATED_SEED)
    across = _weighted_kernel_sums(real, of_real, generated, of_generated)
    draws = (
        _mean_within(real, of_real)
        + _mean_within(generated, of_generated)
        - 2 * across / (len(real) * len(generated))
    )
    return ResampledScore(kernel_distance(real, generated), draws)


def _mean_within(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    with_itself = _cubic_kernel(np.einsum("ij,ij->i", rows, rows), rows.shape[1])
    squares = counts**2
    sums = _weighted_kernel_sums(rows, counts, rows, counts) - with_itself @ squares
    return sums / (len(rows) ** 2 - squares.sum(axis=0))


def _weighted_kernel_sums(rows_a, counts_a, rows_b, counts_b) -> np.ndarray:
    sums = np.zeros(counts_a.shape[1])
    for block in row_blocks(len(rows_a), len(rows_b)):
        kernel = _cubic_kernel(rows_a[block] @ rows_b.T, rows_a.shape[1])
        sums += np.einsum("ij,ij->j", counts_a[block], kernel @ counts_b)
    return sums


def _cubic_kernel(products: np.ndarray, dimensions: int) -> np.ndarray:
    kernel = products / dimensions + 1.0
    return kernel * kernel * kernel


def frechet_distance_score(
    real, generated, resamples: int = RESAMPLES
) -> ResampledScore:
    """Returns the Fréchet distance of two sets of features, with draws.

    Both sets are resampled. The distance grows with every image that is missing, so
    that resamples, which hold about 63 % of the images, lie above the estimate;
    their spread is kept and their mean moved to the estimate. The estimate's own
    bias, alike for all candidates of as many images, is not removed.

    Args:
        real: Float `(real_count, dimensions)`.
        generated: Float `(generated_count, dimensions)`.
        resamples: Number of draws. 200 are computed and each is used several times,
            so that it pairs with the other scores.

    Reference:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium" (2017), equation 6.
    """
    real, generated = check_feature_pair("real", real, "generated", generated, 2)
    computed = min(resamples, _FRECHET_DRAWS)
    of_real = drawn_counts(len(real), computed, _REAL_SEED)
    of_generated = drawn_counts(len(generated), computed, _GENERATED_SEED)
    draws = np.array(
        [
            frechet_distance_from_statistics(
                *_weighted_statistics(real, of_real[:, draw]),
                *_weighted_statistics(generated, of_generated[:, draw]),
            )
            for draw in range(computed)
        ]
    )
    estimate = frechet_distance(real, generated)
    draws = np.resize(draws - draws.mean() + estimate, resamples)
    return ResampledScore(estimate, draws)


def _weighted_statistics(rows: np.ndarray, counts: np.ndarray):
    mean = counts @ rows / len(rows)
    centred = rows - mean
    covariance = centred.T @ (centred * counts[:, None]) / (len(rows) - 1)
    return mean, (covariance + covariance.T) / 2
