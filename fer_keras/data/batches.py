"""Arrays in memory -> shuffled, batched, prefetched `tf.data`."""

import itertools

import numpy as np
import tensorflow as tf


def steps_per_epoch(
    examples: int, batch_size: int, drop_remainder: bool = False
) -> int:
    """Returns the number of batches that go through all examples once."""
    return examples // batch_size if drop_remainder else -(-examples // batch_size)


def make_batches(
    images: np.ndarray,
    labels: np.ndarray,
    batch_size: int,
    *,
    shuffle: bool = True,
    seed: int = 0,
    balance: float = 0.0,
    drop_remainder: bool = False,
    repeat: bool = False,
    start_epoch: int = 0,
    start_step: int = 0,
) -> tf.data.Dataset:
    """Makes batches of arrays, in an order that follows from seed and epoch alone.

    The order of epoch `e` is a permutation of all examples drawn from
    `(seed, e)`; nothing before it has a say in it. There are two forms:

    * `repeat=False`, for `model.fit(batches, epochs=50)`. One pass is one epoch,
      and the n-th pass that anybody begins is epoch `start_epoch + n`. Keras
      begins one pass per epoch, but under a `tf.distribute` strategy it first
      begins one more to look at a batch, so that training then starts with
      `start_epoch + 1`.
    * `repeat=True`, for `model.fit(batches, steps_per_epoch=...)`. One endless
      pass, and the same from its first batch whoever asks, under any strategy:
      epoch `start_epoch` from batch `start_step` on, then the epochs after it.
      This is the form for runs that are resumed or compared.

    Args:
        images: Array `(examples, height, width, channels)`, kept in its own type.
        labels: Array with `examples` rows.
        batch_size: The global batch, over all replicas.
        shuffle: Whether to shuffle; otherwise every epoch is in the given order.
        seed: Seed of the shuffling.
        balance: 0: every example once an epoch. 1: every class equally often, those
            of a rare class several times and of a frequent one not all, which ones
            changing with the epoch. Between: a class that is n times as frequent is
            drawn n ** (1 - balance) times as often. Needs `shuffle` and ids as labels.
        drop_remainder: Whether to leave out an epoch's last batch if it is smaller.
        repeat: Which of the two forms.
        start_epoch: Epoch to start with.
        start_step: Batch of that epoch to start with; needs `repeat`.

    Returns:
        A dataset of `(images[rows], labels[rows])`.

    Raises:
        ValueError: There is nothing to batch, or a number is out of range.

    Example:
        >>> images = np.zeros((10, 48, 48, 1), "uint8")
        >>> batches = make_batches(images, np.arange(10), batch_size=4)
        >>> [len(labels) for _, labels in batches]
        [4, 4, 2]
    """
    _check(images, labels, batch_size)
    steps = steps_per_epoch(len(images), batch_size, drop_remainder)
    if steps == 0:
        raise ValueError(
            f"{len(images)} examples make no whole batch of {batch_size}: make "
            "batch_size smaller or drop_remainder False."
        )
    if start_epoch < 0 or not 0 <= start_step < steps:
        raise ValueError(
            f"Expected start_epoch of 0 or more and start_step of 0 to {steps - 1} "
            f"(the batches of an epoch), got {start_epoch} and {start_step}."
        )
    if start_step and not repeat:
        raise ValueError("start_step needs repeat=True: one pass is a whole epoch.")
    epoch = _Epoch(images, labels, batch_size, steps, seed if shuffle else None)
    if balance:
        epoch.balance(_shares(labels, balance, shuffle))
    if repeat:
        first = tf.data.Dataset.from_tensors(tf.constant(start_epoch, tf.int64))
        later = tf.data.Dataset.range(start_epoch + 1, tf.int64.max)
        batches = first.flat_map(lambda number: epoch.batches(number, start_step))
        batches = batches.concatenate(later.flat_map(epoch.batches))
        cardinality = tf.data.INFINITE_CARDINALITY
    else:
        batches = _begun_passes(start_epoch).flat_map(epoch.batches)
        cardinality = steps
    batches = batches.apply(tf.data.experimental.assert_cardinality(cardinality))
    options = tf.data.Options()
    # Every worker has the whole data in the same order and takes its share of it.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA
    )
    return batches.prefetch(tf.data.AUTOTUNE).with_options(options)


class _Epoch:
    """The batches of any one epoch, gathered whole from arrays in host memory."""

    def __init__(self, images, labels, batch_size, steps, seed):
        with tf.device("CPU:0"):
            self._images = tf.convert_to_tensor(images)
            self._labels = tf.convert_to_tensor(labels)
        self._batch_size = batch_size
        self._steps = steps
        self._seed = seed
        self._cumulative_shares = None
        self._static_batch = batch_size if steps * batch_size <= len(images) else None

    def balance(self, shares: np.ndarray) -> None:
        """Draws example `i` `shares[i]` times an epoch in the mean."""
        with tf.device("CPU:0"):
            self._cumulative_shares = tf.constant(np.cumsum(shares)[:-1])

    def batches(self, epoch: tf.Tensor, start_step: int = 0) -> tf.data.Dataset:
        order = self._order(epoch)

        def gather(step):
            rows = order[step * self._batch_size : (step + 1) * self._batch_size]
            rows = tf.ensure_shape(rows, [self._static_batch])
            return tf.gather(self._images, rows), tf.gather(self._labels, rows)

        return tf.data.Dataset.range(start_step, self._steps).map(gather)

    def _order(self, epoch: tf.Tensor) -> tf.Tensor:
        examples = len(self._images)
        if self._seed is None:
            return tf.range(examples, dtype=tf.int64)
        # Named, since "auto_select" may choose another generator on another device.
        keys = tf.random.stateless_uniform(
            [examples],
            seed=tf.stack([tf.constant(self._seed, tf.int64), epoch]),
            minval=None,
            maxval=None,
            dtype=tf.int64,
            alg="philox",
        )
        order = tf.argsort(keys, stable=True)
        if self._cumulative_shares is None:
            return order
        # Systematic sampling: one offset for all, so that each example comes as often
        # as its share says, rounded up or down.
        offset = tf.random.stateless_uniform(
            [],
            [tf.constant(~self._seed, tf.int64), epoch],
            dtype="float64",
            alg="philox",
        )
        places = tf.range(examples, dtype=tf.float64) + offset
        rows = tf.searchsorted(self._cumulative_shares, places, side="right")
        return tf.gather(tf.cast(rows, tf.int64), order)


def _shares(labels: np.ndarray, balance: float, shuffle: bool) -> np.ndarray:
    labels = np.asarray(labels)
    if not 0.0 <= balance <= 1.0:
        raise ValueError(f"Expected balance in [0, 1], got {balance}.")
    if not shuffle or labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError("balance needs shuffle=True and labels that are ids.")
    _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    shares = counts[places] ** -float(balance)
    return shares * (len(labels) / shares.sum())


def _begun_passes(start_epoch: int) -> tf.data.Dataset:
    """One number a pass: the epoch it is, counted when its first batch is asked for."""
    epochs = itertools.count(start_epoch)

    def next_epoch():
        yield next(epochs)

    return tf.data.Dataset.from_generator(
        next_epoch, output_signature=tf.TensorSpec((), tf.int64)
    )


def _check(images: np.ndarray, labels: np.ndarray, batch_size: int) -> None:
    if np.ndim(images) < 1 or np.ndim(labels) < 1:
        raise ValueError(
            "Expected arrays of images and labels, got shapes "
            f"{np.shape(images)} and {np.shape(labels)}."
        )
    if len(images) != len(labels):
        raise ValueError(
            f"Expected as many labels as images, got {len(labels)} labels and "
            f"{len(images)} images."
        )
    if len(images) == 0:
        raise ValueError("Expected at least one image, got none.")
    if batch_size < 1:
        raise ValueError(f"Expected a batch_size of 1 or more, got {batch_size}.")
