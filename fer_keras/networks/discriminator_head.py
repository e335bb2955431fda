"""One more head on the features of a discriminator."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.networks.discriminator import joined_logits


class DiscriminatorHead(keras.layers.Layer):
    """A copy of D's last layers that judges faces of another origin.

    It sees the features that D's own head sees. It starts with the weights of that
    head and is trained apart from it. Its owner makes it from D; it is not serialised
    alone.

    Args:
        discriminator: The `Discriminator` whose features it judges.

    Call arguments:
        features: What `discriminator.features` returns.
        labels: Ids `(batch,)` or class weights `(batch, num_classes)`.

    Returns:
        float32 logits `(batch,)`: above 0 for "belongs to the data".
    """

    def __init__(self, discriminator: keras.Model, **kwargs: Any):
        super().__init__(dtype=discriminator.dtype_policy, **kwargs)
        self.decide = _copy(discriminator.decide)
        self.project = discriminator.project and _copy(discriminator.project)
        self.built = True

    def call(self, features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return joined_logits(self.decide, self.project, features, labels)


def _copy(layer):
    copy = type(layer).from_config(layer.get_config())
    copy.build_from_config(layer.get_build_config())
    copy.set_weights(layer.get_weights())
    return copy
