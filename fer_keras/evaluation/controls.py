"""The controls as candidates: what no model should lose to."""

import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.training_faces import Components, TrainingFaces
from fer_keras.metrics import (
    blend_with_mean_face,
    mean_face_of_target,
    unchanged_face,
)


class UnchangedFace(Candidate):
    """Edits nothing; "generates" copies of training faces of the label.

    As a transfer its rank is one and its hit near zero; as a generator it is
    perfect but for being all copies, which `closer_than_unseen` must tell.

    Args:
        training: The training faces.
    """

    def __init__(self, training: TrainingFaces):
        super().__init__("unchanged face")
        self.key = "unchanged"
        self._training = training

    def generate(self, labels, random):
        return self._training.drawn(labels, random)

    def edit(self, images, labels):
        return np.stack(
            [unchanged_face(images, labels)] * self._training.num_classes, axis=1
        )


class ClassMeanFace(Candidate):
    """Gives everybody the mean training face of the emotion.

    Args:
        training: The training faces.
    """

    def __init__(self, training: TrainingFaces):
        super().__init__("class mean")
        self.key = "class mean"
        self._training = training

    def generate(self, labels, random):
        return mean_face_of_target(labels, self._training.class_faces)

    def edit(self, images, labels):
        targets = np.tile(np.arange(self._training.num_classes), (len(images), 1))
        faces = mean_face_of_target(targets.ravel(), self._training.class_faces)
        return faces.reshape(*targets.shape, *images.shape[1:])


class BlendedFace(Candidate):
    """Blends a face with the mean face of the target.

    Args:
        training: The training faces.
        weight: Of the face itself, 0 to 1.
    """

    def __init__(self, training: TrainingFaces, weight: float):
        super().__init__(f"blend, {weight:.0%} face")
        self.key = f"blend {weight:.3f}"
        self.weight = weight
        self._training = training

    def generate(self, labels, random):
        # Of any emotion: the mean face must bring the one asked for.
        faces = self._training.drawn(None, random, len(labels))
        return self._blend(faces, labels)

    def edit(self, images, labels):
        return np.stack(
            [
                self._blend(images, np.full(len(images), target))
                for target in range(self._training.num_classes)
            ],
            axis=1,
        )

    def _blend(self, images, targets):
        class_faces = self._training.class_faces
        return blend_with_mean_face(images, targets, class_faces, self.weight)


class LinearFaces(Candidate):
    """Principal components, as many as z has entries: E and G made linear.

    A face's code is its components less its emotion's mean face, and the code with
    another emotion's mean face is the edit. New faces have Gaussian codes of the
    training faces' variance.

    Args:
        training: The training faces.
        components: Their principal components.
    """

    def __init__(self, training: TrainingFaces, components: Components):
        self.latent_dim = len(components.deviations)
        super().__init__(f"PCA, {self.latent_dim} components")
        self.key = f"components {self.latent_dim}"
        self._training = training
        self._components = components

    def generate(self, labels, random):
        codes = random.standard_normal((len(labels), self.latent_dim))
        return self._decode(codes * self._components.deviations, labels)

    def edit(self, images, labels):
        rows = images.reshape(len(images), -1).astype("float64")
        codes = (rows - self._means[labels]) @ self._components.basis
        return np.stack(
            [
                self._decode(codes, np.full(len(images), target))
                for target in range(len(self._means))
            ],
            axis=1,
        )

    @property
    def _means(self):
        class_faces = self._training.class_faces
        return class_faces.reshape(len(class_faces), -1)

    def _decode(self, codes, labels):
        rows = codes @ self._components.basis.T + self._means[labels]
        faces = np.rint(rows).clip(0, 255).astype("uint8")
        return faces.reshape(len(codes), *self._training.class_faces.shape[1:])


class RandomLatents(Candidate):
    """Deals a model's generated faces out to the sources, whoever they are.

    The control of the encoder: what the generator's prior alone would score. The
    faces are those that the generation was scored on, one of each emotion for a
    source, in turn.

    Args:
        model: The name of the model whose faces they are.
        faces: uint8 `(count, height, width, 1)`, classes in turn, as
            `generated_batches` yields them.
        num_classes: Number of classes.
    """

    generates = False

    def __init__(self, model: str, faces: np.ndarray, num_classes: int):
        super().__init__(f"random z, {model}")
        self._faces = faces.reshape(-1, num_classes, *faces.shape[1:])
        self._dealt = 0

    def edit(self, images, labels):
        places = (self._dealt + np.arange(len(images))) % len(self._faces)
        self._dealt += len(images)
        return self._faces[places]
