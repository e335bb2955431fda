"""Convolution of small maps as matrix products, one for each row of the result.

oneDNN's convolutions keep a line of output columns in registers. Where a map has
three columns they run at a third of the speed of a matrix product, and their
weight gradient in bfloat16 at a tenth. The same sums as products:

    result[p] = sum_i lines[p * stride - padding + i] kernel[i]

`lines[h]` holds, for each image and output column, the kernel_size columns of
input row h that it sees. Rows outside the image are left out, not multiplied
as zeros: a fifth of the products of a 5x5 kernel on a 6x6 map.
"""

import numpy as np
import tensorflow as tf

from fer_keras.layers.kernels.convolution_geometry import ConvolutionGeometry


def convolve(
    images: tf.Tensor, kernel: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """Convolution with "same" padding.

    Args:
        images: `(batch, height, width, channels)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: The convolution's geometry.

    Returns:
        `(batch, *geometry.output_size, filters)`.
    """
    results = _results(_lines(images, geometry), _by_rows(kernel), geometry)
    return _images_from_rows(results, geometry.output_size[1])


def convolve_transposed(
    images: tf.Tensor, kernel: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """The transpose of `convolve`: from its result's shape to its input's.

    Args:
        images: `(batch, *geometry.output_size, filters)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: The geometry of the convolution whose transpose this is.

    Returns:
        `(batch, geometry.height, geometry.width, channels)`.
    """
    lines = _line_sums(_rows_from_images(images), _by_rows(kernel), geometry)
    return _fold(lines, geometry)


def kernel_gradient(
    images: tf.Tensor, result_gradient: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """The derivative of `convolve` by its kernel.

    Args:
        images: `(batch, height, width, channels)`.
        result_gradient: `(batch, *geometry.output_size, filters)`.
        geometry: The convolution's geometry.

    Returns:
        `(kernel_size, kernel_size, channels, filters)`.
    """
    gradient = _kernel_rows(
        _lines(images, geometry), _rows_from_images(result_gradient), geometry
    )
    size = geometry.kernel_size
    shape = [size, size, images.shape[-1], result_gradient.shape[-1]]
    return tf.reshape(gradient, shape)


def _by_rows(kernel):
    size, _, channels, filters = kernel.shape
    return tf.reshape(kernel, [size, size * channels, filters])


def _rows_from_images(images):
    _, height, _, channels = images.shape
    return tf.reshape(tf.transpose(images, [1, 0, 2, 3]), [height, -1, channels])


def _images_from_rows(rows, width):
    height, _, channels = rows.shape
    return tf.transpose(tf.reshape(rows, [height, -1, width, channels]), [1, 0, 2, 3])


def _lines(images, geometry):
    """What results see: `(rows, batch * result width, kernel_size * channels)`.

    The rows are those of `geometry.row_order`, padded ones zero.
    """
    height, width, channels = images.shape[1:]
    more = geometry.padded_height - height
    rows = tf.pad(images, [[0, 0], [0, more], [0, 1], [0, 0]])
    phases = [geometry.output_size[0], geometry.strides]
    rows = tf.reshape(rows, [-1, *phases, width + 1, channels])
    rows = tf.transpose(rows, [2, 1, 0, 3, 4])
    rows = tf.reshape(rows, [geometry.padded_height, -1, width + 1, channels])
    lines = tf.gather(rows, geometry.columns, axis=2)
    shape = [geometry.padded_height, -1, geometry.kernel_size * channels]
    return tf.reshape(lines, shape)


def _fold(lines, geometry):
    """The transpose of `_lines`: adds up what falls on each pixel."""
    channels = lines.shape[-1] // geometry.kernel_size
    falls = geometry.columns == np.arange(geometry.width)[:, None]
    # One small product: gathering and adding makes three passes.
    rows = tf.matmul(
        tf.constant(falls, lines.dtype),
        tf.reshape(lines, [-1, len(geometry.columns), channels]),
    )
    phases = [geometry.strides, geometry.output_size[0]]
    rows = tf.reshape(rows, [*phases, -1, geometry.width, channels])
    images = tf.transpose(rows, [2, 1, 0, 3, 4])
    shape = [-1, geometry.padded_height, geometry.width, channels]
    return tf.reshape(images, shape)[:, : geometry.height]


def _results(lines, kernel, geometry):
    sums = _Sums(geometry.output_size[0])
    for block, weights in zip(geometry.blocks, tf.unstack(kernel), strict=True):
        products = tf.matmul(_flat(lines[block.image_rows]), weights)
        sums.add(block.start, block.end, products)
    return sums.stacked()


def _line_sums(results, kernel, geometry):
    sums = _Sums(geometry.padded_height)
    for block, weights in zip(geometry.blocks, tf.unstack(kernel), strict=True):
        seen = _flat(results[block.start : block.end])
        rows = block.image_rows
        sums.add(rows.start, rows.stop, tf.matmul(seen, weights, transpose_b=True))
    return sums.stacked()


def _kernel_rows(lines, results, geometry):
    products = [
        tf.matmul(
            _flat(lines[block.image_rows]),
            _flat(results[block.start : block.end]),
            transpose_a=True,
        )
        for block in geometry.blocks
    ]
    return tf.stack(products)


def _flat(rows):
    return tf.reshape(rows, [-1, rows.shape[-1]])


class _Sums:
    """Adds up products that belong to several rows each."""

    def __init__(self, rows):
        self._terms = [[] for _ in range(rows)]

    def add(self, start, end, products):
        rows = tf.reshape(products, [end - start, -1, products.shape[-1]])
        for terms, row in zip(self._terms[start:end], tf.unstack(rows), strict=True):
            terms.append(row)

    def stacked(self):
        # Not `tf.add_n`, which TensorFlow also makes of sums of sums: in what order
        # it adds hangs on which buffer is free first, and with it the rounding.
        some = next(terms[0] for terms in self._terms if terms)
        return tf.stack(
            [
                tf.reduce_sum(tf.stack(terms), 0) if terms else tf.zeros_like(some)
                for terms in self._terms
            ]
        )
