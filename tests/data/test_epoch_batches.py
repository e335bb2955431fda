"""What `fit` iterates over: shares of replicas, and epochs from any position."""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.data.epoch_batches import EpochBatches, _shares


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 8])
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_shares_are_all_rows_once_and_even(rows, workers):
    """Each worker asks for the shares of its own replicas, of four in all."""
    dataset = tf.data.Dataset.from_tensors((tf.range(rows), -tf.range(rows))).repeat(2)
    shares = []
    for worker in range(workers):
        context = tf.distribute.InputContext(workers, worker, 4)
        local = list(_shares(dataset, context))
        assert len(local) == 2 * 4 // workers
        shares += local[: 4 // workers]
    sizes = [len(first) for first, _ in shares]
    assert max(sizes) - min(sizes) <= 1
    assert np.concatenate([first for first, _ in shares]).tolist() == list(range(rows))
    for first, second in shares:
        np.testing.assert_array_equal(first, -second)


def passes(dataset, count, **position):
    """Reads epochs the way Keras does, with an iterator at each end that it drops."""
    batches = EpochBatches(dataset, tf.distribute.get_strategy(), **position)
    found = []
    for _ in range(count):
        batches.on_epoch_begin()
        iterator = iter(batches)
        read = [next(iterator, None) for _ in range(batches.num_batches)]
        found.append([batch.numpy().tolist() for batch in read if batch is not None])
        iter(batches)
    return found


def test_a_seeded_shuffle_goes_on_where_it_was():
    def dataset():
        return tf.data.Dataset.range(10).shuffle(10, seed=1).batch(4)

    plain = dataset()
    expected = [[batch.numpy().tolist() for batch in plain] for _ in range(4)]
    assert expected[0] != expected[1]
    assert passes(dataset(), 4) == expected
    assert passes(dataset(), 2, epochs=2) == expected[2:]
    assert passes(dataset(), 2, epochs=2, steps=1) == [expected[2][1:], expected[3]]


def test_epochs_of_so_many_steps_follow_one_another():
    dataset = tf.data.Dataset.range(10).batch(4)
    expected = [[[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9], [0, 1, 2, 3]]]
    assert passes(dataset, 2, steps_per_epoch=2) == expected
    assert passes(dataset, 1, epochs=1, steps_per_epoch=2) == expected[1:]
