"""The judges that look at every face: emotion classifiers and an identity encoder."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from fer_keras.judges.shipped import IDENTITY, JUDGES, load_identity_judge, load_judge
from fer_keras.metrics.input_checks import check_images


class Observations(NamedTuple):
    """What the judges say of a set of faces."""

    probabilities: np.ndarray
    """float32 `(judges, count, num_classes)`."""
    emotion_features: np.ndarray
    """float32 `(count, dimensions)`: the first classifier's features."""
    identity_features: np.ndarray
    """float32 `(count, dimensions)`: the identity encoder's, made without labels."""

    @property
    def predictions(self) -> np.ndarray:
        """int8 `(judges, count)`: each classifier's choice."""
        return self.probabilities.argmax(axis=-1).astype("int8")


class JudgePanel:
    """Judges that are fixed, named in every result by their hashes.

    An image that occurs again, in a call or in one of the last calls, is not looked
    at again: an unchanged face in seven emotions is one image.

    Args:
        classifiers: `fer_keras.judges.Judge` by name, one or more; a face counts as
            hit where all of them agree. The first one's features measure distances.
        identity: A `fer_keras.judges.IdentityJudge`.
        batch_size: Faces that go through a judge at a time.
        memory: How many images are remembered, whatever the number seen.

    Raises:
        ValueError: No classifier, or judges of different images or classes.

    Example:
        >>> panel = JudgePanel.from_folder()
        >>> panel.observe(faces).predictions
    """

    def __init__(
        self,
        classifiers: Mapping,
        identity,
        batch_size: int = 256,
        memory: int = 16384,
    ):
        if not classifiers:
            raise ValueError("Expected one emotion classifier or more, got none.")
        shapes = {tuple(judge.image_shape) for judge in classifiers.values()}
        shapes.add(tuple(identity.image_shape))
        sizes = {judge.network.num_classes for judge in classifiers.values()}
        if len(shapes) > 1 or len(sizes) > 1:
            raise ValueError(
                "The judges must see the same images and classes, got images of "
                f"{sorted(shapes)} and {sorted(sizes)} classes."
            )
        self.image_shape, self.num_classes = shapes.pop(), sizes.pop()
        self.names = tuple(classifiers)
        everybody = {**classifiers, IDENTITY: identity}
        self.hashes = {name: judge.sha256 for name, judge in everybody.items()}
        self._classifiers = [
            _Remembering(_joined(judge), batch_size, memory)
            for judge in classifiers.values()
        ]
        self._identity = _Remembering(identity.predict, batch_size, memory)

    @classmethod
    def from_folder(cls, folder=None) -> "JudgePanel":
        """Loads the shipped judges, or those of another folder.

        Raises:
            ValueError: One is missing or differs from its card.
        """
        classifiers = {name: load_judge(name, folder) for name in JUDGES}
        return cls(classifiers, load_identity_judge(folder=folder))

    def observe(self, images) -> Observations:
        """Returns what all judges say of uint8 images `(count, *image_shape)`."""
        images = self._checked(images)
        seen = [classifier(images) for classifier in self._classifiers]
        probabilities = np.stack([rows[:, : self.num_classes] for rows in seen])
        features = seen[0][:, self.num_classes :]
        return Observations(probabilities, features, self._identity(images))

    def identity_features(self, images) -> np.ndarray:
        """Returns the identity encoder's features alone, `(count, dimensions)`."""
        return self._identity(self._checked(images))

    def _checked(self, images) -> np.ndarray:
        images = check_images("images", images)
        if images.shape[1:] != self.image_shape:
            raise ValueError(
                f"The judges see images of shape {self.image_shape}, got "
                f"{images.shape[1:]}."
            )
        return images


def _joined(judge):
    return lambda images: np.concatenate(judge.predict(images), axis=1)


class _Remembering:
    """A network on uint8 images that keeps its last answers by the images' bytes."""

    def __init__(self, network, batch_size: int, memory: int):
        self._network = network
        self._batch_size = batch_size
        self._memory = memory
        self._rows = {}

    def __call__(self, images: np.ndarray) -> np.ndarray:
        keys = [blake2b(image.tobytes(), digest_size=16).digest() for image in images]
        places = {key: index for index, key in enumerate(keys)}
        answers = {key: self._rows[key] for key in places if key in self._rows}
        new = [key for key in places if key not in answers]
        for start in range(0, len(new), self._batch_size):
            asked = new[start : start + self._batch_size]
            rows = self._network(images[[places[key] for key in asked]])
            answers.update(zip(asked, rows, strict=True))
        if len(self._rows) + len(answers) > self._memory:
            self._rows = {}
        self._rows.update(answers)
        return np.stack([answers[key] for key in keys])
