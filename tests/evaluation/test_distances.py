import numpy as np
import pytest

from fer_keras.evaluation.distances import (
    frechet_distance_score,
    kernel_distance_score,
)
from fer_keras.evaluation.resampling import drawn_counts
from fer_keras.metrics import frechet_distance, kernel_distance, pairwise


def _normal(count, shift=0.0, seed=0, dimensions=4):
    return np.random.default_rng(seed).normal(shift, 1.0, (count, dimensions))


def _kernel(x, y):
    return (x @ y / len(x) + 1) ** 3


def _mean_over_different(rows, counts):
    pairs = [
        (counts[i] * counts[j], _kernel(rows[i], rows[j]))
        for i in range(len(rows))
        for j in range(len(rows))
        if i != j
    ]
    weights, kernels = np.array(pairs).T
    return np.average(kernels, weights=weights)


def test_kernel_draws_by_brute_force():
    real, generated = _normal(6, seed=1), _normal(5, 0.7, seed=2)
    score = kernel_distance_score(real, generated, resamples=4)
    of_real, of_generated = drawn_counts(6, 4, 0), drawn_counts(5, 4, 1)
    for draw in range(4):
        weights = np.outer(of_real[:, draw], of_generated[:, draw])
        across = np.average(
            [[_kernel(x, y) for y in generated] for x in real], weights=weights
        )
        expected = (
            _mean_over_different(real, of_real[:, draw])
            + _mean_over_different(generated, of_generated[:, draw])
            - 2 * across
        )
        assert score.draws[draw] == pytest.approx(expected)


def test_kernel_estimate_is_the_metric_and_blocks_change_nothing(monkeypatch):
    real, generated = _normal(50, seed=1), _normal(40, 0.5, seed=2)
    whole = kernel_distance_score(real, generated, resamples=10)
    assert whole.estimate == kernel_distance(real, generated)
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 200)
    np.testing.assert_allclose(
        kernel_distance_score(real, generated, resamples=10).draws, whole.draws
    )


def test_kernel_intervals_hold_the_truth_as_often_as_they_say():
    truth = kernel_distance(_normal(1000, seed=1), _normal(1000, 0.5, seed=2))
    hits = 0
    for seed in range(40):
        interval = kernel_distance_score(
            _normal(80, seed=100 + seed), _normal(80, 0.5, seed=300 + seed), 100
        ).interval
        hits += interval.low <= truth <= interval.high
    assert hits / 40 >= 0.85


def test_frechet_draws_spread_as_resamples_computed_in_full():
    real = _normal(400, seed=1) * [1, 2, 0.5, 1]
    generated = _normal(300, 0.4, seed=2)
    score = frechet_distance_score(real, generated, resamples=300)
    of_real, of_generated = drawn_counts(400, 300, 0), drawn_counts(300, 300, 1)
    full = np.array(
        [
            frechet_distance(
                np.repeat(real, of_real[:, draw].astype(int), axis=0),
                np.repeat(generated, of_generated[:, draw].astype(int), axis=0),
            )
            for draw in range(300)
        ]
    )
    assert score.estimate == frechet_distance(real, generated)
    assert score.draws.mean() == pytest.approx(score.estimate, rel=0.02)
    assert score.draws.std() == pytest.approx(full.std(), rel=0.1)
    assert np.corrcoef(score.draws, full)[0, 1] > 0.98
    # What the first order leaves out.
    assert full.mean() > score.estimate


def test_frechet_draws_of_features_that_do_not_fill_their_space():
    flat = np.repeat(_normal(7, seed=3), 20, axis=0) * [1, 1, 0, 0]
    score = frechet_distance_score(_normal(140), flat, resamples=50)
    assert np.isfinite(score.draws).all()
    assert score.interval.low < score.estimate < score.interval.high
    same = frechet_distance_score(np.ones((9, 3)), np.ones((5, 3)), resamples=10)
    assert same.interval == (0, 0, 0)
