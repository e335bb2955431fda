"""A transposed convolution whose input is joined with label planes."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.conditional_layer import ConditionalLayer
from fer_keras.layers.kernels.strided_convolution import convolve_transposed
from fer_keras.layers.label_planes import (
    class_maps,
    maps_for_labels,
    transposed_convolution_taps,
)
from fer_keras.training.replicas import on_share


@keras.saving.register_keras_serializable(package="fer_keras")
class ConditionalConv2DTranspose(ConditionalLayer):
    """Transposed convolution of an image joined with one plane per class.

    Numerically the transposed convolution of `concat(x, planes)` ("same"
    padding, with bias), computed without the planes.

    Args:
        filters: Number of output channels.
        num_classes: Number of classes; 0 for the plain layer without labels.
        output_size: Height and width of the output. The convolution with the
            same stride from `output_size` must give the input's size, which is
            what makes sizes possible that are no multiple of the stride.
        kernel_size: Side of the square kernel. Default 5.
        strides: Step in both directions. Default 2.
        kernel_initializer: Initial values of the kernel. Default N(0, 0.02), truncated.

    Call arguments:
        inputs: Pair of images `(batch, height, width, channels)` and labels:
            ids `(batch,)` or one-hot or soft weights `(batch, num_classes)`.

    Returns:
        `(batch, *output_size, filters)`.

    Raises:
        ValueError: `output_size` does not belong to the input's size.

    Example:
        >>> layer = ConditionalConv2DTranspose(64, num_classes=7, output_size=(6, 6))
        >>> layer((np.zeros((2, 3, 3, 512)), np.array([3, 5]))).shape
        TensorShape([2, 6, 6, 64])

    Reference:
        Radford et al. 2016, Unsupervised Representation Learning with Deep
        Convolutional Generative Adversarial Networks.
    """

    input_axis = 3

    def __init__(
        self,
        filters: int,
        num_classes: int,
        output_size: tuple[int, int],
        kernel_size: int = 5,
        strides: int = 2,
        kernel_initializer: keras.initializers.Initializer | None = None,
        **kwargs: Any,
    ):
        super().__init__(filters, num_classes, kernel_initializer, **kwargs)
        self.output_size = tuple(output_size)
        self.kernel_size = kernel_size
        self.strides = strides

    def build(self, input_shape: tuple | list) -> None:
        (_, *input_size, channels), _ = input_shape
        for before, after in zip(input_size, self.output_size, strict=True):
            if -(-after // self.strides) != before:
                raise ValueError(
                    f"output_size {self.output_size} with strides {self.strides} "
                    f"does not belong to an input of size {tuple(input_size)}: "
                    "expected ceil(output / strides) == input."
                )
        size = self.kernel_size
        self._rows, self._columns = (
            transposed_convolution_taps(before, after, size, self.strides)
            for before, after in zip(input_size, self.output_size, strict=True)
        )
        self.add_kernels((size, size, self.filters, channels))

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        images, labels = inputs
        images = tf.cast(images, self.compute_dtype)
        convolved = on_share(self._convolve, images)
        if self.label_kernel is None:
            return tf.nn.bias_add(convolved, self.bias)
        label_kernel = tf.transpose(self.label_kernel, [0, 1, 3, 2])
        maps = class_maps(label_kernel, self._rows, self._columns)
        weights = self.label_weights(labels)
        return convolved + maps_for_labels(weights, maps, self.bias)

    def _convolve(self, images):
        return convolve_transposed(images, self.kernel, self.output_size, self.strides)

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        (batch, *_), _ = input_shape
        return (batch, *self.output_size, self.filters)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "output_size": self.output_size,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
        }
