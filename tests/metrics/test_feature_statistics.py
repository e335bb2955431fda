import numpy as np
import pytest

from fer_keras.metrics import FeatureStatistics


def _rows(count=101, dimensions=5, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(count, dimensions)) @ random.normal(
        size=(dimensions,) * 2
    )


def _assert_statistics_of(statistics, rows, tolerance=1e-10):
    assert statistics.count == len(rows)
    np.testing.assert_allclose(statistics.mean, rows.mean(axis=0), rtol=tolerance)
    np.testing.assert_allclose(
        statistics.covariance, np.cov(rows, rowvar=False), rtol=tolerance, atol=1e-12
    )


@pytest.mark.parametrize("batch", [1, 7, 101])
def test_batches_give_the_statistics_of_the_whole(batch):
    rows = _rows()
    statistics = FeatureStatistics()
    for start in range(0, len(rows), batch):
        statistics.update(rows[start : start + batch])
    _assert_statistics_of(statistics, rows)


def test_no_digits_are_lost_far_from_the_origin():
    rows = _rows() + 1e7
    statistics = FeatureStatistics()
    for start in range(0, len(rows), 10):
        statistics.update(rows[start : start + 10])
    naive = (rows.T @ rows - len(rows) * np.outer(rows.mean(0), rows.mean(0))) / 100
    truth = np.cov(rows, rowvar=False)
    np.testing.assert_allclose(statistics.covariance, truth, rtol=1e-6)
    assert not np.allclose(naive, truth, rtol=1e-2)


def test_merging_two_halves_gives_the_whole_and_leaves_the_other_alone():
    rows = _rows()
    first = FeatureStatistics().update(rows[:30])
    second = FeatureStatistics().update(rows[30:])
    _assert_statistics_of(FeatureStatistics().merge(first).merge(second), rows)
    _assert_statistics_of(first, rows[:30])
    _assert_statistics_of(second, rows[30:])
    assert first.merge(FeatureStatistics()).count == 30


def test_kept_statistics_go_on_as_if_never_put_away():
    rows = _rows()
    kept = FeatureStatistics().update(rows[:40])
    again = FeatureStatistics(kept.count, kept.mean, kept.covariance)
    _assert_statistics_of(again.update(rows[40:]), rows)


def test_what_comes_out_is_the_callers_own():
    statistics = FeatureStatistics().update(_rows())
    statistics.mean[:] = 0
    assert statistics.mean.any()


def test_errors_say_what_is_missing():
    statistics = FeatureStatistics()
    with pytest.raises(ValueError, match="1 or more rows"):
        _ = statistics.mean
    statistics.update(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="2 or more rows .* saw 1"):
        _ = statistics.covariance
    with pytest.raises(ValueError, match="3 dimensions as before, got 4"):
        statistics.update(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="together, or none"):
        FeatureStatistics(count=3, mean=np.zeros(2))
    with pytest.raises(ValueError, match="Expected a mean"):
        FeatureStatistics(3, np.zeros(2), np.zeros((3, 3)))
