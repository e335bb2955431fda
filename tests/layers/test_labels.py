import numpy as np
import tensorflow as tf

from fer_keras.layers.labels import other_labels
from fer_keras.training.replicas import GlobalBatch


def test_other_labels_are_other_ones_and_all_of_them():
    labels = tf.one_hot(tf.zeros(6, tf.int32), 7)
    batch = GlobalBatch(tf.constant(0), tf.constant(6), tf.constant(6))
    others = tf.argmax(other_labels(labels, batch), axis=1)
    assert others.numpy().tolist() == [1, 2, 3, 4, 5, 6]
    # The second replica goes on where the first one stopped.
    second = GlobalBatch(tf.constant(2), tf.constant(4), tf.constant(6))
    np.testing.assert_array_equal(
        other_labels(labels[2:], second), other_labels(labels, batch)[2:]
    )


def test_soft_labels_are_moved_as_a_whole():
    labels = tf.constant([[0.7, 0.3, 0.0]])
    batch = GlobalBatch.around(labels)
    np.testing.assert_allclose(other_labels(labels, batch), [[0.0, 0.7, 0.3]])
