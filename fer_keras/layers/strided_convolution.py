"""Convolutions with "same" padding, each the way that is fastest for its shape.

The ways differ in speed alone. What is chosen was measured on CPUs with AVX-512 and
AMX (`benchmarks/README.md`); on a GPU it is always the device's own convolution.
"""

import math

import tensorflow as tf

from fer_keras.layers import row_products
from fer_keras.layers.row_products import RowGeometry

# Below this many weights at a tap, a product's overhead outweighs its speed.
_SMALLEST_PRODUCT = 128 * 128
_SMALLEST_GRADIENT_PRODUCT = 32 * 64


def convolve(images: tf.Tensor, kernel: tf.Tensor, strides: int) -> tf.Tensor:
    """Convolution with "same" padding.

    Args:
        images: `(batch, height, width, channels)`; all but `batch` known.
        kernel: `(size, size, channels, filters)` of the same type.
        strides: Step in both directions.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    images, kernel = tf.convert_to_tensor(images), tf.convert_to_tensor(kernel)
    geometry = RowGeometry(*images.shape[1:3], kernel.shape[0], strides)
    if _as_products(geometry, kernel):
        return row_products.convolve(images, kernel, geometry)
    if not _gradient_as_products(geometry, kernel):
        return tf.nn.conv2d(images, kernel, strides, "SAME")

    @tf.custom_gradient
    def convolution(images, kernel):
        def gradients(gradient):
            return (
                _transposed(gradient, kernel, geometry),
                row_products.kernel_gradient(images, gradient, geometry),
            )

        return tf.nn.conv2d(images, kernel, strides, "SAME"), gradients

    return convolution(images, kernel)


def convolve_transposed(
    images: tf.Tensor, kernel: tf.Tensor, output_size: tuple[int, int], strides: int
) -> tf.Tensor:
    """Transposed convolution with "same" padding.

    Args:
        images: `(batch, height, width, channels)`; all but `batch` known.
        kernel: `(size, size, filters, channels)` of the same type.
        output_size: Height and width; divided by `strides` and rounded up they
            must be those of `images`.
        strides: Of the convolution of which this is the transpose.

    Returns:
        `(batch, *output_size, filters)`.
    """
    images, kernel = tf.convert_to_tensor(images), tf.convert_to_tensor(kernel)
    geometry = RowGeometry(*output_size, kernel.shape[0], strides)
    if _as_products(geometry, kernel):
        return row_products.convolve_transposed(images, kernel, geometry)
    if not _gradient_as_products(geometry, kernel):
        return _transposed(images, kernel, geometry)

    @tf.custom_gradient
    def convolution(images, kernel):
        def gradients(gradient):
            return (
                tf.nn.conv2d(gradient, kernel, strides, "SAME"),
                row_products.kernel_gradient(gradient, images, geometry),
            )

        return _transposed(images, kernel, geometry), gradients

    return convolution(images, kernel)


def _transposed(images, kernel, geometry):
    size = geometry.height, geometry.width
    shape = [tf.shape(images)[0], *size, kernel.shape[2]]
    return tf.nn.conv2d_transpose(images, kernel, shape, geometry.strides)


def _as_products(geometry, kernel):
    return (
        _on_a_cpu()
        and geometry.every_row_counts
        and geometry.output_size[1] <= 4
        and math.prod(kernel.shape[2:]) >= _SMALLEST_PRODUCT
    )


def _gradient_as_products(geometry, kernel):
    return (
        _on_a_cpu()
        and geometry.every_row_counts
        and kernel.dtype == tf.bfloat16
        and geometry.output_size[1] <= 8
        and math.prod(kernel.shape[2:]) >= _SMALLEST_GRADIENT_PRODUCT
    )


def _on_a_cpu():
    return not tf.config.list_logical_devices("GPU")
