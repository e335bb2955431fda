"""Where in the gallery of real faces is the source of an edited face found?"""

import numpy as np
from scipy.spatial.distance import cdist

# What embeddings of one image differ by from batch to batch.
_TIE = 1e-5


def retrieval_ranks(
    embeddings: np.ndarray, gallery: np.ndarray, source_rows: np.ndarray
) -> np.ndarray:
    """Returns at which place each edit's source comes, by Euclidean distance.

    Ties count against the model: the place is the number of gallery faces that are
    not farther than the source, the source among them. Embeddings that all collapse
    to one therefore come last, not first.

    Args:
        embeddings: Float `(count, dimensions)`, of the edited faces.
        gallery: Float `(gallery_count, dimensions)`, of all real faces.
        source_rows: Integer `(count,)`, the row of each edit's source in the gallery.

    Returns:
        int64 `(count,)` from 1 (found first) to `gallery_count`.

    Raises:
        ValueError: A row that the gallery doesn't have, or NaN.

    Example:
        >>> retrieval_ranks([[0.1], [0.9]], [[0.0], [1.0]], [0, 0])
        array([1, 2])
    """
    source_rows = np.asarray(source_rows)
    if source_rows.min() < 0 or source_rows.max() >= len(gallery):
        raise ValueError(
            f"source_rows must name gallery rows 0 to {len(gallery) - 1}, got "
            f"{source_rows.min()} to {source_rows.max()}."
        )
    distances = cdist(embeddings, gallery)
    if not np.isfinite(distances).all():
        raise ValueError("The embeddings hold NaN or infinity.")
    of_source = np.take_along_axis(distances, source_rows[:, None], axis=1)
    return np.count_nonzero(distances <= of_source + _TIE, axis=1)
