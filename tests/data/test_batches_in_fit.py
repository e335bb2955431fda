"""What Keras' `fit` makes of the two forms of batches, with and without replicas."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras.data.batches import make_batches


class Recorder(keras.Model):
    """Learns nothing and notes the labels of every batch."""

    def __init__(self):
        super().__init__()
        self.batches = []

    def call(self, inputs):
        return inputs

    def train_step(self, data):
        def note(labels):
            self.batches.append(labels.numpy().tolist())

        tf.py_function(note, [data[1]], [])
        return {"loss": tf.constant(0.0)}


def seen_by_fit(scope=None, epochs=3, **options):
    labels = np.arange(10)
    images = np.zeros((10, 4, 4, 1), "uint8")
    with scope or contextlib.nullcontext():
        batches = make_batches(images, labels, 4, seed=5, **options)
        model = Recorder()
        model.compile(optimizer=None)
    steps = 3 if options.get("repeat") else None
    model.fit(batches, epochs=epochs, steps_per_epoch=steps, shuffle=False, verbose=0)
    return sum(model.batches, [])


def expected(start_epoch=0, epochs=3):
    labels = np.arange(10)
    whole = make_batches(
        labels, labels, 10, seed=5, repeat=True, start_epoch=start_epoch
    )
    return [label for batch, _ in whole.take(epochs) for label in batch.numpy()]


@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize("start_epoch", [0, 4])
def test_fit_goes_through_epoch_after_epoch(repeat, start_epoch):
    seen = seen_by_fit(repeat=repeat, start_epoch=start_epoch)
    assert seen == expected(start_epoch)


def test_under_a_strategy_the_endless_form_is_the_same():
    scope = tf.distribute.MirroredStrategy(["CPU:0"]).scope()
    assert seen_by_fit(scope, repeat=True) == expected()


def test_under_a_strategy_the_finite_form_begins_one_epoch_later():
    scope = tf.distribute.MirroredStrategy(["CPU:0"]).scope()
    assert seen_by_fit(scope) == expected(start_epoch=1)
