import numpy as np
import pytest
import scipy.stats

from fer_keras.metrics import (
    bootstrap_difference,
    bootstrap_mean,
    bootstrap_statistic,
)


def test_by_hand_with_every_draw_known():
    # Two images of 0 and 1: draws have means 0, 0.5 and 1 with chances 1/4, 1/2, 1/4.
    assert bootstrap_mean([0.0, 1.0]) == (0.5, 0.0, 1.0)
    assert bootstrap_mean([0.0, 1.0], confidence=0.4) == (0.5, 0.5, 0.5)


def test_equals_scipys_percentile_interval():
    values = np.random.default_rng(0).exponential(size=80)
    ours = bootstrap_mean(values, resamples=4000)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=1
    ).confidence_interval
    assert ours.estimate == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.02)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    covered = 0
    for seed in range(200):
        values = np.random.default_rng(seed).uniform(size=60)
        interval = bootstrap_mean(values, resamples=300, seed=seed)
        covered += interval.low <= 0.5 <= interval.high
    assert 178 <= covered <= 199


def test_a_row_of_edits_is_drawn_whole():
    # Each face's six edits agree, so they are one piece of evidence, not six.
    faces = np.random.default_rng(0).uniform(size=50) < 0.5
    edits = np.repeat(faces[:, None], 6, axis=1)
    assert bootstrap_mean(edits) == bootstrap_mean(faces)
    apart = bootstrap_mean(edits.ravel())
    whole = bootstrap_mean(edits)
    assert whole.high - whole.low > 2 * (apart.high - apart.low)


def test_a_general_statistic_gets_indices_and_may_return_an_array():
    values = np.random.default_rng(0).normal(size=(40, 2))
    interval = bootstrap_statistic(lambda rows: values[rows].mean(axis=0), 40)
    for column in range(2):
        alone = bootstrap_mean(values[:, column])
        assert interval.low[column] == pytest.approx(alone.low)
        assert interval.high[column] == pytest.approx(alone.high)
    median = bootstrap_statistic(lambda rows: np.median(values[rows, 0]), 40)
    assert median.low <= median.estimate == np.median(values[:, 0]) <= median.high


def test_pairing_takes_out_what_both_models_share():
    random = np.random.default_rng(0)
    difficulty = random.normal(0, 5, 100)
    values_a = difficulty + random.normal(0.5, 0.2, 100)
    values_b = difficulty + random.normal(0.0, 0.2, 100)
    paired = bootstrap_difference(values_a, values_b)
    assert 0.4 < paired.low < paired.estimate < paired.high < 0.6
    assert paired.estimate == pytest.approx(values_a.mean() - values_b.mean())
    assert bootstrap_mean(values_a).low < bootstrap_mean(values_b).high
    other_way = bootstrap_difference(values_b, values_a)
    assert other_way.low == pytest.approx(-paired.high)
    by_statistic = bootstrap_statistic(
        lambda rows: values_a[rows].mean() - values_b[rows].mean(), 100
    )
    assert by_statistic == pytest.approx(paired)


def test_equal_models_do_not_differ():
    values = np.random.default_rng(0).normal(size=(30, 6))
    assert bootstrap_difference(values, values) == (0, 0, 0)


def test_the_seed_fixes_the_draws():
    values = np.random.default_rng(0).normal(size=30)
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)


def test_errors():
    with pytest.raises(ValueError, match="leave those images out"):
        bootstrap_mean([1.0, np.inf])
    with pytest.raises(ValueError, match=r"shape \(count,\)"):
        bootstrap_mean([])
    with pytest.raises(ValueError, match="same images, got 3 and 2"):
        bootstrap_difference([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="confidence"):
        bootstrap_mean([1.0, 2.0], confidence=95)
    with pytest.raises(ValueError, match="1 or more images and resamples"):
        bootstrap_statistic(np.mean, 0)
