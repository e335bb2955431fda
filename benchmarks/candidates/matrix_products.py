"""A product of two square matrices: the rate that a convolution could reach."""

import numpy as np
import tensorflow as tf


def make_product(size: int, dtype: str):
    """Returns a step that multiplies two square matrices."""
    values = np.random.default_rng(0).normal(size=(size, size))
    matrix = tf.constant(values, dtype)
    multiply = tf.function(lambda: tf.matmul(matrix, matrix)[0, 0])
    return lambda: multiply().numpy()
