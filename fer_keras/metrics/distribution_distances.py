"""How far apart are two sets of features? Kernel distance and Fréchet distance.

They are not KID and FID, whose features come from a network trained on ImageNet.
"""

import numpy as np
import tensorflow as tf


def kernel_distance(
    real: np.ndarray | tf.Tensor, made: np.ndarray | tf.Tensor
) -> float | tf.Tensor:
    """Returns the unbiased squared maximum mean discrepancy of two sets of features.

    The kernel is `(x·y / dimensions + 1)^3`. For sets of one distribution 0 is
    expected, so that values a little below 0 occur. It does not depend on how many
    features there are, up to chance.

    Args:
        real: `(count, dimensions)`, arrays or tensors, two rows or more.
        made: `(other_count, dimensions)`.

    Returns:
        A float for arrays; a tensor for tensors.

    Raises:
        ValueError: Arrays of other shapes, NaN or infinity.

    Example:
        >>> kernel_distance(real_features, generated_features)

    Reference:
        Bińkowski et al., "Demystifying MMD GANs" (2018), section 4.
    """
    if not tf.is_tensor(real):
        return float(kernel_distance(*map(tf.constant, _checked(real, made))))

    def mean_within(rows):
        count = tf.cast(tf.shape(rows)[0], rows.dtype)
        kernels = _cubic_kernel(rows, rows)
        sums = tf.reduce_sum(kernels) - tf.linalg.trace(kernels)
        return sums / (count * (count - 1))

    across = tf.reduce_mean(_cubic_kernel(real, made))
    return mean_within(real) + mean_within(made) - 2 * across


def kernel_influence(
    real: np.ndarray, made: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns how much each row pulls at the kernel distance, in first order.

    Args:
        real: Float `(count, dimensions)`.
        made: Float `(other_count, dimensions)`.

    Returns:
        float64 `(count,)` and `(other_count,)`, of mean 0: a row that is drawn twice
        adds its value, divided by the number of rows, to the distance.

    Reference:
        Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 22.6.
    """
    real, made = _checked(real, made)
    across = _cubic_kernel(real, made)

    def centred(rows, to_others):
        kernels = _cubic_kernel(rows, rows)
        within = (kernels.sum(axis=1) - np.diag(kernels)) / (len(rows) - 1)
        pulls = 2 * (within - to_others)
        return pulls - pulls.mean()

    return centred(real, across.mean(axis=1)), centred(made, across.mean(axis=0))


def frechet_distance(real: np.ndarray, made: np.ndarray) -> float:
    """Returns the Fréchet distance of two sets of features taken as Gaussians.

    `|m - m'|² + trace(C + C' - 2 (C C')^½)`; the last trace is the sum of the
    singular values of the product of factors of C and C', so that no square root of
    a matrix of deficient rank is taken. With few rows it is too large: compare only
    distances from as many rows.

    Args:
        real: Float `(count, dimensions)`, two rows or more.
        made: Float `(other_count, dimensions)`.

    Raises:
        ValueError: Other shapes, NaN or infinity.

    Example:
        >>> frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]]))
        9.0

    Reference:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
        Local Nash Equilibrium" (2017), equation 6.
    """
    real, made = _checked(real, made)
    factors = [
        (rows - rows.mean(axis=0)) / np.sqrt(len(rows) - 1) for rows in (real, made)
    ]
    spread = sum(np.sum(factor**2) for factor in factors)
    # Singular values of A'B, where C = A A' and C' = B B'; triangles of at most
    # dimensions by dimensions instead of all rows.
    first, second = (np.linalg.qr(factor, mode="r") for factor in factors)
    product = first @ second.T
    shared = np.linalg.svd(product, compute_uv=False).sum()
    between = np.sum((real.mean(axis=0) - made.mean(axis=0)) ** 2)
    return float(max(0.0, between + spread - 2 * shared))


def frechet_influence(
    real: np.ndarray, made: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns how much each row pulls at the Fréchet distance; see `kernel_influence`.

    Reference:
        Bhatia, Jain and Lim, "On the Bures-Wasserstein Distance between Positive
        Definite Matrices" (2019), for the derivative.
    """
    real, made = _checked(real, made)
    return _frechet_pulls(real, made), _frechet_pulls(made, real)


def _frechet_pulls(rows, others):
    centred, shift = rows - rows.mean(axis=0), rows.mean(axis=0) - others.mean(axis=0)
    root, inverse_root = _roots(np.cov(centred, rowvar=False, ddof=0))
    between, _ = _roots(root @ np.cov(others, rowvar=False, ddof=0) @ root)
    # The linear map that takes the rows' Gaussian to the others'.
    transport = inverse_root @ between @ inverse_root
    spread = np.einsum("ij,ij->i", centred - centred @ transport, centred)
    return 2 * centred @ shift + spread - spread.mean()


def _roots(matrix):
    """Returns the square root of a covariance, and the pseudo-inverse of that."""
    values, vectors = np.linalg.eigh(np.atleast_2d(matrix))
    there = values > 1e-10 * values.max(initial=0.0)
    roots = np.sqrt(values.clip(0.0))
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=there)
    return (vectors * roots) @ vectors.T, (vectors * inverse) @ vectors.T


def _cubic_kernel(rows, others):
    # Of tensors and of arrays.
    transposed = tf.transpose(others) if tf.is_tensor(others) else others.T
    return (rows @ transposed / rows.shape[1] + 1.0) ** 3


def _checked(real, made):
    real, made = np.asarray(real, "float64"), np.asarray(made, "float64")
    for name, rows in (("real", real), ("made", made)):
        if rows.ndim != 2 or len(rows) < 2 or rows.shape[1] != real.shape[1]:
            raise ValueError(
                f"Expected features (count, dimensions), two rows or more of one "
                f"network, got {name} of {rows.shape} beside {real.shape}."
            )
        if not np.isfinite(rows).all():
            raise ValueError(f"The features {name} hold NaN or infinity.")
    return real, made
