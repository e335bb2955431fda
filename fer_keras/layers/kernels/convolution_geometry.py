"""Which rows and columns meet in a strided convolution with "same" padding."""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np


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
class ConvolutionGeometry:
    """Which rows and columns of an image a "same" convolution's results see.

    Args:
        height: Height of the convolution's input.
        width: Width of the convolution's input.
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
