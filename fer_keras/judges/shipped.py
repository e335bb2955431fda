"""The fixed judges: trained networks that score faces, the same in every table.

A score is worth something only beside scores of the same judge. The shipped ones
stand in `saved_models/judges`, each with a card that names its SHA-256; a file
that differs from its card is refused.
"""

import json
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from fer_keras.files import sha256_of
from fer_keras.images import checked_images, to_float
from fer_keras.networks.emotion_classifier import EmotionClassifier
from fer_keras.networks.identity_encoder import IdentityEncoder
from fer_keras.shipped_models import shipped_model

JUDGES = ("vgg", "residual")
"""The two classifiers: the first judges, the second checks the first."""
IDENTITY = "identity"
"""The label-free encoder."""


class Judgement(NamedTuple):
    """What a `Judge` says of images."""

    probabilities: np.ndarray
    """float32 `(count, num_classes)`; rows sum to 1."""
    features: np.ndarray
    """float32 `(count, feature_dim)`, 0 or more."""

    @property
    def labels(self) -> np.ndarray:
        """The likeliest class of each image, int64 `(count,)`."""
        return self.probabilities.argmax(axis=1).astype("int64")


class _Judging:
    """A frozen network, its card, and images in batches.

    Args:
        network: A Keras model on images in [-1, 1]; it is set to inference.
        card: What is known of it. Default: nothing.
    """

    def __init__(self, network, card=None):
        self.network = network
        self.card = dict(card or {})
        self.image_shape = network.image_shape
        network.trainable = False
        signature = [tf.TensorSpec([None, *self.image_shape], tf.float32)]
        self._compiled = tf.function(self._of_batch, input_signature=signature)

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the judge's file, to be named in every score; None if unsaved."""
        return self.card.get("sha256")

    def _over_batches(self, images, batch_size):
        images = checked_images(images, self.image_shape)
        count = len(images)
        if not count:
            # A convolution of no images fails on some devices.
            images = np.zeros((1, *self.image_shape), "uint8")
        starts = range(0, len(images), batch_size)
        batches = (images[start : start + batch_size] for start in starts)
        outputs = [
            self._compiled(to_float(batch) if batch.dtype == np.uint8 else batch)
            for batch in batches
        ]
        return [
            np.concatenate([part.numpy() for part in parts])[:count]
            for parts in zip(*outputs, strict=True)
        ]


class Judge(_Judging):
    """An emotion classifier that sees each face and its mirror image.

    Args:
        network: A trained `EmotionClassifier`; it is set to inference.
        card: What is known of it. Default: nothing.

    Example:
        >>> judge = load_judge("vgg")
        >>> judge.predict(faces).labels
    """

    def predict(self, images, batch_size=256) -> Judgement:
        """Judges images.

        Args:
            images: uint8 0..255 or float -1..1, `(count, *image_shape)`.
            batch_size: Images at once; the result does not depend on it.

        Returns:
            The means over the face and its mirror image of the probabilities and
            of the features.

        Raises:
            ValueError: Images of another shape, type or range.
        """
        return Judgement(*self._over_batches(images, batch_size))

    def _of_batch(self, images):
        both = tf.concat([images, tf.reverse(images, [2])], axis=0)
        features = self.network.features(both)
        probabilities = tf.nn.softmax(self.network.decide(features))
        return tuple(
            tf.add_n(tf.split(values, 2)) / 2.0 for values in (probabilities, features)
        )


class IdentityJudge(_Judging):
    """An identity encoder: faces to features whose products say who resembles whom.

    Args:
        network: A trained `IdentityEncoder`; it is set to inference.
        card: What is known of it. Default: nothing.

    Example:
        >>> features = load_identity_judge().predict(faces)
        >>> cosines = features @ features.T
    """

    def predict(self, images, batch_size=256) -> np.ndarray:
        """Returns features float32 `(count, feature_dim)` of length 1.

        Args:
            images: uint8 0..255 or float -1..1, `(count, *image_shape)`.
            batch_size: Images at once; the result does not depend on it.

        Raises:
            ValueError: Images of another shape, type or range.
        """
        return self._over_batches(images, batch_size)[0]

    def _of_batch(self, images):
        return (self.network(images, training=False),)


def load_judge(name: str = "vgg", folder: str | Path | None = None) -> Judge:
    """Loads a classifier and checks its file against its card.

    Args:
        name: "vgg" or "residual", or another `NAME.keras` with `NAME.json` there.
        folder: Default: the shipped `saved_models/judges`.

    Raises:
        ValueError: The files are missing, differ from the card, or hold another
            kind of network.
    """
    return Judge(*_load(name, folder, EmotionClassifier))


def load_identity_judge(
    name: str = IDENTITY, folder: str | Path | None = None
) -> IdentityJudge:
    """Loads an identity encoder and checks its file; see `load_judge`."""
    return IdentityJudge(*_load(name, folder, IdentityEncoder))


def _load(name, folder, kind):
    folder = shipped_model("judges") if folder is None else Path(folder)
    file, note = folder / f"{name}.keras", folder / f"{name}.json"
    for path in (file, note):
        if not path.is_file():
            known = ", ".join(sorted(p.stem for p in folder.glob("*.keras"))) or "none"
            raise ValueError(
                f"No judge {name!r}: {path} is missing. There are: {known}. "
                "`fer-keras train classifier` makes one."
            )
    try:
        card = json.loads(note.read_text())
        expected = card["sha256"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{note} is not a judge's card with a 'sha256'.") from None
    found = sha256_of(file)
    if found != expected:
        raise ValueError(
            f"{file} is not the judge of its card: SHA-256 {found}, expected "
            f"{expected}. Fetch it again; scores of another judge cannot be compared."
        )
    network = keras.saving.load_model(file, compile=False)
    if not isinstance(network, kind):
        raise ValueError(
            f"{file} holds a {type(network).__name__}, expected {kind.__name__}."
        )
    return network, card
