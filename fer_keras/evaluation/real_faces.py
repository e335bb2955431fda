"""The real faces that scores are measured against, and what the judges say of them."""

import dataclasses
from hashlib import blake2b

import numpy as np

from fer_keras.evaluation.panel import JudgePanel
from fer_keras.metrics import judged_as
from fer_keras.metrics.input_checks import (
    check_images,
    check_labels,
    check_same_length,
)

BATCH_SIZE = 256


def batches(count: int, size: int = BATCH_SIZE):
    """Yields slices over `count` rows."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


@dataclasses.dataclass(frozen=True)
class RealFaces:
    """A split of real faces, seen by the judges.

    Attributes:
        images: uint8 `(count, height, width, 1)`.
        labels: int64 `(count,)`.
        predictions: int8 `(judges, count)`.
        emotion_features: float32 `(count, dimensions)`.
        identity_features: float32 `(count, dimensions)`: the gallery in which the
            source of an edited face is searched for.
        num_classes: Number of classes.
    """

    images: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    emotion_features: np.ndarray
    identity_features: np.ndarray
    num_classes: int

    @classmethod
    def seen_by(cls, panel: JudgePanel, images, labels) -> "RealFaces":
        """Shows faces to the judges, in batches.

        Raises:
            ValueError: Not such images or labels, or a class without a face.
        """
        images = check_images("images", images)
        labels = check_labels("labels", labels, panel.num_classes)
        check_same_length(images=images, labels=labels)
        missing = set(range(panel.num_classes)) - set(labels.tolist())
        if missing:
            raise ValueError(
                f"The split has no face of class {', '.join(map(str, missing))}: "
                "an evaluation needs one or more of each."
            )
        seen = [panel.observe(images[rows]) for rows in batches(len(images))]
        return cls(
            images,
            labels,
            np.concatenate([part.predictions for part in seen], axis=1),
            np.concatenate([part.emotion_features for part in seen]),
            np.concatenate([part.identity_features for part in seen]),
            panel.num_classes,
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def recognised(self) -> np.ndarray:
        """Boolean `(count,)`: the faces that all judges give their own label."""
        return judged_as(self.labels, *self.predictions, num_classes=self.num_classes)

    @property
    def hit_rates(self) -> np.ndarray:
        """float64 `(num_classes,)`: the share of each class that is recognised."""
        hits = np.bincount(self.labels, self.recognised, minlength=self.num_classes)
        return hits / np.bincount(self.labels, minlength=self.num_classes)


def digest(*arrays: np.ndarray) -> str:
    """Returns a hash of arrays' contents, 32 hexadecimal digits."""
    found = blake2b(digest_size=16)
    for array in arrays:
        array = np.ascontiguousarray(array)
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.data)
    return found.hexdigest()
