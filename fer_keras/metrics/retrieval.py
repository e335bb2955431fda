"""Is the person still there? The source face found again among all faces."""

import numpy as np

from fer_keras.metrics.input_checks import check_feature_pair
from fer_keras.metrics.pairwise import row_blocks, unit_rows

_TIE = 1e-6


def retrieval_ranks(query_features, gallery_features, truth_index) -> np.ndarray:
    """Returns at which rank each query's true gallery row comes, by cosine.

    Ties are counted against the model: the rank is the number of gallery rows whose
    cosine is at least the true row's less 1e-6 (what float32 features of the same
    image differ by from batch to batch), the true row among them. Features that all
    collapse to one therefore rank last, not first. A row of zeros has cosine 0 to
    everything. Memory does not grow with the product of the sizes.

    Args:
        query_features: Float `(query_count, dimensions)`, of the edited faces.
        gallery_features: Float `(gallery_count, dimensions)`, of all real faces.
        truth_index: Integer `(query_count,)`, the gallery row of each query's source.

    Returns:
        int64 `(query_count,)` from 1 (found first) to `gallery_count`.

    Raises:
        ValueError: Other shapes, an index out of range, NaN or infinity.

    Example:
        >>> gallery = [[1.0, 0.0], [0.0, 1.0]]
        >>> retrieval_ranks([[0.9, 0.1], [0.8, 0.6]], gallery, [0, 1])
        array([1, 2])
    """
    queries, gallery = check_feature_pair(
        "query_features", query_features, "gallery_features", gallery_features
    )
    truth_index = _checked_truth(truth_index, len(queries), len(gallery))
    gallery = unit_rows(gallery)
    ranks = np.empty(len(queries), "int64")
    for block in row_blocks(len(queries), len(gallery)):
        cosines = unit_rows(queries[block]) @ gallery.T
        of_truth = np.take_along_axis(cosines, truth_index[block, None], axis=1)
        ranks[block] = np.count_nonzero(cosines >= of_truth - _TIE, axis=1)
    return ranks


def rank_k(query_features, gallery_features, truth_index, k: int = 1) -> float:
    """Returns the share of queries whose true row is among the first k, 0 to 1.

    For several k, or for an interval over images, take `retrieval_ranks` once and
    average `ranks <= k`.

    Args:
        query_features: Float `(query_count, dimensions)`, of the edited faces.
        gallery_features: Float `(gallery_count, dimensions)`, of all real faces.
        truth_index: Integer `(query_count,)`, the gallery row of each query's source.
        k: How many ranks count as found, 1 or more.

    Raises:
        ValueError: As `retrieval_ranks`, or k below 1.

    Example:
        >>> rank_k([[0.9, 0.1], [0.8, 0.6]], [[1.0, 0.0], [0.0, 1.0]], [0, 1], k=1)
        0.5
    """
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k}.")
    ranks = retrieval_ranks(query_features, gallery_features, truth_index)
    return float(np.mean(ranks <= k))


def _checked_truth(truth_index, queries: int, gallery: int) -> np.ndarray:
    truth_index = np.asarray(truth_index)
    if truth_index.shape != (queries,) or not np.issubdtype(
        truth_index.dtype, np.integer
    ):
        raise ValueError(
            f"truth_index must be {queries} integers, one for each query, got "
            f"{truth_index.dtype} of shape {truth_index.shape}."
        )
    if truth_index.min() < 0 or truth_index.max() >= gallery:
        raise ValueError(
            f"truth_index must name gallery rows 0 to {gallery - 1}, got "
            f"{truth_index.min()} to {truth_index.max()}."
        )
    return truth_index
