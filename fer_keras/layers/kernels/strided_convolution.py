"""Convolutions with "same" padding, each the way that is fastest for its shape.

A convolution, its transpose and its derivative by the kernel are bilinear, and each
is the derivative of the others. For each there are two or three ways that differ in
speed alone. What is chosen was measured on CPUs with AVX-512 and AMX
(`benchmarks/README.md`); on a GPU it is always the device's own.
"""

import math

import tensorflow as tf

from fer_keras.layers.kernels import row_products, thin_products
from fer_keras.layers.kernels.own_gradient import own_gradient
from fer_keras.layers.kernels.row_products import RowGeometry

# Below so many weights at a tap, the overhead of a product outweighs its speed.
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

    @own_gradient
    def differentiable(images, kernel):
        def gradients(gradient):
            return (
                _transposed(gradient, kernel, geometry),
                _kernel_gradient(images, gradient, geometry),
            )

        return _convolution(images, kernel, geometry), gradients

    return differentiable(images, kernel)


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

    @own_gradient
    def differentiable(images, kernel):
        def gradients(gradient):
            return (
                _convolution(gradient, kernel, geometry),
                _kernel_gradient(gradient, images, geometry),
            )

        return _transposed(images, kernel, geometry), gradients

    return differentiable(images, kernel)


def _convolution(images, kernel, geometry):
    if _as_row_products(geometry, kernel.shape):
        return row_products.convolve(images, kernel, geometry)
    return tf.nn.conv2d(images, kernel, geometry.strides, "SAME")


def _transposed(images, kernel, geometry):
    if _as_row_products(geometry, kernel.shape):
        return row_products.convolve_transposed(images, kernel, geometry)
    if _as_thin_product(kernel.shape):
        return thin_products.convolve_transposed(images, kernel, geometry)
    size = geometry.height, geometry.width
    shape = [tf.shape(images)[0], *size, kernel.shape[2]]
    return tf.nn.conv2d_transpose(images, kernel, shape, geometry.strides)


def _kernel_gradient(images, result_gradient, geometry):
    size = geometry.kernel_size
    shape = [size, size, images.shape[-1], result_gradient.shape[-1]]
    if _gradient_as_row_products(geometry, shape, images.dtype):
        return row_products.kernel_gradient(images, result_gradient, geometry)
    return tf.raw_ops.Conv2DBackpropFilter(
        input=images,
        filter_sizes=shape,
        out_backprop=result_gradient,
        strides=[1, geometry.strides, geometry.strides, 1],
        padding="SAME",
    )


def _as_row_products(geometry, kernel_shape):
    return (
        _on_a_cpu()
        and geometry.every_row_counts
        and geometry.output_size[1] <= 4
        and math.prod(kernel_shape[2:]) >= _SMALLEST_PRODUCT
    )


def _gradient_as_row_products(geometry, kernel_shape, dtype):
    return _as_row_products(geometry, kernel_shape) or (
        _on_a_cpu()
        and geometry.every_row_counts
        and dtype == tf.bfloat16
        and geometry.output_size[1] <= 8
        and math.prod(kernel_shape[2:]) >= _SMALLEST_GRADIENT_PRODUCT
    )


def _as_thin_product(kernel_shape):
    return _on_a_cpu() and kernel_shape[2] == 1


def _on_a_cpu():
    return not tf.config.list_logical_devices("GPU")
