import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from fer_keras.metrics import feature_cosine


def test_by_hand():
    cosines = feature_cosine(
        [[1, 0], [3, 4], [1, 1], [0, 0]], [[-2, 0], [4, 3], [1, 0], [1, 1]]
    )
    assert cosines == pytest.approx([-1.0, 24 / 25, np.sqrt(0.5), 0.0])


def test_equals_scikit_learns_diagonal():
    first, second = np.random.default_rng(0).normal(size=(2, 30, 8))
    np.testing.assert_allclose(
        feature_cosine(first, second), np.diag(cosine_similarity(first, second))
    )


def test_rows_must_belong_together():
    with pytest.raises(ValueError, match="features_a: 2, features_b: 3"):
        feature_cosine(np.ones((2, 4)), np.ones((3, 4)))
