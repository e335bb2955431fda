"""Convolution of small maps as matrix products, one for each row of the result.

oneDNN's convolutions keep a line of output columns in registers. Where a map has
three columns they run at a third of the speed of a matrix product, and their
weight gradient in bfloat16 at a tenth. The same sums as products:

    result[p] = sum_i lines[p * stride - padding + i] kernel[i]

`lines[h]` holds, for each image and output column, the kernel_size columns of
input row h that it sees. Rows outside the image are left out, not multiplied
as zeros: a fifth of the products of a 5x5 kernel on a 6x6 map.

The three functions below are bilinear and each is the derivative of the others, so
that gradients of any order stay matrix products.
"""

import dataclasses
import functools

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class RowGeometry:
    """Which rows and columns of an image a "same" convolution's results see.

    Args:
        height: Of the convolution's input.
        width: Likewise.
        kernel_size: Side of the square kernel.
        strides: Step in both directions.
    """

    height: int
    width: int
    kernel_size: int
    strides: int

    @functools.cached_property
    def output_size(self) -> tuple[int, int]:
        """Height and width of the result."""
        return -(-self.height // self.strides), -(-self.width // self.strides)

    @functools.cached_property
    def row_triples(self) -> list[tuple[int, int, int]]:
        """Every (row of the result, row of the kernel, row of the image)."""
        return [
            (result, tap, int(row))
            for result, rows in enumerate(self._sources(self.height))
            for tap, row in enumerate(rows)
            if 0 <= row < self.height
        ]

    @functools.cached_property
    def every_row_counts(self) -> bool:
        """Whether each row of the image and of the kernel is in some product."""
        _, taps, rows = (
            set(indices) for indices in zip(*self.row_triples, strict=True)
        )
        return len(taps) == self.kernel_size and len(rows) == self.height

    @functools.cached_property
    def rows(self) -> np.ndarray:
        """The image's row for each row of the result and of the kernel.

        int32 `(result height * kernel_size,)`; `height` where it is outside.
        """
        return self._places(self.height)

    @functools.cached_property
    def columns(self) -> np.ndarray:
        """The image's column for each column of the result and of the kernel.

        int32 `(result width * kernel_size,)`; `width` where it is outside.
        """
        return self._places(self.width)

    def _places(self, size):
        sources = self._sources(size).reshape(-1)
        inside = (sources >= 0) & (sources < size)
        return np.where(inside, sources, size).astype("int32")

    def _sources(self, size):
        results = -(-size // self.strides)
        padding = max((results - 1) * self.strides + self.kernel_size - size, 0) // 2
        starts = np.arange(results)[:, None] * self.strides - padding
        return starts + np.arange(self.kernel_size)


def convolve(images: tf.Tensor, kernel: tf.Tensor, geometry: RowGeometry) -> tf.Tensor:
    """Convolution with "same" padding.

    Args:
        images: `(batch, height, width, channels)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: Of the convolution.

    Returns:
        `(batch, *geometry.output_size, filters)`.
    """
    results = _results(_lines(images, geometry), _by_rows(kernel), geometry)
    return _images_from_rows(results, geometry.output_size[1])


def convolve_transposed(
    images: tf.Tensor, kernel: tf.Tensor, geometry: RowGeometry
) -> tf.Tensor:
    """The transpose of `convolve`: from its result's shape to its input's.

    Args:
        images: `(batch, *geometry.output_size, filters)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: Of the convolution of which this is the transpose.

    Returns:
        `(batch, geometry.height, geometry.width, channels)`.
    """
    lines = _line_sums(_rows_from_images(images), _by_rows(kernel), geometry)
    return _fold(lines, geometry)


def kernel_gradient(
    images: tf.Tensor, result_gradient: tf.Tensor, geometry: RowGeometry
) -> tf.Tensor:
    """The derivative of `convolve` by its kernel.

    Args:
        images: `(batch, height, width, channels)`.
        result_gradient: `(batch, *geometry.output_size, filters)`.
        geometry: Of the convolution.

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
    """`(height, batch * result width, kernel_size * channels)`: what results see."""

    @tf.custom_gradient
    def unfold(images):
        rows = tf.pad(
            tf.transpose(images, [1, 0, 2, 3]), [[0, 0], [0, 0], [0, 1], [0, 0]]
        )
        lines = tf.gather(rows, geometry.columns, axis=2)
        shape = [geometry.height, -1, geometry.kernel_size * images.shape[-1]]
        return tf.reshape(lines, shape), lambda gradient: _fold(gradient, geometry)

    return unfold(images)


def _fold(lines, geometry):
    """The transpose of `_lines`: adds up what falls on each pixel."""

    @tf.custom_gradient
    def fold(lines):
        channels = lines.shape[-1] // geometry.kernel_size
        falls = geometry.columns == np.arange(geometry.width)[:, None]
        # One small product: gathering and adding makes three passes.
        rows = tf.matmul(
            tf.constant(falls, lines.dtype),
            tf.reshape(lines, [-1, len(geometry.columns), channels]),
        )
        shape = [geometry.height, -1, geometry.width, channels]
        images = tf.transpose(tf.reshape(rows, shape), [1, 0, 2, 3])
        return images, lambda gradient: _lines(gradient, geometry)

    return fold(lines)


def _results(lines, kernel, geometry):
    @tf.custom_gradient
    def multiply(lines, kernel):
        def gradients(gradient):
            return (
                _line_sums(gradient, kernel, geometry),
                _kernel_rows(lines, gradient, geometry),
            )

        results = []
        for result in range(geometry.output_size[0]):
            taps, rows = zip(
                *[(tap, row) for r, tap, row in geometry.row_triples if r == result],
                strict=True,
            )
            # Side by side, so that the sum over the kernel's rows is the product's.
            seen = tf.concat([lines[row] for row in rows], axis=1)
            part = kernel[taps[0] : taps[-1] + 1]
            results.append(tf.matmul(seen, tf.reshape(part, [-1, kernel.shape[2]])))
        return tf.stack(results), gradients

    return multiply(lines, kernel)


def _line_sums(results, kernel, geometry):
    @tf.custom_gradient
    def multiply(results, kernel):
        def gradients(gradient):
            return (
                _results(gradient, kernel, geometry),
                _kernel_rows(gradient, results, geometry),
            )

        sums = [
            tf.add_n(
                [
                    tf.matmul(results[result], kernel[tap], transpose_b=True)
                    for result, tap, r in geometry.row_triples
                    if r == row
                ]
            )
            for row in range(geometry.height)
        ]
        return tf.stack(sums), gradients

    return multiply(results, kernel)


def _kernel_rows(lines, results, geometry):
    @tf.custom_gradient
    def multiply(lines, results):
        def gradients(gradient):
            return (
                _line_sums(results, gradient, geometry),
                _results(lines, gradient, geometry),
            )

        products = []
        for kernel_row in range(geometry.kernel_size):
            pairs = [
                (r, row) for r, tap, row in geometry.row_triples if tap == kernel_row
            ]
            seen = tf.concat([lines[row] for _, row in pairs], axis=0)
            gradient = tf.concat([results[result] for result, _ in pairs], axis=0)
            products.append(tf.matmul(seen, gradient, transpose_a=True))
        return tf.stack(products), gradients

    return multiply(lines, results)
