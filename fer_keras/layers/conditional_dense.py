"""A dense layer whose input is joined with the label."""

import keras
import tensorflow as tf

from fer_keras.layers.conditional_layer import ConditionalLayer


@keras.saving.register_keras_serializable(package="fer_keras")
class ConditionalDense(ConditionalLayer):
    """Dense layer of a vector joined with the label: `[x, y] W + b`.

    Args:
        filters: Number of outputs.
        num_classes: Number of classes; 0 for the plain layer without labels.
        kernel_initializer: Initial values of the kernel. Default N(0, 0.02), truncated.

    Call arguments:
        inputs: Pair of vectors `(batch, channels)` and labels: ids `(batch,)`
            or one-hot or soft weights `(batch, num_classes)`.

    Returns:
        `(batch, filters)`.
    """

    input_axis = 0

    def build(self, input_shape: tuple | list) -> None:
        (_, channels), _ = input_shape
        self.add_kernels((channels, self.filters))

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        vectors, labels = inputs
        vectors = tf.cast(vectors, self.compute_dtype)
        outputs = tf.matmul(vectors, self.kernel) + self.bias
        if self.label_kernel is None:
            return outputs
        return outputs + tf.matmul(self.label_weights(labels), self.label_kernel)

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        (batch, _), _ = input_shape
        return (batch, self.filters)
