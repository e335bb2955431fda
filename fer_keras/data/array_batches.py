"""Functions of tensors applied to arrays, some rows at a time."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


def in_batches(function: Callable, batch_size: int, *arrays: np.ndarray) -> np.ndarray:
    """Applies a function of tensors to arrays, which bounds its memory.

    Args:
        function: Of as many rows of each array; returns as many rows.
        batch_size: Rows at a time.
        *arrays: Of equally many rows, possibly none.
    """
    starts = range(0, max(len(arrays[0]), 1), batch_size)
    return np.concatenate(
        [
            function(*(tf.constant(array[s : s + batch_size]) for array in arrays))
            for s in starts
        ]
    )
