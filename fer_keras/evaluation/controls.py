"""The controls: what no model should lose to."""

import numpy as np
from sklearn.decomposition import PCA

from fer_keras.evaluation.candidates import Candidate

BLEND_WEIGHT = 0.2
"""Of the face itself. The headline of the blend on `validation` is highest here."""
COMPONENTS = (256, 512)
"""The principal components that a face keeps, in the controls that are always there."""


class TrainingFaces:
    """The training split and its mean faces.

    Args:
        images: uint8 `(count, height, width, 1)`.
        labels: int64 `(count,)`.
        num_classes: Number of classes.

    Attributes:
        class_faces: float64 `(num_classes, height, width, 1)`, 0 to 255.

    Raises:
        ValueError: A class without a face.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, num_classes: int):
        self.images, self.labels, self.num_classes = images, labels, num_classes
        missing = set(range(num_classes)) - set(np.unique(labels).tolist())
        if missing:
            raise ValueError(
                f"The training faces hold no face of class {sorted(missing)}: the "
                "controls need one or more of each."
            )
        self.class_faces = np.stack(
            [images[labels == label].mean(axis=0) for label in range(num_classes)]
        )


class UnchangedFace(Candidate):
    """Edits nothing; "generates" copies of training faces of the label.

    As a transfer its rank is one and its hit near zero; as a generator it is perfect
    but for being all copies, which `closer_than_unseen` must tell.
    """

    def __init__(self, training: TrainingFaces):
        super().__init__("unchanged face")
        self._training = training

    def generate(self, labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        of_label = [
            np.flatnonzero(self._training.labels == y) for y in range(max(labels) + 1)
        ]
        return self._training.images[[random.choice(of_label[y]) for y in labels]]

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return np.stack([images] * self._training.num_classes, axis=1)


class ClassMeanFace(Candidate):
    """Gives everybody the mean training face of the emotion."""

    def __init__(self, training: TrainingFaces):
        super().__init__("class mean")
        self._faces = _grey_levels(training.class_faces)

    def generate(self, labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return self._faces[labels]

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return np.stack([self._faces] * len(images))


class BlendedFace(Candidate):
    """Blends a face with the mean face of the target.

    Args:
        training: The training faces.
        weight: Of the face itself, 0 to 1.
    """

    generates = False

    def __init__(self, training: TrainingFaces, weight: float = BLEND_WEIGHT):
        super().__init__(f"blend, {weight:.0%} face")
        self._weight = weight
        self._faces = training.class_faces

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        faces = self._weight * images[:, None] + (1 - self._weight) * self._faces
        return _grey_levels(faces)


class PrincipalComponents(Candidate):
    """Encoder and generator made linear: a face's code is its principal components.

    The components are of what is left of a face less its emotion's mean face; the code
    with another emotion's mean face is the edit. New faces have Gaussian codes of the
    training faces' variances.

    Args:
        training: The training faces.
        components: Of the training faces less their class means, fitted.
        count: How many of them a face keeps.

    Reference:
        Turk and Pentland, "Eigenfaces for Recognition" (1991).
    """

    def __init__(self, training: TrainingFaces, components: PCA, count: int):
        super().__init__(f"PCA, {count} components")
        self.generates = count == min(COMPONENTS)
        self._faces = training.class_faces
        self._basis = components.components_[:count]
        self._deviations = np.sqrt(components.explained_variance_[:count])

    def generate(self, labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        codes = random.standard_normal((len(labels), len(self._basis)))
        return _grey_levels(
            self._decoded(codes * self._deviations) + self._faces[labels]
        )

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        rows = (images - self._faces[labels]).reshape(len(images), -1)
        faces = self._decoded(rows @ self._basis.T)
        return _grey_levels(faces[:, None] + self._faces)

    def _decoded(self, codes):
        return (codes @ self._basis).reshape(-1, *self._faces.shape[1:])


class RandomLatents(Candidate):
    """Deals a model's generated faces out to the sources, whoever they are.

    The control of the encoder: what the generator alone would score.
    """

    generates = False

    def __init__(self, model: Candidate, num_classes: int, seed: int = 0):
        super().__init__(f"random z, {model.name}")
        self._model = model
        self._num_classes = num_classes
        self._random = np.random.default_rng(seed)

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        targets = np.tile(np.arange(self._num_classes), len(images))
        faces = self._model.generate(targets, self._random)
        return faces.reshape(len(images), self._num_classes, *faces.shape[1:])


def controls_of(training: TrainingFaces) -> list[Candidate]:
    """Returns the controls that stand beside the models in every table."""
    residuals = (
        training.images - training.class_faces.astype("float32")[training.labels]
    )
    residuals = residuals.reshape(len(residuals), -1)
    sizes = sorted({min(size, *residuals.shape) for size in COMPONENTS})
    # From the covariance of the pixels, which is smaller than all faces.
    components = PCA(sizes[-1], svd_solver="covariance_eigh").fit(residuals)
    return [
        UnchangedFace(training),
        ClassMeanFace(training),
        BlendedFace(training),
        *(PrincipalComponents(training, components, size) for size in sizes),
    ]


def _grey_levels(faces) -> np.ndarray:
    return np.rint(faces).clip(0, 255).astype("uint8")
