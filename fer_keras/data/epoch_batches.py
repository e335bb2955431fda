"""What `fit` iterates over: a dataset from any position, split over the replicas."""

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Self

import keras
import tensorflow as tf
from keras.src.trainers.data_adapters.data_adapter import DataAdapter


class EpochBatches(DataAdapter, tf.distribute.DistributedDataset):
    """A dataset as epochs read it, from any position in any epoch.

    It does four things that Keras' own adapter does not:

    * It begins one pass an epoch. Keras begins a second one that it never reads,
      which moves the order of `dataset.shuffle(seed=…)` on.
    * It begins where an interrupted run stopped: passes that were made are begun
      and dropped, so that a seeded shuffle is where it was, and batches that were
      seen are skipped.
    * With `steps_per_epoch` a dataset that ends begins again.
    * It cuts each batch into one share a replica, sizes differing by one at most.
      `tf.distribute` cuts the stream of rows instead, which joins rows of a
      smaller batch with those of the batch after it.

    Args:
        dataset: The global batches, a `tf.data.Dataset`.
        strategy: Splits them; `tf.distribute.get_strategy()` where there is none.
        epochs: How many epochs were trained already. Default 0.
        steps: How many steps of the next epoch were trained already. Default 0. The
            callback that resumes ends that epoch in time.
        steps_per_epoch: As for `fit`. Default None: an epoch is a pass.
    """

    def __init__(
        self,
        dataset: tf.data.Dataset,
        strategy: tf.distribute.Strategy,
        epochs: int = 0,
        steps: int = 0,
        steps_per_epoch: int | None = None,
    ):
        self._strategy = strategy
        self._steps_per_epoch = steps_per_epoch
        self._iterator = None
        if steps_per_epoch is None:
            self._dataset = dataset
            for _ in range(epochs):
                next(iter(dataset.take(1)), None)
        else:
            self._dataset = dataset.repeat()
            steps += epochs * steps_per_epoch
        self._steps_to_skip = steps

    def on_epoch_begin(self) -> None:
        if self._steps_per_epoch is None:
            self._iterator = None

    def __iter__(self):
        if self._iterator is None:
            left = self._dataset.skip(self._steps_to_skip)
            self._steps_to_skip = 0
            self._iterator = iter(self._distributed(left))
        return self._iterator

    def _distributed(self, dataset):
        if self._strategy.num_replicas_in_sync == 1:
            return dataset
        return self._strategy.distribute_datasets_from_function(
            lambda context: _shares(dataset, context)
        )

    def get_tf_dataset(self) -> Self:
        return self

    @property
    def element_spec(self) -> Any:
        return self._dataset.element_spec

    @property
    def num_batches(self) -> int | None:
        count = self._steps_per_epoch or int(self._dataset.cardinality())
        return count if count >= 0 else None

    @property
    def batch_size(self) -> int | None:
        return tf.nest.flatten(self.element_spec)[0].shape[0]

    @property
    def has_partial_batch(self) -> None:
        return None

    @property
    def partial_batch_size(self) -> None:
        return None


def _shares(dataset, context):
    """Returns one element a step and replica of this worker, in the replicas' order."""
    replicas = context.num_replicas_in_sync
    local_replicas = replicas // context.num_input_pipelines
    first = context.input_pipeline_id * local_replicas

    def split(*batch):
        def share(replica):
            rows = tf.shape(tf.nest.flatten(batch)[0], tf.int64)[0]
            start = rows * replica // replicas
            end = rows * (replica + 1) // replicas
            return tf.nest.map_structure(lambda value: value[start:end], batch)

        return tf.data.Dataset.range(first, first + local_replicas).map(share)

    return dataset.flat_map(split).prefetch(2 * local_replicas)


@contextlib.contextmanager
def resumed(
    model: keras.Model, callbacks: Sequence[keras.callbacks.Callback], first_epoch: int
) -> Iterator[tuple[int, int]]:
    """Lets the callback that can resume restore the model, and close after training.

    Yields:
        The epoch to go on in and the steps of it that were trained already;
        `first_epoch` and 0 where there is nothing to resume.
    """
    for callback in keras.tree.flatten(getattr(callbacks, "callbacks", callbacks)):
        if not hasattr(callback, "resume"):
            continue
        try:
            yield callback.resume(model, first_epoch)
        finally:
            callback.close()
        return
    yield first_epoch, 0


@contextlib.contextmanager
def quiet_end_of_pass(steps: int | None = None) -> Iterator[None]:
    """Keeps Keras from warning that a pass has ended, unless so many steps were asked.

    It warns where it does not know the length: of a filtered dataset, say, or of an
    epoch of which a part was trained already.
    """
    with warnings.catch_warnings():
        if steps is None:
            warnings.filterwarnings("ignore", "Your input ran out of data")
        yield
