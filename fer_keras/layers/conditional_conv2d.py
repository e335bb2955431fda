"""A convolution whose input is joined with label planes, without the planes."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.conditional_layer import ConditionalLayer
from fer_keras.layers.kernels.strided_convolution import convolve
from fer_keras.layers.label_planes import (
    add_maps,
    class_maps,
    convolution_taps,
    maps_for_labels,
)


@keras.saving.register_keras_serializable(package="fer_keras")
class ConditionalConv2D(ConditionalLayer):
    """Convolution of an image joined with one constant plane per class.

    Numerically the convolution of `concat(x, planes)` ("same" padding, with
    bias), computed as `conv(x)` plus one small map per class.

    Args:
        filters: Number of output channels.
        num_classes: Number of classes; 0 for the plain layer without labels.
        kernel_size: Side of the square kernel. Default 5.
        strides: Step in both directions. Default 2.
        kernel_initializer: Initial values of the kernel. Default N(0, 0.02), truncated.

    Call arguments:
        inputs: Pair of images `(batch, height, width, channels)` and labels:
            ids `(batch,)` or one-hot or soft weights `(batch, num_classes)`.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.

    Example:
        >>> layer = ConditionalConv2D(64, num_classes=7)
        >>> layer((np.zeros((2, 48, 48, 1)), np.array([3, 5]))).shape
        TensorShape([2, 24, 24, 64])

    Reference:
        Mirza and Osindero 2014, Conditional Generative Adversarial Nets.
    """

    input_axis = 2

    def __init__(
        self,
        filters: int,
        num_classes: int,
        kernel_size: int = 5,
        strides: int = 2,
        kernel_initializer: keras.initializers.Initializer | None = None,
        **kwargs: Any,
    ):
        super().__init__(filters, num_classes, kernel_initializer, **kwargs)
        self.kernel_size = kernel_size
        self.strides = strides

    def build(self, input_shape: tuple | list) -> None:
        (_, height, width, channels), _ = input_shape
        size = self.kernel_size
        self._rows = convolution_taps(height, size, self.strides)
        self._columns = convolution_taps(width, size, self.strides)
        self.add_kernels((size, size, channels, self.filters))

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        images, labels = inputs
        images = tf.cast(images, self.compute_dtype)
        convolved = convolve(images, self.kernel, self.strides)
        if self.label_kernel is None:
            # As a map, not as a vector: TensorFlow's remapper trips over a
            # convolution with bias whose leaky ReLU has a gradient.
            size = [len(self._rows), len(self._columns), self.filters]
            return add_maps(convolved, tf.broadcast_to(self.bias, [1, *size]))
        maps = class_maps(self.label_kernel, self._rows, self._columns)
        weights = self.label_weights(labels)
        return add_maps(convolved, maps_for_labels(weights, maps, self.bias))

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        (batch, height, width, _), _ = input_shape
        step = self.strides
        return (batch, -(-height // step), -(-width // step), self.filters)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
        }
