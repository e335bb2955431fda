"""Distances between distributions of features, with their bootstrap draws."""

import numpy as np

from fer_keras.evaluation.resampling import (
    RESAMPLES,
    ResampledScore,
    drawn_counts,
)
from fer_keras.metrics import (
    frechet_distance,
    kernel_distance,
)
from fer_keras.metrics.input_checks import check_feature_pair
from fer_keras.metrics.pairwise import row_blocks

_REAL_SEED, _GENERATED_SEED = 0, 1


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

    Both sets are resampled, and what a draw does to the distance is taken in first
    order, from how each image pulls at it. Computed in full, every resample would
    lie above the estimate, because it holds fewer different images, which the
    distance takes for a difference. The estimate's own excess of this kind, alike
    for all candidates of as many images, is not removed.

    Args:
        real: Float `(real_count, dimensions)`.
        generated: Float `(generated_count, dimensions)`.
        resamples: Number of draws.

    Reference:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium" (2017), equation 6; Bhatia, Jain, Lim, "On the
        Bures-Wasserstein Distance between Positive Definite Matrices" (2019), for
        its derivative; Efron, Tibshirani (1993), section 22.6, for the first order.
    """
    real, generated = check_feature_pair("real", real, "generated", generated, 2)
    estimate = frechet_distance(real, generated)
    draws = np.full(resamples, estimate)
    for rows, others, seed in (
        (real, generated, _REAL_SEED),
        (generated, real, _GENERATED_SEED),
    ):
        pulls = _pulls(rows, others)
        draws += pulls @ drawn_counts(len(rows), resamples, seed) / len(rows)
    return ResampledScore(estimate, draws)


def _pulls(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How much more of each row would add to the distance from the others; sum 0."""
    centred, shift = rows - rows.mean(axis=0), rows.mean(axis=0) - others.mean(axis=0)
    root, inverse_root = _roots(np.cov(centred, rowvar=False, ddof=0))
    between, _ = _roots(root @ np.cov(others, rowvar=False, ddof=0) @ root)
    # The linear map that takes the rows' Gaussian to the others'.
    transport = inverse_root @ between @ inverse_root
    spread = np.einsum("ij,ij->i", centred - centred @ transport, centred)
    return 2 * centred @ shift + spread - spread.mean()


def _roots(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The square root of a covariance, and the pseudo-inverse of that."""
    values, vectors = np.linalg.eigh(np.atleast_2d(matrix))
    there = values > 1e-10 * values.max(initial=0.0)
    roots = np.sqrt(values.clip(0.0))
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=there)
    return (vectors * roots) @ vectors.T, (vectors * inverse) @ vectors.T
