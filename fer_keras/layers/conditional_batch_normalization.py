"""Batch normalisation whose scale and shift are the label's."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.batch_normalization import BatchNormalization
from fer_keras.layers.labels import class_weights


@keras.saving.register_keras_serializable(package="fer_keras")
class ConditionalBatchNormalization(BatchNormalization):
    """Normalises by the global batch, then scales and shifts by label.

    Every class has a scale and a shift per channel; soft labels mix them. With all
    classes alike it is `BatchNormalization`.

    Args:
        num_classes: Number of classes.
        momentum: Share of the moving averages that a step keeps. Default 0.9.
        epsilon: Added to the variance. Default 1e-5.

    Call arguments:
        inputs: Pair of `(batch, ..., channels)`, rank 2 or 4, and labels: ids
            `(batch,)` or one-hot or soft weights `(batch, num_classes)`.
        training: Whether to normalise by the batch.

    Reference:
        De Vries et al. 2017, Modulating early visual processing by language; used
        in a GAN's generator by Miyato and Koyama 2018.
    """

    def __init__(
        self,
        num_classes: int,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        **kwargs: Any,
    ):
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)
        self.num_classes = num_classes

    def build(self, input_shape: tuple | list) -> None:
        values, _ = input_shape
        super().build(values)

    def scale_shape(self, channels: int) -> tuple[int, ...]:
        return (self.num_classes, channels)

    def call(
        self, inputs: tuple[tf.Tensor, tf.Tensor], training: bool = False
    ) -> tf.Tensor:
        values, labels = inputs
        weights = class_weights(labels, self.num_classes)
        normalized = self.normalized(values, training)
        scale, shift = (
            self._of_examples(weights, of_classes, values)
            for of_classes in (self.gamma, self.beta)
        )
        return normalized * scale + shift

    def _of_examples(self, weights, of_classes, values):
        mixed = tf.matmul(weights, tf.convert_to_tensor(of_classes))
        between = [1] * (values.shape.rank - 2)
        mixed = tf.reshape(mixed, [-1, *between, mixed.shape[-1]])
        return tf.cast(mixed, values.dtype)

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        values, _ = input_shape
        return values

    def get_config(self) -> dict:
        return {**super().get_config(), "num_classes": self.num_classes}
