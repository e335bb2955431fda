"""Cosine between the features of an image and of its reconstruction."""

import numpy as np

from fer_keras.metrics.input_checks import check_feature_pair, check_same_length
from fer_keras.metrics.pairwise import unit_rows


def feature_cosine(features_a, features_b) -> np.ndarray:
    """Returns the cosine of each row of one array with the same row of the other.

    Args:
        features_a: Float `(count, dimensions)`.
        features_b: Float, the same shape.

    Returns:
        float64 `(count,)` from -1 to 1; 0 where either row is all zeros.

    Raises:
        ValueError: Shapes disagree, NaN or infinity.

    Example:
        >>> feature_cosine([[1.0, 0.0], [3.0, 4.0]], [[0.0, 2.0], [6.0, 8.0]])
        array([0., 1.])
    """
    features_a, features_b = check_feature_pair(
        "features_a", features_a, "features_b", features_b
    )
    check_same_length(features_a=features_a, features_b=features_b)
    return np.einsum("ij,ij->i", unit_rows(features_a), unit_rows(features_b))
