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
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fer_keras.layers.kernels.own_gradient import own_gradient


class RowBlock(NamedTuple):
    """The rows that one row of the kernel joins.

    Attributes:
        start: First of the rows of the result.
        end: The one after the last.
        first: Place of the image's row that belongs to `start`, in `row_order`; the
            others follow it.
    """

    start: int
    end: int
    first: int

    @property
    def image_rows(self) -> slice:
        """The places of the image's rows."""
        return slice(self.first, self.first + self.end - self.start)


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
    def blocks(self) -> list["RowBlock"]:
        """For each row of the kernel, which rows of the result and image it joins."""
        order, sources = self.row_order, self._sources(self.height)
        blocks = []
        for rows in sources.T:
            (inside,) = np.nonzero((rows >= 0) & (rows < self.height))
            first = order.index(rows[inside[0]]) if len(inside) else 0
            start = int(inside[0]) if len(inside) else 0
            blocks.append(RowBlock(start, start + len(inside), first))
        return blocks

    @property
    def row_order(self) -> list[int]:
        """The image's rows by phase: every `strides`-th one from 0, then from 1, …

        In this order the rows that a row of the kernel sees are neighbours.
        """
        phases = range(self.strides)
        return [
            row
            for phase in phases
            for row in range(phase, self.padded_height, self.strides)
        ]

    @property
    def padded_height(self) -> int:
        """The height rounded up to whole strides, so that phases are of one size."""
        return -(-self.height // self.strides) * self.strides

    @functools.cached_property
    def every_row_counts(self) -> bool:
        """Whether each row of the image and of the kernel is in some product."""
        seen = {
            self.row_order[block.first + row]
            for block in self.blocks
            for row in range(block.end - block.start)
        }
        return len(seen) == self.height and all(
            block.end > block.start for block in self.blocks
        )

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
    """What results see: `(rows, batch * result width, kernel_size * channels)`.

    The rows are those of `geometry.row_order`, padded ones zero.
    """

    @own_gradient
    def unfold(images):
        height, width, channels = images.shape[1:]
        more = geometry.padded_height - height
        rows = tf.pad(images, [[0, 0], [0, more], [0, 1], [0, 0]])
        phases = [geometry.output_size[0], geometry.strides]
        rows = tf.reshape(rows, [-1, *phases, width + 1, channels])
        rows = tf.transpose(rows, [2, 1, 0, 3, 4])
        rows = tf.reshape(rows, [geometry.padded_height, -1, width + 1, channels])
        lines = tf.gather(rows, geometry.columns, axis=2)
        shape = [geometry.padded_height, -1, geometry.kernel_size * channels]
        return tf.reshape(lines, shape), lambda gradient: _fold(gradient, geometry)

    return unfold(images)


def _fold(lines, geometry):
    """The transpose of `_lines`: adds up what falls on each pixel."""

    @own_gradient
    def fold(lines):
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
        images = tf.reshape(images, shape)[:, : geometry.height]
        return images, lambda gradient: _lines(gradient, geometry)

    return fold(lines)


def _results(lines, kernel, geometry):
    @own_gradient
    def multiply(lines, kernel):
        def gradients(gradient):
            return (
                _line_sums(gradient, kernel, geometry),
                _kernel_rows(lines, gradient, geometry),
            )

        sums = _Sums(geometry.output_size[0])
        for block, weights in zip(geometry.blocks, tf.unstack(kernel), strict=True):
            products = tf.matmul(_flat(lines[block.image_rows]), weights)
            sums.add(block.start, block.end, products)
        return sums.stacked(), gradients

    return multiply(lines, kernel)


def _line_sums(results, kernel, geometry):
    @own_gradient
    def multiply(results, kernel):
        def gradients(gradient):
            return (
                _results(gradient, kernel, geometry),
                _kernel_rows(gradient, results, geometry),
            )

        sums = _Sums(geometry.padded_height)
        for block, weights in zip(geometry.blocks, tf.unstack(kernel), strict=True):
            seen = _flat(results[block.start : block.end])
            rows = block.image_rows
            sums.add(rows.start, rows.stop, tf.matmul(seen, weights, transpose_b=True))
        return sums.stacked(), gradients

    return multiply(results, kernel)


def _kernel_rows(lines, results, geometry):
    @own_gradient
    def multiply(lines, results):
        def gradients(gradient):
            return (
                _line_sums(results, gradient, geometry),
                _results(lines, gradient, geometry),
            )

        products = [
            tf.matmul(
                _flat(lines[block.image_rows]),
                _flat(results[block.start : block.end]),
                transpose_a=True,
            )
            for block in geometry.blocks
        ]
        return tf.stack(products), gradients

    return multiply(lines, results)


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
