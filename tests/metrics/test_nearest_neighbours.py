import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from fer_keras.metrics import (
    memorisation_score,
    nearest_neighbour_distances,
    nearest_neighbours,
    pairwise,
)


def _normal(count, seed):
    return np.random.default_rng(seed).normal(size=(count, 10))


def test_by_hand():
    found = nearest_neighbours([[0, 0], [6, 8]], [[9, 9], [3, 4], [6, 7]])
    assert found.indices.tolist() == [1, 2]
    assert found.distances == pytest.approx([5.0, 1.0])


@pytest.mark.parametrize("block", [2**20, 100])
def test_equals_scikit_learn(monkeypatch, block):
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", block)
    queries, references = _normal(40, 1), _normal(70, 2)
    distances, indices = (
        NearestNeighbors(n_neighbors=1).fit(references).kneighbors(queries)
    )
    found = nearest_neighbours(queries, references)
    np.testing.assert_array_equal(found.indices, indices[:, 0])
    np.testing.assert_allclose(found.distances, distances[:, 0])
    np.testing.assert_array_equal(
        nearest_neighbour_distances(queries, references), found.distances
    )


def test_a_copy_has_distance_exactly_zero_even_far_from_the_origin():
    references = _normal(50, 1) + 1e5
    assert (nearest_neighbour_distances(references[::3], references) == 0).all()


def test_memorisation_by_hand():
    # Of 3 x 2 pairs (generated, held out) the generated is nearer in (1, 2), (1, 4)
    # and (2, 4), ties in (2, 2): 3.5 / 6. Medians 2 and 3.
    score = memorisation_score([1.0, 2.0, 5.0], [4.0, 2.0])
    assert score.closer_probability == pytest.approx(3.5 / 6)
    assert score.distance_ratio == pytest.approx(2 / 3)


def test_memorisation_equals_scikit_learns_area():
    random = np.random.default_rng(0)
    generated, heldout = random.integers(0, 9, 80), random.integers(2, 12, 60)
    area = roc_auc_score(
        np.repeat([0, 1], [80, 60]), np.concatenate([generated, heldout])
    )
    assert memorisation_score(generated, heldout).closer_probability == pytest.approx(
        area
    )


def test_copies_are_caught_and_fresh_samples_are_not():
    train, heldout, fresh = _normal(300, 1), _normal(300, 2), _normal(300, 3)
    unseen = nearest_neighbour_distances(heldout, train)
    copies = train + 0.01 * fresh
    caught = memorisation_score(nearest_neighbour_distances(copies, train), unseen)
    assert caught.closer_probability > 0.99
    assert caught.distance_ratio < 0.05
    honest = memorisation_score(nearest_neighbour_distances(fresh, train), unseen)
    assert honest.closer_probability == pytest.approx(0.5, abs=0.06)
    assert honest.distance_ratio == pytest.approx(1.0, abs=0.06)


def test_heldout_faces_that_are_all_copies_leave_no_ratio():
    score = memorisation_score([1.0], [0.0, 0.0])
    assert np.isnan(score.distance_ratio)
    assert score.closer_probability == 0


def test_errors():
    with pytest.raises(ValueError, match="heldout_distances must have shape"):
        memorisation_score([1.0], [])
    with pytest.raises(ValueError, match="generated_distances must be finite"):
        memorisation_score([-1.0], [1.0])
    with pytest.raises(ValueError, match="the same network"):
        nearest_neighbours(np.ones((2, 3)), np.ones((2, 4)))
