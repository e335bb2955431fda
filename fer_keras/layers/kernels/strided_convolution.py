"""Convolutions with "same" padding, each the way that is fastest for its shape.

A convolution, its transpose and its derivative by the kernel are bilinear, and each
is the derivative of the others. For each there are two or three ways that differ in
speed alone. What is chosen was measured on CPUs with AVX-512 and AMX
(`benchmarks/README.md`); on a GPU it is always the device's own.
"""

import math

import tensorflow as tf

from fer_keras.layers.kernels import (
    few_channel_deconvolution,
    reference,
    small_map_convolution,
)
from fer_keras.layers.kernels.convolution_geometry import ConvolutionGeometry
from fer_keras.layers.kernels.custom_gradient import custom_gradient

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
    geometry = ConvolutionGeometry(*images.shape[1:3], kernel.shape[0], strides)

    @custom_gradient
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
        strides: Strides of the convolution whose transpose this is.

    Returns:
        `(batch, *output_size, filters)`.
    """
    images, kernel = tf.convert_to_tensor(images), tf.convert_to_tensor(kernel)
    geometry = ConvolutionGeometry(*output_size, kernel.shape[0], strides)

    @custom_gradient
    def differentiable(images, kernel):
        def gradients(gradient):
            return (
                _convolution(gradient, kernel, geometry),
                _kernel_gradient(gradient, images, geometry),
            )

        return _transposed(images, kernel, geometry), gradients

    return differentiable(images, kernel)


def _convolution(images, kernel, geometry):
    if _on_small_maps(geometry, kernel.shape):
        return small_map_convolution.convolve(images, kernel, geometry)
    return reference.convolve(images, kernel, geometry)


def _transposed(images, kernel, geometry):
    if _on_small_maps(geometry, kernel.shape):
        return small_map_convolution.convolve_transposed(images, kernel, geometry)
    if _to_one_channel(kernel.shape):
        return few_channel_deconvolution.convolve_transposed(images, kernel, geometry)
    return reference.convolve_transposed(images, kernel, geometry)


def _kernel_gradient(images, result_gradient, geometry):
    size = geometry.kernel_size
    shape = [size, size, images.shape[-1], result_gradient.shape[-1]]
    small = _gradient_on_small_maps(geometry, shape, images.dtype)
    form = small_map_convolution if small else reference
    return form.kernel_gradient(images, result_gradient, geometry)


def _on_small_maps(geometry, kernel_shape):
    return (
        _on_a_cpu()
        and geometry.every_row_counts
        and geometry.output_size[1] <= 4
        and math.prod(kernel_shape[2:]) >= _SMALLEST_PRODUCT
    )


def _gradient_on_small_maps(geometry, kernel_shape, dtype):
    return _on_small_maps(geometry, kernel_shape) or (
        _on_a_cpu()
        and geometry.every_row_counts
        and dtype == tf.bfloat16
        and geometry.output_size[1] <= 8
        and math.prod(kernel_shape[2:]) >= _SMALLEST_GRADIENT_PRODUCT
    )


def _to_one_channel(kernel_shape):
    return _on_a_cpu() and kernel_shape[2] == 1


def _on_a_cpu():
    return not tf.config.list_logical_devices("GPU")
