import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from fer_keras.metrics import density_and_coverage, pairwise


def _normal(count, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(shift, 1.0, (count, 6))


def _by_scikit_learn(real, generated, nearest):
    neighbours = NearestNeighbors(n_neighbors=nearest).fit(real)
    radii = neighbours.kneighbors()[0][:, -1]
    distances = pairwise_distances(real, generated)
    density = (distances < radii[:, None]).sum(axis=0).mean() / nearest
    return density, (distances.min(axis=1) < radii).mean()


def test_by_hand():
    # Radii of 0, 1, 3 and 10 are 1, 1, 2 and 7. 0.5 lies in the first two balls,
    # 2.5 in the third, 4 in the third and the fourth.
    scores = density_and_coverage([[0], [1], [3], [10]], [[0.5], [2.5], [4]], nearest=1)
    assert scores == (pytest.approx(5 / 3), 1.0)


def test_by_hand_with_the_second_neighbour():
    # Radii of 0, 1 and 3 are 3, 2 and 3; 2.5 lies in all, 5.5 in the last alone.
    scores = density_and_coverage([[0], [1], [3]], [[2.5], [5.5]], nearest=2)
    assert scores.density == pytest.approx(4 / (2 * 2))
    assert scores.coverage == 1.0


def test_a_point_on_the_surface_is_outside():
    # Radii 2: the point 2 is another real point's distance away from 0.
    assert density_and_coverage([[0.0], [2.0]], [[4.0]], nearest=1) == (0.0, 0.0)


@pytest.mark.parametrize("nearest", [1, 5])
def test_equals_scikit_learns_neighbours(nearest):
    real, generated = _normal(120, seed=1), _normal(90, shift=0.4, seed=2)
    assert density_and_coverage(real, generated, nearest) == pytest.approx(
        _by_scikit_learn(real, generated, nearest)
    )


def test_blocks_change_nothing(monkeypatch):
    real, generated = _normal(50, seed=1), _normal(40, seed=2)
    whole = density_and_coverage(real, generated)
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 200)
    assert density_and_coverage(real, generated) == whole


def test_equal_distributions_come_near_what_the_paper_expects():
    scores = [
        density_and_coverage(_normal(300, seed=seed), _normal(300, seed=99 + seed))
        for seed in range(10)
    ]
    density, coverage = np.mean(scores, axis=0)
    assert density == pytest.approx(1.0, abs=0.05)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.02)


def test_a_collapsed_generator_is_dense_and_covers_little():
    real = _normal(200, seed=1)
    centre = np.full((200, 6), real.mean(axis=0)) + _normal(200, seed=2) * 1e-3
    scores = density_and_coverage(real, centre)
    assert scores.density > 1.5
    assert scores.coverage < 0.3


def test_far_from_the_origin_nothing_changes():
    real, generated = _normal(50, seed=1), _normal(40, seed=2)
    assert density_and_coverage(real + 1e6, generated + 1e6) == pytest.approx(
        density_and_coverage(real, generated)
    )


def test_too_few_real_rows_for_the_neighbour_asked():
    with pytest.raises(ValueError, match=r"less one \(4\), got 5"):
        density_and_coverage(_normal(5), _normal(9))
    with pytest.raises(ValueError, match="got 0"):
        density_and_coverage(_normal(5), _normal(9), nearest=0)
