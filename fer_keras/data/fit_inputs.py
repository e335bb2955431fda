"""What `fit` and `evaluate` take, checked: batches of (images, labels).

The values are checked inside the input pipeline, batch by batch, so that a bad
image in the middle of a stream is found too and no second pass is needed.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from fer_keras.data.batches import make_batches
from fer_keras.images import warn_of_unit_range

_EXPECTED = (
    "Expected batches of (images, labels): images uint8 0..255 or float -1..1 of "
    "shape (batch, {image_shape}), labels as ids (batch,) or as one-hot or soft "
    "weights (batch, {num_classes})"
)
# Marks our own messages in the text of TensorFlow's errors.
_MARK = re.compile(r"<fer_keras>(.*?)</fer_keras>", re.DOTALL)


@contextlib.contextmanager
def readable_errors() -> Iterator[None]:
    """Turns a failed check inside the input pipeline into a `ValueError`."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        match = _MARK.search(str(error))
        if match is None:
            raise
        raise ValueError(match.group(1)) from None


class BatchChecker:
    """Makes checked datasets for images and labels of one form.

    Args:
        image_shape: Height, width and channels.
        num_classes: Number of classes.
    """

    def __init__(self, image_shape: tuple[int, int, int], num_classes: int):
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self._expected = _EXPECTED.format(
            image_shape=", ".join(map(str, image_shape)), num_classes=num_classes
        )

    def dataset(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        shuffle_seed: int | None = None,
        balance: float = 0.0,
    ) -> tf.data.Dataset:
        """Returns a checked dataset of (images, labels).

        Args:
            x: A batched `tf.data.Dataset` of (images, labels) or of
                `{"image": …, "label": …}`, or an array of images.
            y: The labels, when `x` is an array.
            batch_size: For arrays. Default 64, the paper's.
            shuffle_seed: Arrays are shuffled anew in each epoch, in an order that
                follows from this seed and the epoch. Default: they are not.
            balance: For arrays; see `fer_keras.data.batches.make_batches`. Default 0.

        Raises:
            ValueError: Anything else, or no data.
        """
        if isinstance(x, tf.distribute.DistributedDataset):
            raise ValueError(
                "Expected a dataset of global batches, got a distributed one: the "
                "strategy in whose scope the model was made splits the batches."
            )
        if isinstance(x, tf.data.Dataset):
            if balance:
                raise ValueError(
                    "With a dataset as `x`, `balance` must be left out: make the "
                    "dataset with `load_dataset(..., balance=...)`."
                )
            if y is not None:
                raise ValueError("With a dataset as `x`, `y` must be left out.")
            if batch_size is not None:
                raise ValueError(
                    "With a dataset as `x`, `batch_size` must be left out: the "
                    "dataset is batched, `dataset.batch(64)`."
                )
            return self._checked_stream(x)
        if y is None and isinstance(x, (tuple, list)) and len(x) == 2:
            x, y = x
        if y is None or not _is_array(x) or not _is_array(y):
            given = type(x).__name__ if y is None else f"{_kind(x)} and {_kind(y)}"
            raise ValueError(
                f"{self._expected}, in a dataset or as arrays; got {given}."
            )
        if batch_size is None:
            batch_size = 64
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(
                f"batch_size must be a whole number of 1 or more, got {batch_size!r}."
            )
        return self._checked_arrays(
            np.asarray(x), np.asarray(y), batch_size, shuffle_seed, balance
        )

    def _checked_arrays(self, images, labels, batch_size, shuffle_seed, balance):
        self._check_specs(
            tf.TensorSpec(images.shape, images.dtype),
            tf.TensorSpec(labels.shape, labels.dtype),
        )
        if len(images) != len(labels):
            raise ValueError(f"Got {len(images)} images but {len(labels)} labels.")
        if len(images) == 0:
            raise ValueError(f"The data is empty. {self._expected}.")
        with tf.device("CPU"), readable_errors():
            self._check_values(images, labels)
        if images.dtype.kind == "f":
            warn_of_unit_range(images)
        shuffle = shuffle_seed is not None
        return make_batches(
            images,
            labels,
            batch_size,
            shuffle=shuffle,
            seed=shuffle_seed or 0,
            balance=balance,
        )

    def _checked_stream(self, dataset):
        spec = dataset.element_spec
        if isinstance(spec, dict) and {"image", "label"} <= set(spec):
            dataset = dataset.map(lambda element: (element["image"], element["label"]))
            spec = dataset.element_spec
        if not (isinstance(spec, tuple) and len(spec) == 2):
            raise ValueError(f"{self._expected}; got elements {spec}.")
        self._check_specs(*spec)
        if _is_empty(dataset):
            raise ValueError(f"The dataset is empty. {self._expected}.")
        options = tf.data.Options()
        options.deterministic = True
        dataset = dataset.map(self._check_values, num_parallel_calls=tf.data.AUTOTUNE)
        if dataset.element_spec[0].dtype.is_floating:
            dataset = dataset.map(_first_batch_judged())
        return dataset.prefetch(tf.data.AUTOTUNE).with_options(options)

    def _check_specs(self, images, labels):
        if not (
            isinstance(images, tf.TensorSpec) and isinstance(labels, tf.TensorSpec)
        ):
            raise ValueError(f"{self._expected}; got {images} and {labels}.")
        if images.shape.rank == 3 and images.shape.is_compatible_with(self.image_shape):
            raise ValueError(
                f"{self._expected}; got single examples. Batch the dataset: "
                "`dataset.batch(64)`."
            )
        if not images.shape.is_compatible_with([None, *self.image_shape]):
            raise ValueError(f"{self._expected}; got images of shape {images.shape}.")
        if images.dtype != tf.uint8 and not images.dtype.is_floating:
            raise ValueError(f"{self._expected}; got images of {images.dtype.name}.")
        rank_fits = labels.shape.is_compatible_with([None]) and labels.dtype.is_integer
        weights_fit = labels.shape.is_compatible_with([None, self.num_classes])
        if not (labels.dtype.is_integer or labels.dtype.is_floating) or not (
            rank_fits or weights_fit
        ):
            raise ValueError(
                f"{self._expected}; got labels {labels.dtype.name} of shape "
                f"{labels.shape}."
            )

    def _check_values(self, images, labels):
        """Checks one batch; a failure carries a marked message."""
        images, labels = self._check_shapes(
            tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
        )
        if images.dtype.is_floating:
            missing = tf.math.is_nan(images)
            numbers = tf.where(missing, tf.zeros_like(images), images)
            _require(
                # A comparison with NaN is false: this finds them as well.
                tf.reduce_all(tf.abs(images) <= 1.001),
                "Float images must lie in [-1, 1] without NaN; got {} to {} and {} "
                "NaN. For 0..255 pass uint8.",
                tf.reduce_min(numbers),
                tf.reduce_max(numbers),
                tf.math.count_nonzero(missing),
            )
        if labels.shape.rank == 2:
            weights = tf.cast(labels, tf.float32)
            sums = tf.reduce_sum(weights, axis=1)
            _require(
                tf.reduce_all(tf.abs(sums - 1.0) < 0.01)
                & tf.reduce_all(weights >= 0.0),
                "Label weights must be 0 or more and sum to 1 for each image; got "
                "sums {} to {}, smallest weight {}.",
                tf.reduce_min(sums),
                tf.reduce_max(sums),
                tf.reduce_min(weights),
            )
        else:
            ids = tf.cast(labels, tf.int64)
            _require(
                tf.reduce_all((ids >= 0) & (ids < self.num_classes)),
                f"Labels must be 0 to {self.num_classes - 1}; got {{}} to {{}}.",
                tf.reduce_min(ids),
                tf.reduce_max(ids),
            )
        return images, labels

    def _check_shapes(self, images, labels):
        """Checks what the dataset's specification left open."""
        count = tf.shape(images)[0] if images.shape.rank != 0 else 0
        rank = labels.shape.rank or (1 if labels.dtype.is_integer else 2)
        weights = [self.num_classes] if rank == 2 else []
        checks = [
            _require(
                _has_shape(images, [count, *self.image_shape]) & (count > 0),
                f"{self._expected}; got images of shape {{}}.",
                tf.shape(images),
            ),
            _require(
                _has_shape(labels, [count, *weights]),
                f"{self._expected}; got labels of shape {{}} for images of shape {{}}.",
                tf.shape(labels),
                tf.shape(images),
            ),
        ]
        with tf.control_dependencies(checks):
            images = tf.ensure_shape(images, [None, *self.image_shape])
            return images, tf.ensure_shape(labels, [None, *weights])


def _first_batch_judged():
    """Passes batches on, and warns where the first looks as if scaled to [0, 1]."""
    judged = []

    def judge(images):
        if not judged:
            judged.append(True)
            warn_of_unit_range(images)
        return True

    def passed(images, labels):
        with tf.control_dependencies([tf.numpy_function(judge, [images], tf.bool)]):
            return tf.identity(images), labels

    return passed


def _require(condition, message, *values):
    text = tf.strings.format("<fer_keras>" + message + "</fer_keras>", values)
    return tf.debugging.Assert(condition, [text])


def _has_shape(tensor, expected):
    """Whether the shape is the expected one; also for tensors of unknown rank."""
    rank = len(expected)
    shape = tf.pad(tf.shape(tensor), [[0, rank]])[:rank]
    return tf.equal(tf.rank(tensor), rank) & tf.reduce_all(tf.equal(shape, expected))


def _is_array(value) -> bool:
    return isinstance(value, (np.ndarray, tf.Tensor)) or (
        hasattr(value, "__array__") and hasattr(value, "shape")
    )


def _kind(value) -> str:
    return f"array {tuple(value.shape)}" if _is_array(value) else type(value).__name__


def _is_empty(dataset: tf.data.Dataset) -> bool:
    cardinality = int(dataset.cardinality())
    if cardinality == tf.data.UNKNOWN_CARDINALITY:
        with readable_errors():
            return next(iter(dataset.take(1)), None) is None
    return cardinality == 0
