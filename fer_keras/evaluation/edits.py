"""One pass over a split: every face in every emotion, and what the judges say."""

import dataclasses
from collections.abc import Callable

import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.panel import JudgePanel
from fer_keras.evaluation.real_faces import BATCH_SIZE, RealFaces, batches
from fer_keras.metrics import (
    feature_cosine,
    mean_squared_error,
    mouth_and_brows,
    retrieval_ranks,
    structural_similarity,
)
from fer_keras.metrics.input_checks import check_images


@dataclasses.dataclass(frozen=True)
class EditRecord:
    """What is kept of a candidate's edits: numbers, no images.

    Column e of an array `(count, num_classes)` is the face changed to emotion e; a
    face's own emotion is its reconstruction.

    Attributes:
        labels: int64 `(count,)`, the faces' own emotions.
        predictions: int8 `(judges, count, num_classes)`.
        target_probabilities: float32 `(count, num_classes)`: the judges' mean
            probability of the column's emotion.
        ranks: int32 `(count, num_classes)`: where the source comes among the real
            faces, by identity; 1 is first.
        identity_cosines: float32 `(count, num_classes)`, to the source.
        outside_similarity: float32 `(count, num_classes)`: SSIM to the source
            outside mouth and brows.
        squared_errors: float32 `(count,)`: of the reconstruction, squared grey
            levels.
        similarities: float32 `(count,)`: its SSIM.
        feature_cosines: float32 `(count,)`: of its emotion features to the
            source's.
    """

    labels: np.ndarray
    predictions: np.ndarray
    target_probabilities: np.ndarray
    ranks: np.ndarray
    identity_cosines: np.ndarray
    outside_similarity: np.ndarray
    squared_errors: np.ndarray
    similarities: np.ndarray
    feature_cosines: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def of_edits(self, values: np.ndarray) -> np.ndarray:
        """Leaves out each face's own emotion: `(count, num_classes - 1)`."""
        others = self.labels[:, None] != np.arange(values.shape[-1])
        return values[others].reshape(len(self.labels), -1)


def record_edits(
    candidate: Candidate,
    real: RealFaces,
    panel: JudgePanel,
    rows: np.ndarray | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> EditRecord:
    """Changes faces to every emotion and keeps what the judges say.

    Images live for a batch; memory does not grow with their number.

    Args:
        candidate: What changes them.
        real: The faces; all of them are the gallery in which a source is found.
        panel: The judges.
        rows: Which of the faces to change. Default: all.
        batch_size: Faces at a time.
        progress: Called with faces done and faces in all after each batch.

    Raises:
        ValueError: The candidate returned something else than it should.
    """
    rows = np.arange(len(real)) if rows is None else np.asarray(rows)
    outside = ~mouth_and_brows(*real.images.shape[1:3])
    parts = []
    for chosen in batches(len(rows), batch_size):
        parts.append(_batch(candidate, real, panel, rows[chosen], outside))
        if progress:
            progress(chosen.stop, len(rows))
    # The judges stand before the faces in the predictions alone.
    return EditRecord(
        **{
            name: np.concatenate(
                [part[name] for part in parts], axis=int(name == "predictions")
            )
            for name in parts[0]
        }
    )


def _batch(candidate, real, panel, rows, outside) -> dict[str, np.ndarray]:
    images, labels = real.images[rows], real.labels[rows]
    count, classes = len(rows), real.num_classes
    edited = check_edits(candidate, images, labels, classes)
    flat = edited.reshape(-1, *images.shape[1:])
    sources = np.repeat(rows, classes)
    seen = panel.observe(flat)
    own = np.arange(count) * classes + labels
    targets = np.tile(np.arange(classes), count)
    probabilities = seen.probabilities.mean(axis=0)[np.arange(len(flat)), targets]
    table = (count, classes)
    return {
        "labels": labels,
        "predictions": seen.predictions.reshape(-1, *table),
        "target_probabilities": probabilities.reshape(table),
        "ranks": retrieval_ranks(
            seen.identity_features, real.identity_features, sources
        )
        .astype("int32")
        .reshape(table),
        "identity_cosines": feature_cosine(
            seen.identity_features, real.identity_features[sources]
        )
        .astype("float32")
        .reshape(table),
        "outside_similarity": structural_similarity(real.images[sources], flat, outside)
        .astype("float32")
        .reshape(table),
        "squared_errors": mean_squared_error(images, flat[own]).astype("float32"),
        "similarities": structural_similarity(images, flat[own]).astype("float32"),
        "feature_cosines": feature_cosine(
            seen.emotion_features[own], real.emotion_features[rows]
        ).astype("float32"),
    }


def check_edits(candidate: Candidate, images, labels, num_classes: int) -> np.ndarray:
    """Returns a candidate's edits of a batch.

    Raises:
        ValueError: They are not uint8 of the shape `Candidate.edit` promises.
    """
    edited = np.asarray(candidate.edit(images, labels))
    expected = (len(images), num_classes, *images.shape[1:])
    if edited.shape != expected:
        raise ValueError(
            f"{candidate.name}: expected the faces in {num_classes} emotions, "
            f"{expected}, got {edited.shape}."
        )
    check_images(f"Faces of {candidate.name}", edited[:, 0])
    return edited
