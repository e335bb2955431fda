import numpy as np
import pytest

from fer_keras.evaluation.resampling import ResampledScore, drawn_counts, resample
from fer_keras.metrics import bootstrap_difference, bootstrap_mean


def _of_means(values, **options):
    return resample(
        ("mean",), lambda rows: (values[rows].mean(),), len(values), **options
    )["mean"]


def test_intervals_are_those_of_the_bootstrap():
    values = np.random.default_rng(0).normal(size=40)
    assert _of_means(values, resamples=200).interval == pytest.approx(
        bootstrap_mean(values, resamples=200)
    )


def test_a_difference_is_paired():
    random = np.random.default_rng(1)
    first = random.normal(size=40)
    second = first + random.normal(0.5, 0.01, size=40)
    scores = [_of_means(values, resamples=200) for values in (second, first)]
    difference = scores[0].minus(scores[1]).interval
    assert difference == pytest.approx(
        bootstrap_difference(second, first, resamples=200)
    )
    assert difference.high - difference.low < 0.02


def test_several_scores_see_the_same_draws():
    values = np.arange(10.0)
    found = resample(
        ("mean", "twice"),
        lambda rows: (values[rows].mean(), 2 * values[rows].mean()),
        10,
        resamples=20,
    )
    np.testing.assert_allclose(found["twice"].draws, 2 * found["mean"].draws)


def test_counts_are_the_same_draws_as_rows():
    rows = []
    resample(("none",), lambda drawn: rows.append(drawn) or (0.0,), 9, 5, seed=3)
    expected = [np.bincount(drawn, minlength=9) for drawn in rows[:5]]
    np.testing.assert_array_equal(drawn_counts(9, 5, 3).T, expected)


def test_scores_with_other_draws_are_not_paired():
    with pytest.raises(ValueError, match="got 3 and 2"):
        ResampledScore(0.0, np.zeros(3)).minus(ResampledScore(0.0, np.zeros(2)))
