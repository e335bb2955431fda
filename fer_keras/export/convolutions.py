"""Other ways to compute a convolution, for sizes where TensorFlow's own are slow.

Half the weights of a DCGAN act on a map of 3 x 3. There a convolution kernel has
too few pixels in a row to fill its registers, multiplies with the zeros around
the map (a third of its work), and reorders megabytes of weights at every call. A
matrix product per row of the kernel does none of this.
"""

import dataclasses

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Phase:
    """Every `stride`-th row and column of a transposed convolution's result.

    These pixels are an ordinary convolution of stride 1 of the input.

    Attributes:
        kernel: `(height, width, channels, filters)`.
        before: Zeros that go before the first row and the first column.
    """

    kernel: np.ndarray
    before: tuple[int, int]


def transposed_convolution_phases(
    kernel: np.ndarray, input_size, output_size, stride: int
) -> list[Phase]:
    """Splits a "same" transposed convolution into its phases, row by row.

    Result row `stride * m + phase` meets input row `m + offset` with tap
    `phase + padding - stride * offset`.

    Args:
        kernel: `(height, width, filters, channels)`, no smaller than the stride.
        input_size: Height and width of the input.
        output_size: Height and width of the result.
        stride: Step in both directions.
    """
    rows, columns = (
        _phase_taps(size, before, after, stride)
        for size, before, after in zip(
            kernel.shape[:2], input_size, output_size, strict=True
        )
    )
    kernel = kernel.swapaxes(2, 3)
    return [
        Phase(kernel[np.ix_(row_taps, column_taps)], (top, left))
        for row_taps, top in rows
        for column_taps, left in columns
    ]


def _phase_taps(kernel_size, input_size, output_size, stride):
    """For each phase along one axis: its taps by rising offset, and zeros before."""
    padding = max((input_size - 1) * stride + kernel_size - output_size, 0) // 2
    phases = []
    for phase in range(stride):
        first = (phase + padding) % stride
        taps = list(reversed(range(first, kernel_size, stride)))
        phases.append((taps, (taps[0] - phase - padding) // stride))
    return phases


def joined_phases(phases: list[Phase]) -> Phase:
    """Joins phases to one convolution whose filters are those of each in turn."""
    top, left = (max(phase.before[axis] for phase in phases) for axis in (0, 1))
    places = [(top - phase.before[0], left - phase.before[1]) for phase in phases]
    height, width = (
        max(
            place[axis] + phase.kernel.shape[axis]
            for place, phase in zip(places, phases, strict=True)
        )
        for axis in (0, 1)
    )
    channels, filters = phases[0].kernel.shape[2:]
    joined = np.zeros((height, width, channels, len(phases), filters), "float32")
    for index, ((row, column), phase) in enumerate(zip(places, phases, strict=True)):
        rows, columns = phase.kernel.shape[:2]
        joined[row : row + rows, column : column + columns, :, index] = phase.kernel
    return Phase(joined.reshape(height, width, channels, -1), (top, left))


def convolution_by_rows(
    images: tf.Tensor, kernel: tf.Tensor, before, output_size, stride: int = 1
) -> tf.Tensor:
    """Convolves with one matrix product per row of the kernel.

    Args:
        images: `(batch, height, width, channels)`, all but the batch known.
        kernel: `(height, width, channels, filters)`.
        before: Zeros before the first row and the first column; as many as are
            needed follow the last.
        output_size: Height and width of the result.
        stride: Step in both directions.

    Returns:
        `(batch, *output_size, filters)`.
    """
    height = images.shape[1]
    rows, columns = output_size
    lines = _lines(images, kernel.shape[1], before[1], columns, stride)
    sums = []
    for tap in range(kernel.shape[0]):
        # Each row of the result with the image's row that it meets there. Rows
        # outside the map are left out instead of multiplied with zeros.
        met = [(row, row * stride - before[0] + tap) for row in range(rows)]
        met = [(row, source) for row, source in met if 0 <= source < height]
        if not met:
            continue
        (first, start), (last, end) = met[0], met[-1]
        if stride == 1:
            seen = lines[start : end + 1]
        else:
            seen = tf.gather(lines, range(start, end + 1, stride))
        weights = tf.reshape(kernel[tap], [-1, kernel.shape[3]])
        products = tf.tensordot(seen, weights, 1)
        sums.append(tf.pad(products, [[first, rows - 1 - last], [0, 0], [0, 0]]))
    result = tf.reshape(tf.add_n(sums), [rows, -1, columns, kernel.shape[3]])
    return tf.transpose(result, [1, 0, 2, 3])


def _lines(images, kernel_width, left, columns, stride):
    """What a row of the kernel sees of each row of the images, column by column.

    Returns:
        `(height, batch * columns, kernel_width * channels)`.
    """
    _, height, width, channels = images.shape
    right = max((columns - 1) * stride + kernel_width - width - left, 0)
    # Rows come first, so that those of a stride are whole blocks of memory.
    images = tf.transpose(images, [1, 0, 2, 3])
    images = tf.pad(images, [[0, 0], [0, 0], [left, right], [0, 0]])
    seen = [
        images[:, :, column : column + kernel_width]
        for column in range(0, columns * stride, stride)
    ]
    return tf.reshape(tf.stack(seen, axis=2), [height, -1, kernel_width * channels])
