"""Fréchet distance between two sets of features taken as Gaussians."""

import numpy as np

from fer_keras.metrics.feature_statistics import FeatureStatistics
from fer_keras.metrics.input_checks import check_feature_pair

_NEGATIVE_EIGENVALUE = 1e-4


def frechet_distance(features_a, features_b) -> float:
    """Returns the Fréchet distance of two sets of features, 0 or more.

    It is the square of a length in feature space, lower is better, and with few
    rows it is too large: compare only distances from as many rows on each side,
    and rather `kernel_distance` below about ten rows a dimension.

    Args:
        features_a: Float `(count_a, dimensions)`, two rows or more.
        features_b: Float `(count_b, dimensions)`, two rows or more.

    Raises:
        ValueError: Other shapes, too few rows, NaN or infinity.

    Example:
        >>> frechet_distance([[0.0], [2.0]], [[3.0], [5.0]])
        9.0

    Reference:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium" (2017), equation 6. The features there are
        Inception's; here they are the caller's, so the figures are not FID.
    """
    features_a, features_b = check_feature_pair(
        "features_a", features_a, "features_b", features_b, minimum=2
    )
    statistics_a = FeatureStatistics().update(features_a)
    statistics_b = FeatureStatistics().update(features_b)
    return frechet_distance_from_statistics(
        statistics_a.mean,
        statistics_a.covariance,
        statistics_b.mean,
        statistics_b.covariance,
    )


def frechet_distance_from_statistics(
    mean_a, covariance_a, mean_b, covariance_b
) -> float:
    """Returns the Fréchet distance of two Gaussians, 0 or more.

    `|m_a - m_b|^2 + trace(C_a + C_b - 2 (C_a C_b)^(1/2))`, where the last trace is
    the sum of the singular values of `A^T B` for `C_a = A A^T` and `C_b = B B^T`.
    No matrix square root is formed, so covariances of deficient rank, as of fewer
    rows than dimensions, need no added diagonal and give no imaginary parts.

    Args:
        mean_a: `(dimensions,)`.
        covariance_a: Symmetric, positive semi-definite `(dimensions, dimensions)`.
        mean_b: As `mean_a`.
        covariance_b: As `covariance_a`.

    Raises:
        ValueError: Shapes disagree, NaN or infinity, or not a covariance.

    Reference:
        Dowson, Landau, "The Fréchet Distance between Multivariate Normal
        Distributions" (1982), equation 4; Heusel et al. (2017), equation 6.
    """
    mean_a, factor_a = _mean_and_factor("a", mean_a, covariance_a)
    mean_b, factor_b = _mean_and_factor("b", mean_b, covariance_b)
    if mean_a.shape != mean_b.shape:
        raise ValueError(
            f"The means have {len(mean_a)} and {len(mean_b)} dimensions: take both "
            "from the same network."
        )
    between_means = np.sum((mean_a - mean_b) ** 2)
    root_trace = np.linalg.svd(factor_a.T @ factor_b, compute_uv=False).sum()
    spread = np.sum(factor_a**2) + np.sum(factor_b**2) - 2 * root_trace
    return float(max(0.0, between_means + spread))


def _mean_and_factor(name: str, mean, covariance) -> tuple[np.ndarray, np.ndarray]:
    mean = np.asarray(mean, "float64")
    covariance = np.asarray(covariance, "float64")
    if mean.ndim != 1 or covariance.shape != mean.shape * 2:
        raise ValueError(
            f"Expected mean_{name} (dimensions,) and covariance_{name} (dimensions, "
            f"dimensions), got {mean.shape} and {covariance.shape}."
        )
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise ValueError(f"The statistics of {name} hold NaN or infinity.")
    eigenvalues, eigenvectors = np.linalg.eigh((covariance + covariance.T) / 2)
    largest = np.abs(eigenvalues).max()
    if eigenvalues[0] < -_NEGATIVE_EIGENVALUE * largest or not np.allclose(
        covariance, covariance.T, atol=1e-6 * largest
    ):
        raise ValueError(
            f"covariance_{name} is not symmetric and positive semi-definite: its "
            f"eigenvalues go from {eigenvalues[0]:.3g} to {eigenvalues[-1]:.3g}."
        )
    return mean, eigenvectors * np.sqrt(np.maximum(eigenvalues, 0.0))
