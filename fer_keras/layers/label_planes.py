"""The algebra that takes label planes out of a convolution.

A conditional DCGAN appends one constant plane per class to a convolution's
input. By linearity `conv(concat(x, planes)) = conv(x) + conv(planes)`, and the
second term depends on the class alone: away from the border it is a constant,
at the border it lacks the taps that fall outside. Per axis, which taps fall
inside is a 0/1 table of output positions against taps, so one map per class is

    map[c, p, q, f] = sum_{i, j} rows[p, i] columns[q, j] kernel[i, j, c, f]

which costs next to nothing, where the planes themselves give channel counts
(71, 135, 263, 519) that fit no vector width.
"""

import math

import numpy as np
import tensorflow as tf


def convolution_taps(input_size: int, kernel_size: int, stride: int) -> np.ndarray:
    """Which taps of a "same" convolution fall inside, along one axis.

    Returns:
        float32 `(output_size, kernel_size)` of zeros and ones.
    """
    output_size = -(-input_size // stride)
    padding = max((output_size - 1) * stride + kernel_size - input_size, 0)
    position = np.arange(output_size)[:, None] * stride - padding // 2
    source = position + np.arange(kernel_size)[None, :]
    return ((source >= 0) & (source < input_size)).astype("float32")


def transposed_convolution_taps(
    input_size: int, output_size: int, kernel_size: int, stride: int
) -> np.ndarray:
    """Which taps of a "same" transposed convolution meet an input, along one axis.

    It is the transpose of the convolution from `output_size` to `input_size`:
    input `o` reaches output `o * stride - padding + tap`.

    Returns:
        float32 `(output_size, kernel_size)` of zeros and ones.
    """
    padding = max((input_size - 1) * stride + kernel_size - output_size, 0) // 2
    shifted = np.arange(output_size)[:, None] + padding - np.arange(kernel_size)
    source, remainder = np.divmod(shifted, stride)
    meets = (remainder == 0) & (source >= 0) & (source < input_size)
    return meets.astype("float32")


def class_maps(kernel: tf.Tensor, rows: np.ndarray, columns: np.ndarray) -> tf.Tensor:
    """Convolves every class's plane at once.

    Args:
        kernel: `(kernel_size, kernel_size, classes, filters)`, the part of the
            concatenated kernel that met the label planes.
        rows: Taps along the height, `(height, kernel_size)`.
        columns: Taps along the width, `(width, kernel_size)`.

    Returns:
        `(classes, height, width, filters)`.
    """
    kernel = tf.convert_to_tensor(kernel)
    _, _, classes, filters = kernel.shape
    # One product for both axes: an einsum of the three makes two, of thin matrices.
    # In a graph, and so in a SavedModel, they take a byte each instead of four.
    taps = tf.cast(tf.constant(np.kron(rows, columns).astype(bool)), kernel.dtype)
    maps = tf.matmul(taps, tf.reshape(kernel, [-1, classes * filters]))
    maps = tf.reshape(maps, [len(rows), len(columns), classes, filters])
    return tf.transpose(maps, [2, 0, 1, 3])


def maps_for_labels(labels: tf.Tensor, maps: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Mixes the class maps by each example's label weights and adds the bias.

    Args:
        labels: `(batch, classes)`, one-hot or soft.
        maps: `(classes, height, width, filters)`.
        bias: `(filters,)`.

    Returns:
        `(batch, height, width, filters)`.
    """
    # The bias is one more map, of weight 1 whatever the labels sum to: the
    # activations are passed over once, not twice.
    bias_map = tf.broadcast_to(tf.cast(bias, maps.dtype), [1, *maps.shape[1:]])
    flat = tf.reshape(tf.concat([maps, bias_map], 0), [maps.shape[0] + 1, -1])
    weights = tf.pad(tf.cast(labels, maps.dtype), [[0, 0], [0, 1]], constant_values=1)
    return tf.reshape(tf.matmul(weights, flat), [-1, *maps.shape[1:]])


def add_maps(images: tf.Tensor, maps: tf.Tensor) -> tf.Tensor:
    """Adds maps `(batch or 1, height, width, filters)` to convolved images."""
    # As rows: on a CPU TensorFlow's convolution of no images at all, which a replica
    # or a caller may have, returns them with the size from before.
    shape = maps.shape[1:]
    images, maps = (tf.reshape(x, [-1, math.prod(shape)]) for x in (images, maps))
    return tf.reshape(images + maps, [-1, *shape])
