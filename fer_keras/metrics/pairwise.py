"""Every row of one array against every row of another, a bounded block at a time."""

from collections.abc import Iterator

import numpy as np

BLOCK_ELEMENTS = 2**22
"""The most float64 elements of a block: 32 MiB, whatever the sizes of the sets."""


def row_blocks(rows: int, elements_per_row: int) -> Iterator[slice]:
    """Yields slices over `rows` whose blocks stay within `BLOCK_ELEMENTS`.

    Args:
        rows: How many rows there are to go through.
        elements_per_row: How many elements the caller makes for each of them.
    """
    step = max(1, BLOCK_ELEMENTS // max(1, elements_per_row))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def squared_distances(rows_a: np.ndarray, rows_b: np.ndarray) -> np.ndarray:
    """Returns squared Euclidean distances, float64 `(len(rows_a), len(rows_b))`.

    By `|a|^2 + |b|^2 - 2ab`, one matrix product: accurate to about 1e-15 of the
    squared norms, so centre features that lie far from the origin first.
    """
    distances = rows_a @ rows_b.T
    distances *= -2.0
    distances += np.einsum("ij,ij->i", rows_a, rows_a)[:, None]
    distances += np.einsum("ij,ij->i", rows_b, rows_b)
    return np.maximum(distances, 0.0, out=distances)


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Returns each row divided by its Euclidean norm; rows of zeros stay zeros."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.where(norms > 0, norms, 1.0)
