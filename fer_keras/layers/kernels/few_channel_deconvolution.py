"""Transposed convolution to a few channels as one matrix product.

oneDNN's transposed convolution fills a vector register with output channels: to one
grey channel it computes sixteen. As a product it computes each kernel tap's value
for each input pixel once, which two small products then add up to an image.
"""

import numpy as np
import tensorflow as tf

from fer_keras.layers.kernels.convolution_geometry import ConvolutionGeometry


def convolve_transposed(
    images: tf.Tensor, kernel: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """Transposed convolution with "same" padding.

    Args:
        images: `(batch, *geometry.output_size, filters)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: The geometry of the convolution whose transpose this is.

    Returns:
        `(batch, geometry.height, geometry.width, channels)`.
    """
    size, _, channels, filters = kernel.shape
    taps = tf.matmul(
        tf.reshape(images, [-1, filters]),
        tf.reshape(kernel, [-1, filters]),
        transpose_b=True,
    )
    rows, columns = geometry.output_size
    taps = tf.reshape(taps, [-1, rows, columns, size, size, channels])
    taps = tf.transpose(taps, [0, 5, 1, 3, 2, 4])
    taps = tf.reshape(taps, [-1, rows * size, columns * size])
    by_rows = tf.matmul(_falls(geometry.rows, geometry.height, taps.dtype), taps)
    falls = _falls(geometry.columns, geometry.width, taps.dtype)
    by_rows = tf.reshape(by_rows, [-1, columns * size])
    pixels = tf.matmul(by_rows, falls, transpose_b=True)
    pixels = tf.reshape(pixels, [-1, channels, geometry.height, geometry.width])
    return tf.transpose(pixels, [0, 2, 3, 1])


def _falls(places, size, dtype):
    """`(size, places)` of ones where a place falls on a pixel and zeros elsewhere."""
    return tf.cast(tf.constant(places == np.arange(size)[:, None]), dtype)
