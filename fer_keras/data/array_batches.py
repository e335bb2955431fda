"""Arrays in parts: some rows at a time, or a share of them."""

from collections.abc import Callable
from typing import Any

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


def split_arrays(x: Any, y: Any, validation_split: float) -> tuple[Any, Any, tuple]:
    """Leaves the last examples of arrays out of the training, as `keras` does.

    Args:
        x: Images.
        y: Their labels.
        validation_split: The share that is left out, above 0 and below 1.

    Returns:
        The images and the labels to train on, and the pair to validate on.

    Raises:
        ValueError: They are no arrays, or one of the parts would be empty.
    """
    if isinstance(x, tf.data.Dataset) or y is None:
        raise ValueError(
            "validation_split needs arrays: pass a dataset's own part as "
            "validation_data."
        )
    count = len(x)
    first = int(count * (1.0 - validation_split))
    if not 0 < first < count:
        raise ValueError(
            f"validation_split must leave examples on both sides, got "
            f"{validation_split} of {count} examples."
        )
    return x[:first], y[:first], (x[first:], y[first:])
