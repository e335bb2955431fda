"""Which faces the report shows: a sample of all, the best edits and the worst."""

import dataclasses

import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.edits import EditRecord
from fer_keras.evaluation.real_faces import RealFaces


@dataclasses.dataclass(frozen=True)
class Edits:
    """Some edits to look at.

    Attributes:
        sources: uint8 `(count, height, width, 1)`.
        edited: uint8 `(count, height, width, 1)`.
        from_labels: int64 `(count,)`, the sources' emotions.
        to_labels: int64 `(count,)`, the emotions asked for.
    """

    sources: np.ndarray
    edited: np.ndarray
    from_labels: np.ndarray
    to_labels: np.ndarray


def sample_rows(count: int, wanted: int = 64) -> np.ndarray:
    """Returns rows spread evenly over a split, chosen by nobody."""
    return np.linspace(0, count, min(wanted, count), endpoint=False).astype(int)


def edit_quality(record: EditRecord) -> np.ndarray:
    """Returns how good each edit is, `(count, num_classes)`, -inf for own emotions.

    The judges' mean probability of the target times the identity cosine to the
    source, as far as that is above 0.
    """
    quality = record.target_probabilities * record.identity_cosines.clip(0)
    own = record.labels[:, None] == np.arange(quality.shape[1])
    return np.where(own, -np.inf, quality)


def best_and_worst(
    candidate: Candidate, real: RealFaces, record: EditRecord, wanted: int = 14
) -> tuple[Edits, Edits]:
    """Returns the best and the worst edits, no source face twice.

    Args:
        candidate: What edits; it does these once more.
        real: The faces.
        record: Of all of them.
        wanted: How many of either.
    """
    quality = edit_quality(record)
    best_targets = quality.argmax(axis=1)
    own = np.isneginf(quality)
    worst_targets = np.where(own, np.inf, quality).argmin(axis=1)
    rows = np.arange(len(record))
    best = np.argsort(-quality[rows, best_targets], kind="stable")[:wanted]
    worst = np.argsort(quality[rows, worst_targets], kind="stable")[:wanted]
    return (
        _edits(candidate, real, best, best_targets[best]),
        _edits(candidate, real, worst, worst_targets[worst]),
    )


def _edits(candidate, real, rows, targets) -> Edits:
    edited = candidate.edit(real.images[rows], real.labels[rows])
    return Edits(
        real.images[rows],
        edited[np.arange(len(rows)), targets],
        real.labels[rows],
        targets,
    )
