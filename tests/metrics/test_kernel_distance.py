import tracemalloc

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from fer_keras.metrics import (
    kernel_distance,
    kernel_distance_over_subsets,
    pairwise,
)


def _normal(count, dimensions=8, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(shift, 1.0, (count, dimensions))


def _by_pairs(rows_a, rows_b):
    def kernel(x, y):
        return (x @ y / len(x) + 1) ** 3

    def within(rows):
        pairs = [
            kernel(rows[i], rows[j])
            for i in range(len(rows))
            for j in range(len(rows))
            if i != j
        ]
        return np.mean(pairs)

    across = np.mean([kernel(x, y) for x in rows_a for y in rows_b])
    return within(rows_a) + within(rows_b) - 2 * across


def test_by_hand():
    # Kernel values: within a (1*2+1)^3 = 27, within b (0*3+1)^3 = 1,
    # across 1, 4^3, 1, 7^3, whose mean is 409 / 4.
    distance = kernel_distance([[1.0], [2.0]], [[0.0], [3.0]])
    assert distance == pytest.approx(27 + 1 - 2 * 409 / 4)


def test_by_hand_in_two_dimensions_divides_by_their_number():
    # All rows of a are (2, 2), of b (0, 0): (8 / 2 + 1)^3 + 1 - 2.
    assert kernel_distance(np.full((3, 2), 2.0), np.zeros((4, 2))) == pytest.approx(124)


def test_equals_a_loop_over_pairs_for_sides_of_different_size():
    rows_a, rows_b = _normal(9, seed=1), _normal(7, shift=0.5, seed=2)
    assert kernel_distance(rows_a, rows_b) == pytest.approx(_by_pairs(rows_a, rows_b))


def test_equals_scikit_learns_kernel():
    rows_a, rows_b = _normal(60, seed=1), _normal(50, shift=0.5, seed=2)
    within_a = polynomial_kernel(rows_a, degree=3, coef0=1)
    within_b = polynomial_kernel(rows_b, degree=3, coef0=1)
    np.fill_diagonal(within_a, 0)
    np.fill_diagonal(within_b, 0)
    across = polynomial_kernel(rows_a, rows_b, degree=3, coef0=1)
    expected = (
        within_a.sum() / (60 * 59) + within_b.sum() / (50 * 49) - 2 * across.mean()
    )
    assert kernel_distance(rows_a, rows_b) == pytest.approx(expected)


def test_is_unbiased_where_the_plain_mean_over_pairs_is_not():
    distances = [
        kernel_distance(_normal(10, seed=seed), _normal(10, seed=1000 + seed))
        for seed in range(400)
    ]
    error = np.std(distances) / np.sqrt(len(distances))
    assert abs(np.mean(distances)) < 3 * error
    assert min(distances) < 0


def test_blocks_change_nothing_and_bound_the_memory(monkeypatch):
    rows_a, rows_b = _normal(1500, seed=1), _normal(1400, shift=0.1, seed=2)
    whole = kernel_distance(rows_a, rows_b)
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 2**14)
    tracemalloc.start()
    in_blocks = kernel_distance(rows_a, rows_b)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert in_blocks == pytest.approx(whole, rel=1e-9)
    assert peak < 2**20 < 1500 * 1400 * 8


def test_subsets_of_everything_are_the_whole_estimate():
    rows_a, rows_b = _normal(20, seed=1), _normal(20, shift=0.5, seed=2)
    over_subsets = kernel_distance_over_subsets(rows_a, rows_b, 3, subset_size=20)
    assert over_subsets.mean == pytest.approx(kernel_distance(rows_a, rows_b))
    assert over_subsets.deviation == pytest.approx(0, abs=1e-12)


def test_subsets_agree_with_the_whole_and_tell_their_spread():
    rows_a, rows_b = _normal(300, seed=1), _normal(300, shift=0.5, seed=2)
    over_subsets = kernel_distance_over_subsets(rows_a, rows_b, 200, subset_size=60)
    error = over_subsets.deviation / np.sqrt(200)
    assert error > 0
    assert abs(over_subsets.mean - kernel_distance(rows_a, rows_b)) < 4 * error
    larger = kernel_distance_over_subsets(rows_a, rows_b, 200, subset_size=200)
    assert larger.deviation < over_subsets.deviation


def test_the_seed_fixes_the_subsets():
    rows_a, rows_b = _normal(40, seed=1), _normal(40, seed=2)
    first = kernel_distance_over_subsets(rows_a, rows_b, 5, 10, seed=3)
    assert first == kernel_distance_over_subsets(rows_a, rows_b, 5, 10, seed=3)
    assert first != kernel_distance_over_subsets(rows_a, rows_b, 5, 10, seed=4)


def test_errors_say_how_large_a_subset_may_be():
    with pytest.raises(ValueError, match="smaller side's 30 rows, got 1000"):
        kernel_distance_over_subsets(_normal(30), _normal(50))
    with pytest.raises(ValueError, match="subsets must be 1 or more"):
        kernel_distance_over_subsets(_normal(30), _normal(50), 0, 10)
    with pytest.raises(ValueError, match="2 or more rows"):
        kernel_distance(_normal(1), _normal(50))
