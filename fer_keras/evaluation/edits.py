"""A candidate's edits: every source face in every emotion, as the judges see it."""

import dataclasses
from collections.abc import Callable

import numpy as np

from fer_keras.evaluation.candidates import Candidate
from fer_keras.evaluation.observations import (
    BATCH_SIZE,
    JudgeSet,
    Observations,
    Progress,
)
from fer_keras.metrics import (
    mean_squared_error,
    peak_signal_to_noise_ratio,
    retrieval_ranks,
    structural_similarity,
)


@dataclasses.dataclass(frozen=True)
class RealFaces:
    """A split of real faces and what the judges see in it.

    Attributes:
        images: uint8 `(count, height, width, 1)`.
        labels: int64 `(count,)`, the data set's.
        seen: What the judges see. The embeddings are the gallery in which the source
            of an edited face is searched for.
        num_classes: Number of classes.
    """

    images: np.ndarray
    labels: np.ndarray
    seen: Observations
    num_classes: int

    def recognised(self, labels: np.ndarray | None = None) -> np.ndarray:
        """Returns the share of each class that all judges see as it is labelled.

        Args:
            labels: Integer `(count,)`, -1 for none. Default: the data set's.

        Returns:
            float64 `(num_classes,)`; NaN for a class without a face.
        """
        labels = self.labels if labels is None else labels
        right = (self.seen.predictions == labels[:, None]).all(axis=1)
        return np.array(
            [
                right[labels == label].mean() if (labels == label).any() else np.nan
                for label in range(self.num_classes)
            ]
        )


@dataclasses.dataclass(frozen=True)
class EditRecord:
    """What is kept of a candidate's edits: numbers, no images.

    Column e of an array `(count, num_classes)` is the face changed to emotion e; in
    that of its own emotion stands its reconstruction.

    Attributes:
        labels: int64 `(count,)`, the sources' own emotions.
        predictions: int8 `(count, num_classes, judges)`.
        features: float32 `(count, num_classes, dimensions)`.
        distances: float64 `(count, num_classes)`: identity distance to the source.
        ranks: int64 `(count, num_classes)`: at which place the source is found among
            the real faces, from 1.
        reconstruction: By name, float64 `(count,)`: scores of the reconstructions.
        truth: By name, float64 `(count,)`: on drawn faces, scores of the edits against
            what they should be, averaged over a face's edits.
    """

    labels: np.ndarray
    predictions: np.ndarray
    features: np.ndarray
    distances: np.ndarray
    ranks: np.ndarray
    reconstruction: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]

    def of_edits(self, values: np.ndarray) -> np.ndarray:
        """Leaves out the own emotions: `(count, num_classes - 1)`."""
        return of_edits(values, self.labels)

    @property
    def hits(self) -> np.ndarray:
        """Boolean `(count, num_classes)`: all judges see the column's emotion."""
        targets = np.arange(self.ranks.shape[1])[:, None]
        return (self.predictions == targets).all(axis=2)


def of_edits(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Leaves out of `(count, num_classes)` the column of each row's label."""
    others = labels[:, None] != np.arange(values.shape[1])
    return values[others].reshape(len(labels), -1)


def record_edits(
    candidate: Candidate,
    real: RealFaces,
    rows: np.ndarray,
    judges: JudgeSet,
    truth_of: Callable[[np.ndarray], np.ndarray] | None = None,
    progress: Progress = lambda done, total: None,
) -> EditRecord:
    """Changes faces to every emotion and keeps what the judges see.

    Images live for a batch; memory does not grow with their number.

    Args:
        candidate: What changes them.
        real: The faces; all of them are the gallery.
        rows: Which of them to change.
        judges: Who looks.
        truth_of: For drawn faces: takes rows and returns the true faces in every
            emotion, uint8 `(rows, num_classes, height, width, 1)`.
        progress: Called with sources done and sources in all.

    Raises:
        ValueError: The candidate returned something else than it should.
    """
    parts = []
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        parts.append(_batch(candidate, real, batch, judges, truth_of))
        progress(start + len(batch), len(rows))
    joined = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("labels", "predictions", "features", "distances", "ranks")
    }
    for name in ("reconstruction", "truth"):
        joined[name] = {
            score: np.concatenate([part[name][score] for part in parts])
            for score in parts[0][name]
        }
    return EditRecord(**joined)


def _batch(candidate, real, rows, judges, truth_of) -> dict:
    images, labels, classes = real.images[rows], real.labels[rows], real.num_classes
    edited = checked_edits(candidate, images, labels, classes)
    flat = edited.reshape(-1, *images.shape[1:])
    seen = judges.observe(flat, keep=candidate.kind != "model")
    sources, gallery = np.repeat(rows, classes), real.seen.embeddings
    offsets = seen.embeddings.astype("float64") - gallery[sources]
    table = (len(rows), classes)
    rebuilt = edited[np.arange(len(rows)), labels]
    own = seen.embeddings.reshape(*table, -1)[np.arange(len(rows)), labels]
    return {
        "labels": labels,
        "predictions": seen.predictions.reshape(*table, -1),
        "features": seen.features.reshape(*table, -1),
        "distances": np.linalg.norm(offsets, axis=1).reshape(table),
        "ranks": retrieval_ranks(seen.embeddings, gallery, sources).reshape(table),
        "reconstruction": {
            "mean_squared_error": mean_squared_error(images, rebuilt),
            "peak_signal_to_noise_ratio": peak_signal_to_noise_ratio(images, rebuilt),
            "structural_similarity": structural_similarity(images, rebuilt),
            "reconstruction_distance": np.linalg.norm(own - gallery[rows], axis=1),
        },
        "truth": _truth(truth_of(rows), images, edited, labels) if truth_of else {},
    }


def _truth(truth, images, edited, labels) -> dict:
    if not np.array_equal(truth[np.arange(len(labels)), labels], images):
        raise ValueError(
            "The true faces with their own emotions are not the faces given: these are "
            "other persons."
        )
    others = labels[:, None] != np.arange(truth.shape[1])
    pair = truth[others], edited[others]
    return {
        "truth_mean_squared_error": _by_face(mean_squared_error(*pair), labels),
        "truth_structural_similarity": _by_face(structural_similarity(*pair), labels),
    }


def _by_face(values, labels):
    return values.reshape(len(labels), -1).mean(axis=1)


def checked_edits(
    candidate: Candidate, images: np.ndarray, labels: np.ndarray, num_classes: int
) -> np.ndarray:
    """Returns a candidate's edits of a batch.

    Raises:
        ValueError: They are not uint8 of the shape that `Candidate.edit` promises.
    """
    edited = np.asarray(candidate.edit(images, labels))
    expected = (len(images), num_classes, *images.shape[1:])
    if edited.shape != expected or edited.dtype != np.uint8:
        raise ValueError(
            f"{candidate.name}: expected the faces in {num_classes} emotions, uint8 "
            f"{expected}, got {edited.dtype} {edited.shape}."
        )
    return edited
