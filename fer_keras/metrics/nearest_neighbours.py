"""Nearest training faces: does a generator make faces, or copy them?"""

from typing import NamedTuple

import numpy as np

from fer_keras.metrics.input_checks import check_feature_pair
from fer_keras.metrics.pairwise import row_blocks, squared_distances


class NearestNeighbours(NamedTuple):
    """The nearest reference of each query."""

    indices: np.ndarray
    """int64 `(query_count,)`: which reference row it is."""
    distances: np.ndarray
    """float64 `(query_count,)`: its Euclidean distance."""


class MemorisationScore(NamedTuple):
    """How generated faces lie to the training faces against how unseen ones do."""

    distance_ratio: float
    """Median distance of the generated divided by that of the held-out faces: near 1
    for fresh faces, near 0 for copies."""
    closer_probability: float
    """The chance that a generated face lies closer to the training faces than a
    held-out face does (ties half): 0.5 for fresh faces, 1 for copies."""


def nearest_neighbours(queries, references) -> NearestNeighbours:
    """Returns which reference lies nearest to each query, and how far.

    Of references at the same distance the first is taken; an exact copy has
    distance exactly 0. Memory does not grow with the product of the sizes.

    Args:
        queries: Float `(query_count, dimensions)`: features, or pixels in rows.
        references: Float `(reference_count, dimensions)`.

    Raises:
        ValueError: Other shapes, NaN or infinity.

    Example:
        >>> nearest_neighbours([[0.0, 0.0]], [[9.0, 9.0], [3.0, 4.0]])
        NearestNeighbours(indices=array([1]), distances=array([5.]))
    """
    queries, references = check_feature_pair(
        "queries", queries, "references", references
    )
    # Distances are differences of squares: centring keeps their digits.
    centre = references.mean(axis=0)
    centred = references - centre
    indices = np.empty(len(queries), "int64")
    for block in row_blocks(len(queries), len(references)):
        indices[block] = squared_distances(queries[block] - centre, centred).argmin(
            axis=1
        )
    distances = np.empty(len(queries))
    for block in row_blocks(len(queries), queries.shape[1]):
        offsets = queries[block] - references[indices[block]]
        distances[block] = np.linalg.norm(offsets, axis=1)
    return NearestNeighbours(indices, distances)


def nearest_neighbour_distances(queries, references) -> np.ndarray:
    """Returns each query's Euclidean distance to its nearest reference.

    Args:
        queries: Float `(query_count, dimensions)`.
        references: Float `(reference_count, dimensions)`.

    Returns:
        float64 `(query_count,)`, 0 or more.

    Raises:
        ValueError: Other shapes, NaN or infinity.

    Example:
        >>> nearest_neighbour_distances([[1.0], [7.0]], [[0.0], [5.0]])
        array([1., 2.])
    """
    return nearest_neighbours(queries, references).distances


def memorisation_score(generated_distances, heldout_distances) -> MemorisationScore:
    """Returns whether generated faces lie suspiciously close to the training faces.

    Held-out real faces set the measure: they are as close to the training faces as
    faces can be that were not learnt by heart. Smooth or average-looking faces also
    lie close to everything, so a high score asks for a look at the pairs, and a
    score below 0.5 may hide a few copies: look at the smallest distances too.

    Args:
        generated_distances: Float `(generated_count,)`, from generated faces to
            their nearest training faces (`nearest_neighbour_distances`).
        heldout_distances: Float `(heldout_count,)`, from held-out real faces to
            theirs, in the same feature space and to the same training faces.

    Raises:
        ValueError: Not such arrays, empty, or holding negatives, NaN or infinity.

    Example:
        >>> memorisation_score([1.0, 1.0], [2.0, 4.0])
        MemorisationScore(distance_ratio=0.3333333333333333, closer_probability=1.0)

    Reference:
        Meehan, Chaudhuri, Dasgupta, "A Non-Parametric Test to Detect Data-Copying
        in Generative Models" (2020), section 4: the Mann-Whitney statistic of the
        two sets of distances, here as a probability and over the whole space.
    """
    generated = _checked_distances("generated_distances", generated_distances)
    heldout = np.sort(_checked_distances("heldout_distances", heldout_distances))
    not_farther = np.searchsorted(heldout, generated, side="right")
    nearer = np.searchsorted(heldout, generated, side="left")
    ties = not_farther - nearer
    wins = len(heldout) - not_farther + ties / 2
    median = np.median(heldout)
    ratio = np.median(generated) / median if median > 0 else np.nan
    return MemorisationScore(float(ratio), float(np.mean(wins) / len(heldout)))


def _checked_distances(name: str, distances) -> np.ndarray:
    distances = np.asarray(distances, "float64")
    if distances.ndim != 1 or len(distances) == 0:
        raise ValueError(
            f"{name} must have shape (count,) with one or more, got {distances.shape}."
        )
    if not np.isfinite(distances).all() or (distances < 0).any():
        raise ValueError(f"{name} must be finite and 0 or more.")
    return distances
