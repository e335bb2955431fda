"""Which edits the report shows: the best, the median and the worst by identity."""

import dataclasses

import numpy as np

from fer_keras.evaluation.candidates import Candidate
from fer_keras.evaluation.edits import EditRecord, RealFaces


@dataclasses.dataclass(frozen=True)
class ShownEdits:
    """Some edits to look at.

    Attributes:
        sources: uint8 `(count, height, width, 1)`.
        edited: uint8 `(count, height, width, 1)`.
        from_labels: int64 `(count,)`, the sources' emotions.
        to_labels: int64 `(count,)`, the emotions asked for.
        distances: float64 `(count,)`, identity distances.
    """

    sources: np.ndarray
    edited: np.ndarray
    from_labels: np.ndarray
    to_labels: np.ndarray
    distances: np.ndarray


def sample_rows(count: int, wanted: int = 64) -> np.ndarray:
    """Returns rows spread evenly over a split, chosen by nobody."""
    return np.linspace(0, count, min(wanted, count), endpoint=False).astype(int)


def best_median_and_worst(
    candidate: Candidate,
    real: RealFaces,
    rows: np.ndarray,
    record: EditRecord,
    wanted: int = 14,
) -> dict[str, ShownEdits]:
    """Returns the edits nearest to their source, around the median, and farthest.

    Args:
        candidate: What edits; it does these once more.
        real: The faces.
        rows: The rows of the edits' sources.
        record: The edits.
        wanted: How many of each; no source stands twice in one of them.
    """
    own = record.labels[:, None] == np.arange(record.distances.shape[1])
    distances = np.where(own, np.nan, record.distances)
    middle = np.nanmedian(distances)
    keys = {
        "best": distances,
        "median": np.abs(distances - middle),
        "worst": -distances,
    }
    return {
        name: _edits(candidate, real, rows, distances, key, wanted)
        for name, key in keys.items()
    }


def _edits(candidate, real, rows, distances, key, wanted) -> ShownEdits:
    targets = np.nanargmin(key, axis=1)
    places = np.arange(len(rows))
    chosen = np.argsort(key[places, targets], kind="stable")[:wanted]
    chosen = chosen[np.argsort(distances[chosen, targets[chosen]], kind="stable")]
    sources, targets = rows[chosen], targets[chosen]
    edited = candidate.edit(real.images[sources], real.labels[sources])
    return ShownEdits(
        real.images[sources],
        edited[np.arange(len(chosen)), targets],
        real.labels[sources],
        targets,
        distances[chosen, targets],
    )
