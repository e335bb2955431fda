import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from fer_keras.metrics import pairwise


def test_blocks_cover_every_row_once_and_stay_within_the_budget(monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 10)
    blocks = list(pairwise.row_blocks(8, 3))
    assert [(block.start, block.stop) for block in blocks] == [(0, 3), (3, 6), (6, 8)]


def test_a_row_wider_than_the_budget_still_goes_through(monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 10)
    assert len(list(pairwise.row_blocks(3, 100))) == 3


def test_squared_distances_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    rows_a, rows_b = random.normal(size=(5, 4)), random.normal(size=(7, 4))
    np.testing.assert_allclose(
        pairwise.squared_distances(rows_a, rows_b),
        pairwise_distances(rows_a, rows_b, metric="sqeuclidean"),
    )


def test_squared_distances_of_equal_rows_are_never_negative():
    rows = np.random.default_rng(0).normal(size=(50, 9)) * 1e3
    assert pairwise.squared_distances(rows, rows).min() >= 0


def test_unit_rows_by_hand():
    rows = pairwise.unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert rows == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))
