"""What a training step needs to know of the replicas that run beside it.

Keras sums gradients over replicas. A step therefore divides its loss by the
size of the *global* batch, normalises over all replicas and draws noise for
the global batch, of which each replica takes the rows that belong to its images.
Then N replicas compute what one replica would.
"""

import dataclasses
from collections.abc import Callable

import tensorflow as tf


def _replica_context():
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return None
    return context


def all_sum(value: tf.Tensor) -> tf.Tensor:
    """Sums a tensor over all replicas; differentiable."""
    context = _replica_context()
    if context is None:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)


def replica_count() -> int:
    """Returns the number of replicas that train in step, over all workers."""
    context = _replica_context()
    return 1 if context is None else context.num_replicas_in_sync


def on_share(convolve: Callable, images: tf.Tensor) -> tf.Tensor:
    """Convolves a replica's share of a batch, which may hold no image at all.

    A batch smaller than the number of replicas leaves some without an image. On a
    CPU, TensorFlow's convolution of none has the size of its input, which breaks
    the gradient of a transposed convolution: an image of zeros goes in its stead.
    """
    if replica_count() == 1:
        return convolve(images)
    rows = tf.shape(images)[0]
    stand_ins = [[0, tf.maximum(1 - rows, 0)], *[[0, 0]] * (images.shape.rank - 1)]
    return convolve(tf.pad(images, stand_ins))[:rows]


@dataclasses.dataclass(frozen=True)
class GlobalBatch:
    """The place of this replica's rows in the global batch.

    Attributes:
        start: Row of the global batch at which this replica's rows begin.
        local_size: Rows of this replica.
        size: Rows of the global batch, the last and smaller one of an epoch too.
    """

    start: tf.Tensor
    local_size: tf.Tensor
    size: tf.Tensor

    @classmethod
    def around(cls, local_rows: tf.Tensor) -> "GlobalBatch":
        """Returns the global batch that these rows of this replica belong to."""
        local_size = tf.shape(local_rows)[0]
        context = _replica_context()
        if context is None:
            return cls(tf.constant(0), local_size, local_size)
        count = context.num_replicas_in_sync
        # Replicas of one process: a plain number; of several: a tensor.
        here = tf.convert_to_tensor(context.replica_id_in_sync_group)
        sizes = all_sum(tf.one_hot(here, count, dtype=tf.int32) * local_size)
        start = tf.reduce_sum(tf.where(tf.range(count) < here, sizes, 0))
        return cls(start, local_size, tf.reduce_sum(sizes))

    def mean_share(self, per_example: tf.Tensor) -> tf.Tensor:
        """Returns this replica's share of the mean over the global batch.

        The shares of all replicas sum to the mean: what Keras' summed gradients need.
        """
        total = tf.reduce_sum(tf.cast(per_example, tf.float32))
        return total / tf.maximum(tf.cast(self.size, tf.float32), 1.0)

    def rows(self, of_global_batch: tf.Tensor) -> tf.Tensor:
        """Cuts this replica's rows out of a tensor for the global batch."""
        return of_global_batch[self.start : self.start + self.local_size]
