"""A second opinion on D's features."""

import keras

from fer_keras.networks.discriminator import joined_logits


class Critic(keras.layers.Layer):
    """D's last layers once more, to judge faces of another origin by the same features.

    It begins as D's own judgement and learns apart from it. It is made from D again
    where its owner is, and is not serialised alone.

    Args:
        discriminator: The `Discriminator` whose features it is to judge.

    Call arguments:
        features: What `discriminator.features` returns.
        labels: Ids `(batch,)` or class weights `(batch, num_classes)`.

    Returns:
        float32 logits `(batch,)`: above 0 for "belongs to the data".
    """

    def __init__(self, discriminator, **kwargs):
        super().__init__(dtype=discriminator.dtype_policy, **kwargs)
        self.decide = _twin(discriminator.decide)
        self.project = discriminator.project and _twin(discriminator.project)
        self.built = True

    def call(self, features, labels):
        return joined_logits(self.decide, self.project, features, labels)


def _twin(layer):
    twin = type(layer).from_config(layer.get_config())
    twin.build_from_config(layer.get_build_config())
    twin.set_weights(layer.get_weights())
    return twin
