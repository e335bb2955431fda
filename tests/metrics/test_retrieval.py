import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from fer_keras.metrics import pairwise, rank_k, retrieval_ranks


def test_by_hand():
    gallery = [[1, 0], [0, 1], [1, 1]]
    queries = [[5, 1], [5, 1], [5, 1], [-1, 3]]
    # Cosines of (5, 1) rise from row 1 over row 2 to row 0.
    ranks = retrieval_ranks(queries, gallery, [0, 1, 2, 1])
    assert ranks.tolist() == [1, 3, 2, 1]
    assert rank_k(queries, gallery, [0, 1, 2, 1], k=1) == 0.5
    assert rank_k(queries, gallery, [0, 1, 2, 1], k=2) == 0.75


@pytest.mark.parametrize("block", [2**20, 90])
def test_equals_sorting_scikit_learns_cosines(monkeypatch, block):
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", block)
    random = np.random.default_rng(0)
    gallery = random.normal(size=(40, 6))
    truth = random.integers(40, size=60)
    queries = gallery[truth] + random.normal(size=(60, 6))
    order = np.argsort(-cosine_similarity(queries, gallery), axis=1)
    expected = (order == truth[:, None]).argmax(axis=1) + 1
    np.testing.assert_array_equal(retrieval_ranks(queries, gallery, truth), expected)
    assert 1 < expected.mean() < 20


def test_length_does_not_count():
    random = np.random.default_rng(0)
    gallery = random.normal(size=(20, 6))
    scaled = gallery * random.uniform(0.1, 9, (20, 1))
    assert rank_k(gallery, scaled, np.arange(20)) == 1.0


def test_ties_go_against_the_model():
    copies = [[1.0, 2.0], [1.0, 2.0], [3.0, -1.0]]
    assert retrieval_ranks([[1.0, 2.0]], copies, [0]).tolist() == [2]
    assert retrieval_ranks([[1.0, 2.0]], copies, [1]).tolist() == [2]


def test_rounding_of_float32_features_counts_as_a_tie():
    row = np.random.default_rng(0).normal(size=128).astype("float32")
    gallery = np.stack([row, row * np.float32(1 + 1e-6) + np.float32(1e-7)])
    assert retrieval_ranks(row[None], gallery, [0]).tolist() == [2]


def test_features_that_collapse_rank_last():
    assert (
        retrieval_ranks(np.ones((3, 4)), np.ones((9, 4)), [0, 4, 8]).tolist() == [9] * 3
    )
    assert rank_k(np.zeros((3, 4)), np.eye(4), [0, 1, 2], k=3) == 0.0


def test_errors():
    with pytest.raises(ValueError, match="k must be 1 or more"):
        rank_k(np.ones((1, 2)), np.ones((1, 2)), [0], k=0)
    with pytest.raises(ValueError, match="2 integers, one for each query"):
        retrieval_ranks(np.ones((2, 3)), np.ones((4, 3)), [0])
    with pytest.raises(ValueError, match="2 integers"):
        retrieval_ranks(np.ones((2, 3)), np.ones((4, 3)), [0.0, 1.0])
    with pytest.raises(ValueError, match="rows 0 to 3, got 0 to 4"):
        retrieval_ranks(np.ones((2, 3)), np.ones((4, 3)), [0, 4])
