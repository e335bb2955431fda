"""What controls and memorisation scores need of the training faces."""

import dataclasses

import numpy as np

from fer_keras.evaluation.real_faces import batches
from fer_keras.metrics import ClassMeanFaces, PrincipalComponents
from fer_keras.metrics.input_checks import (
    check_images,
    check_labels,
    check_same_length,
)

_BATCH_SIZE = 1024


class TrainingFaces:
    """The training split: its mean faces, its components, faces by emotion.

    Args:
        images: uint8 `(count, height, width, 1)`.
        labels: int64 `(count,)`.
        num_classes: Number of classes.

    Attributes:
        class_faces: float64 `(num_classes, height, width, 1)`, 0 to 255.

    Raises:
        ValueError: Not such arrays, or a class without a face.
    """

    def __init__(self, images, labels, num_classes: int):
        self.images = check_images("images", images)
        self.labels = check_labels("labels", labels, num_classes)
        check_same_length(images=images, labels=labels)
        self.num_classes = num_classes
        means = ClassMeanFaces(num_classes)
        for rows in batches(len(images), _BATCH_SIZE):
            means.update(self.images[rows], self.labels[rows])
        self.class_faces = means.faces

    def __len__(self) -> int:
        return len(self.labels)

    def drawn(
        self, labels, random: np.random.Generator, count: int | None = None
    ) -> np.ndarray:
        """Returns training faces of the labels, or of any where these are None."""
        if labels is None:
            return self.images[random.integers(len(self), size=count)]
        rows = np.empty(len(labels), "int64")
        for label in np.unique(labels):
            of_label = np.flatnonzero(self.labels == label)
            wanted = labels == label
            rows[wanted] = random.choice(of_label, np.count_nonzero(wanted))
        return self.images[rows]

    def principal_components(self, count: int) -> "Components":
        """Returns the leading principal components. Takes seconds."""
        fitted = PrincipalComponents(count)
        for rows in batches(len(self), _BATCH_SIZE):
            fitted.update(self.images[rows])
        return Components(fitted.basis, self._deviations(fitted.basis))

    def _deviations(self, basis: np.ndarray) -> np.ndarray:
        squares = np.zeros(basis.shape[1])
        for rows in batches(len(self), _BATCH_SIZE):
            offsets = self.images[rows] - self.class_faces[self.labels[rows]]
            squares += ((offsets.reshape(len(offsets), -1) @ basis) ** 2).sum(axis=0)
        return np.sqrt(squares / len(self))


@dataclasses.dataclass(frozen=True)
class Components:
    """Principal components of the training faces.

    Attributes:
        basis: float64 `(pixels, components)`, orthonormal.
        deviations: float64 `(components,)`: of the codes of training faces less
            their class mean.
    """

    basis: np.ndarray
    deviations: np.ndarray
