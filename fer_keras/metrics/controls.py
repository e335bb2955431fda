"""What no model should lose to: edits that need no generator, or no source."""

from collections.abc import Callable, Sequence

import numpy as np

from fer_keras.emotions import EMOTIONS
from fer_keras.metrics.input_checks import (
    check_images,
    check_labels,
    check_same_length,
)


class ClassMeanFaces:
    """The mean face of each emotion, from training faces in batches.

    Args:
        num_classes: Number of classes.

    Raises:
        ValueError: `faces` was asked before each class had an image, or images were
            given that are not such, or not as many labels.

    Example:
        >>> faces = ClassMeanFaces(num_classes=2)
        >>> pair = np.array([[[[10]]], [[[20]]]], "uint8")
        >>> faces.update(pair, [0, 1]).update(pair, [1, 1]).faces[:, 0, 0, 0]
        array([10.        , 16.66666667])
    """

    def __init__(self, num_classes: int = len(EMOTIONS)):
        self.num_classes = num_classes
        self.counts = np.zeros(num_classes, "int64")
        self._sums = None

    def update(self, images, labels) -> "ClassMeanFaces":
        """Takes in uint8 images `(count, height, width, 1)` and their labels."""
        images = check_images("images", images)
        labels = check_labels("labels", labels, self.num_classes)
        check_same_length(images=images, labels=labels)
        if self._sums is None:
            self._sums = np.zeros((self.num_classes, *images.shape[1:]))
        if images.shape[1:] != self._sums.shape[1:]:
            raise ValueError(
                f"Expected images of shape {self._sums.shape[1:]} as before, got "
                f"{images.shape[1:]}."
            )
        for label in np.unique(labels):
            self._sums[label] += images[labels == label].sum(axis=0, dtype="int64")
        self.counts += np.bincount(labels, minlength=self.num_classes)
        return self

    @property
    def faces(self) -> np.ndarray:
        """float64 `(num_classes, height, width, 1)` in 0..255."""
        missing = np.flatnonzero(self.counts == 0)
        if len(missing):
            raise ValueError(
                f"No image of class {', '.join(map(str, missing))} yet: the mean "
                "face needs one or more of each."
            )
        return self._sums / self.counts[:, None, None, None]


def unchanged_face(images, targets) -> np.ndarray:
    """Returns the source faces as they are, whatever the target.

    The control of identity: rank-1 one, hit near zero.

    Args:
        images: uint8 `(count, height, width, 1)`.
        targets: Integer `(count,)`; not used, so that controls are called alike.

    Raises:
        ValueError: Another type or shape, or not as many targets.
    """
    images = check_images("images", images)
    check_same_length(images=images, targets=targets)
    return images


def mean_face_of_target(targets, class_faces) -> np.ndarray:
    """Returns the mean face of each target, whoever the source is.

    The control of emotion: hit near one, rank-1 near zero.

    Args:
        targets: Integer `(count,)`.
        class_faces: Float `(num_classes, height, width, 1)` in 0..255
            (`ClassMeanFaces.faces` of the training split).

    Returns:
        uint8 `(count, height, width, 1)`.

    Raises:
        ValueError: Not such ids.
    """
    targets = check_labels("targets", targets, len(class_faces))
    return _to_grey_levels(np.asarray(class_faces, "float64"))[targets]


def blend_with_mean_face(images, targets, class_faces, weight: float) -> np.ndarray:
    """Returns `weight * source + (1 - weight) * mean face of the target`.

    The control that a transfer must beat: it keeps some of the person and reaches
    some of the emotion without having learnt anything.

    Args:
        images: uint8 `(count, height, width, 1)`.
        targets: Integer `(count,)`.
        class_faces: As for `mean_face_of_target`.
        weight: From 0 (mean face) to 1 (unchanged).

    Returns:
        uint8 `(count, height, width, 1)`.

    Raises:
        ValueError: A weight out of range, not such arrays, or not as many of each.
    """
    images = check_images("images", images)
    class_faces = np.asarray(class_faces, "float64")
    targets = check_labels("targets", targets, len(class_faces))
    check_same_length(images=images, targets=targets)
    if not 0 <= weight <= 1:
        raise ValueError(f"weight must be from 0 to 1, got {weight}.")
    if class_faces.shape[1:] != images.shape[1:]:
        raise ValueError(
            f"The mean faces have shape {class_faces.shape[1:]} and the images "
            f"{images.shape[1:]}."
        )
    return _to_grey_levels(weight * images + (1 - weight) * class_faces[targets])


def best_blend_weight(
    score: Callable[[float], float],
    weights: Sequence[float] = tuple(np.arange(11) / 10),
) -> tuple[float, float]:
    """Returns the weight at which the blend scores best, and that score.

    Args:
        score: Takes a weight, returns the blend's score, higher being better: the
            headline of `blend_with_mean_face` at this weight, on the very images
            that models are compared on, which favours the control.
        weights: The weights to try, each from 0 to 1; the first of equals wins.

    Raises:
        ValueError: No weights.

    Example:
        >>> best_blend_weight(lambda weight: weight * (1 - weight))
        (0.5, 0.25)
    """
    scores = [score(float(weight)) for weight in weights]
    if not scores:
        raise ValueError("Expected one or more weights to try.")
    best = int(np.argmax(scores))
    return float(weights[best]), float(scores[best])


def random_latent_faces(
    generate: Callable[[np.ndarray, np.ndarray], np.ndarray],
    targets,
    latent_dim: int,
    num_classes: int = len(EMOTIONS),
    batch_size: int = 256,
    seed: int = 0,
) -> np.ndarray:
    """Returns faces of the targets from random latent vectors, whoever the source is.

    The control of an encoder: what the generator's prior alone would score.

    Args:
        generate: Takes latent vectors, float32 `(batch, latent_dim)` in [-1, 1), and
            targets, int64 `(batch,)`; returns uint8 `(batch, height, width, 1)`.
        targets: Integer `(count,)`.
        latent_dim: Size of the latent vectors, drawn from U(-1, 1).
        num_classes: Number of classes.
        batch_size: Faces a call; the draws do not depend on it.
        seed: Seed of the draws.

    Returns:
        uint8 `(count, height, width, 1)`.

    Raises:
        ValueError: Not such targets, or `generate` returns something else.
    """
    targets = check_labels("targets", targets, num_classes)
    random = np.random.default_rng(seed)
    faces = []
    for start in range(0, len(targets), batch_size):
        batch = targets[start : start + batch_size]
        latents = random.uniform(-1, 1, (len(batch), latent_dim)).astype("float32")
        faces.append(check_images("Generated faces", generate(latents, batch)))
        check_same_length(targets=batch, generated=faces[-1])
    return np.concatenate(faces)


def _to_grey_levels(images: np.ndarray) -> np.ndarray:
    return np.rint(images).clip(0, 255).astype("uint8")
