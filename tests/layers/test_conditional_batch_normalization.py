import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras.layers import BatchNormalization, ConditionalBatchNormalization

RANDOM = np.random.default_rng(0)


def make(channels=3, classes=4, rank=4, **options):
    layer = ConditionalBatchNormalization(classes, **options)
    layer.build([(None, *[5] * (rank - 2), channels), (None, classes)])
    layer.gamma.assign(RANDOM.normal(1.0, 0.3, (classes, channels)))
    layer.beta.assign(RANDOM.normal(0.0, 0.3, (classes, channels)))
    return layer


@pytest.mark.parametrize("rank", [2, 4])
def test_each_row_is_scaled_and_shifted_by_its_own_label(rank):
    layer = make(rank=rank)
    values = RANDOM.normal(2.0, 3.0, (6, *[5] * (rank - 2), 3)).astype("float32")
    labels = np.array([0, 3, 1, 1, 2, 0])
    axes = tuple(range(rank - 1))
    normalized = (values - values.mean(axes)) / np.sqrt(values.var(axes) + 1e-5)
    rows = (6, *[1] * (rank - 2), 3)
    gamma, beta = (
        np.asarray(weights)[labels].reshape(rows)
        for weights in (layer.gamma, layer.beta)
    )
    found = layer((values, labels), training=True)
    np.testing.assert_allclose(found, normalized * gamma + beta, atol=1e-4)
    np.testing.assert_allclose(layer.moving_mean, 0.1 * values.mean(axes), rtol=1e-4)


def test_soft_labels_mix_the_scales_of_their_classes():
    layer = make()
    values = RANDOM.normal(0.0, 1.0, (1, 5, 5, 3)).astype("float32")
    first, second, mixed = (
        np.asarray(layer((values, np.array([weights], "float32"))))
        for weights in ([1, 0, 0, 0], [0, 1, 0, 0], [0.25, 0.75, 0, 0])
    )
    np.testing.assert_allclose(mixed, 0.25 * first + 0.75 * second, atol=1e-5)


def test_with_all_classes_alike_it_is_batch_normalization():
    plain, conditional = BatchNormalization(), ConditionalBatchNormalization(4)
    values = tf.constant(RANDOM.normal(1.0, 2.0, (8, 5, 5, 3)).astype("float32"))
    labels = np.arange(8) % 4
    for training in (True, False):
        np.testing.assert_allclose(
            conditional((values, labels), training=training),
            plain(values, training=training),
            atol=1e-6,
        )


def test_a_class_without_rows_gets_no_gradient():
    layer = make()
    values = tf.constant(RANDOM.normal(0.0, 1.0, (4, 5, 5, 3)).astype("float32"))
    with tf.GradientTape() as tape:
        outputs = layer((values, np.array([0, 1, 1, 3])), training=True)
        loss = tf.reduce_sum(outputs * outputs)
    gradient = tape.gradient(loss, layer.gamma.value)
    assert np.abs(gradient[2]).max() == 0.0
    assert np.abs(np.delete(gradient, 2, axis=0)).min() > 0.0


def test_it_is_saved_with_its_classes():
    layer = make()
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert copy.num_classes == 4
    assert copy.gamma.shape == (4, 3)
