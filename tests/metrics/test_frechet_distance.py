import numpy as np
import pytest
from scipy.linalg import sqrtm

from fer_keras.metrics import (
    FeatureStatistics,
    frechet_distance,
    frechet_distance_from_statistics,
)


def _mixed(count, dimensions, seed):
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(dimensions, dimensions))
    return random.normal(size=(count, dimensions)) @ mixing + random.normal(
        size=dimensions
    )


def _by_scipy(rows_a, rows_b):
    covariance_a, covariance_b = np.cov(rows_a.T), np.cov(rows_b.T)
    root = np.real(sqrtm(covariance_a @ covariance_b))
    shift = rows_a.mean(axis=0) - rows_b.mean(axis=0)
    return shift @ shift + np.trace(covariance_a + covariance_b - 2 * root)


def test_by_hand_in_one_dimension():
    # Means 1 and 5, variances 2 and 8: 16 + (sqrt(8) - sqrt(2))^2 = 18.
    assert frechet_distance([[0.0], [2.0]], [[3.0], [7.0]]) == pytest.approx(18.0)


def test_by_hand_with_diagonal_covariances():
    # 3^2 + 4^2 + (2 - 1)^2 + (3 - 5)^2 = 30.
    distance = frechet_distance_from_statistics(
        [0.0, 0.0], np.diag([4.0, 9.0]), [3.0, 4.0], np.diag([1.0, 25.0])
    )
    assert distance == pytest.approx(30.0)


def test_by_hand_with_covariances_that_do_not_commute():
    # Rank one each, along (1, 0) and (1, 1): trace of the root is |<u, v>| = 1.
    covariance_a = np.outer([1.0, 0.0], [1.0, 0.0])
    covariance_b = np.outer([1.0, 1.0], [1.0, 1.0])
    distance = frechet_distance_from_statistics(
        [0, 0], covariance_a, [0, 0], covariance_b
    )
    assert distance == pytest.approx(1 + 2 - 2 * 1)


def test_equals_scipys_matrix_square_root():
    rows_a, rows_b = _mixed(200, 12, seed=0), _mixed(150, 12, seed=1)
    assert frechet_distance(rows_a, rows_b) == pytest.approx(
        _by_scipy(rows_a, rows_b), rel=1e-9
    )


def test_fewer_rows_than_dimensions_is_exact():
    # Each set spans its own axes, so the roots' trace is 0 and all spread counts.
    random = np.random.default_rng(0)
    rows_a, rows_b = np.zeros((4, 40)), np.zeros((5, 40))
    rows_a[:, :20] = random.normal(size=(4, 20))
    rows_b[:, 20:] = random.normal(size=(5, 20))
    expected = (
        np.sum((rows_a.mean(axis=0) - rows_b.mean(axis=0)) ** 2)
        + rows_a.var(axis=0, ddof=1).sum()
        + rows_b.var(axis=0, ddof=1).sum()
    )
    assert frechet_distance(rows_a, rows_b) == pytest.approx(expected, rel=1e-10)


def test_is_zero_for_itself_even_when_rank_is_deficient():
    rows = _mixed(6, 30, seed=0)
    scale = np.trace(np.cov(rows.T))
    assert 0 <= frechet_distance(rows, rows) < 1e-10 * scale


def test_is_symmetric_and_does_not_see_a_common_rotation():
    rows_a, rows_b = _mixed(50, 6, seed=0), _mixed(60, 6, seed=1)
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))
    distance = frechet_distance(rows_a, rows_b)
    assert frechet_distance(rows_b, rows_a) == pytest.approx(distance)
    assert frechet_distance(rows_a @ turn, rows_b @ turn) == pytest.approx(distance)


def test_kept_statistics_give_what_the_features_gave():
    rows_a, rows_b = _mixed(50, 6, seed=0), _mixed(60, 6, seed=1)
    streamed = FeatureStatistics().update(rows_a[:20]).update(rows_a[20:])
    assert frechet_distance_from_statistics(
        streamed.mean.astype("float32"),
        streamed.covariance.astype("float32"),
        rows_b.mean(axis=0),
        np.cov(rows_b.T),
    ) == pytest.approx(frechet_distance(rows_a, rows_b), rel=1e-5)


def test_errors_name_the_cause():
    with pytest.raises(ValueError, match="2 or more rows"):
        frechet_distance(np.zeros((1, 3)), np.zeros((5, 3)))
    with pytest.raises(ValueError, match="positive semi-definite"):
        frechet_distance_from_statistics([0, 0], np.diag([1, -1]), [0, 0], np.eye(2))
    with pytest.raises(ValueError, match="positive semi-definite"):
        frechet_distance_from_statistics(
            [0, 0], [[1.0, 0.5], [0.0, 1.0]], [0, 0], np.eye(2)
        )
    with pytest.raises(ValueError, match="Expected mean_b"):
        frechet_distance_from_statistics([0, 0], np.eye(2), [0, 0], np.eye(3))
    with pytest.raises(ValueError, match="2 and 3 dimensions"):
        frechet_distance_from_statistics([0, 0], np.eye(2), [0, 0, 0], np.eye(3))
    with pytest.raises(ValueError, match="NaN"):
        frechet_distance_from_statistics([0, np.nan], np.eye(2), [0, 0], np.eye(2))
