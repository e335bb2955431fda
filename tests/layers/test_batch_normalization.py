"""Batch normalisation against Keras' own, and its two ways against each other.

Tolerances are float32 rounding of sums over a few thousand values.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras.layers import BatchNormalization

SHAPES = [(6, 5, 4, 3), (8, 3), (64, 12, 12, 2)]


def inputs_of(shape, offset=3.0):
    values = np.random.default_rng(0).normal(offset, 2.0, shape)
    return tf.constant(values * np.arange(1, shape[-1] + 1), tf.float32)


def make(shape, layer=None):
    """A layer whose scale, shift and averages are none of the initial ones."""
    layer = layer or BatchNormalization()
    layer.build(shape)
    channels = np.arange(1.0, shape[-1] + 1)
    layer.set_weights([channels, channels - 2, channels / 3, channels * 2])
    return layer


def keras_layer(shape):
    return make(shape, keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5))


def run(function, layer, inputs):
    """Outputs, and the gradients of inputs, gamma and beta."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(inputs)
        cotangent = np.random.default_rng(1).normal(size=outputs.shape)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) * cotangent)
    sources = [inputs, layer.gamma.value, layer.beta.value]
    return outputs, tape.gradient(loss, sources)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_outputs_and_gradients_are_keras_own(shape, training):
    inputs = inputs_of(shape)
    ours, theirs = make(shape), keras_layer(shape)
    outputs, gradients = run(lambda x: ours(x, training=training), ours, inputs)
    expected, references = run(lambda x: theirs(x, training=training), theirs, inputs)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4)
    for found, gradient in zip(gradients, references, strict=True):
        np.testing.assert_allclose(found, gradient, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", ["fused", "synchronized"])
def test_moving_averages_hold_the_unbiased_variance(shape, way, monkeypatch):
    layer, inputs = make(shape), inputs_of(shape)
    before = [np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)]
    if way == "synchronized":
        monkeypatch.setattr(layer, "_fused", layer._synchronized)
    layer(inputs, training=True)
    rows = np.asarray(inputs, "float64").reshape(-1, shape[-1])
    # Keras' layer takes the biased variance (ddof=0); the estimate of the data's
    # variance, which inference needs, is the unbiased one.
    expected = [rows.mean(0), rows.var(0, ddof=1)]
    found = [layer.moving_mean, layer.moving_variance]
    for old, new, value in zip(before, found, expected, strict=True):
        np.testing.assert_allclose(new, 0.9 * old + 0.1 * value, rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_synchronised_way_equals_the_fused_one(shape):
    layer, inputs = make(shape), inputs_of(shape)
    moments = []

    def way(normalize):
        def outputs(x):
            result, mean, variance = normalize(x, layer.gamma, layer.beta)
            moments.append((mean, variance))
            return result

        return run(outputs, layer, inputs)

    fused, fused_gradients = way(layer._fused)
    synchronized, gradients = way(layer._synchronized)
    np.testing.assert_allclose(synchronized, fused, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(moments[1], moments[0], rtol=1e-5)
    for found, gradient in zip(gradients, fused_gradients, strict=True):
        np.testing.assert_allclose(found, gradient, rtol=1e-3, atol=1e-3)


def test_synchronised_variance_does_not_cancel():
    layer = make((256, 1))
    inputs = inputs_of((256, 1), offset=10_000.0)
    _, mean, variance = layer._synchronized(inputs, 1.0, 0.0)
    rows = np.asarray(inputs, "float64")
    np.testing.assert_allclose(mean, rows.mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, rows.var(0, ddof=1), rtol=1e-3)


def test_a_single_row_does_not_divide_by_zero():
    for way in ("_fused", "_synchronized"):
        layer = make((1, 2))
        results = getattr(layer, way)(inputs_of((1, 2)), layer.gamma, layer.beta)
        assert all(np.isfinite(value).all() for value in results)


def test_inference_does_not_depend_on_the_batch_or_move_the_averages():
    layer, inputs = make((6, 5, 4, 3)), inputs_of((6, 5, 4, 3))
    before = layer.get_weights()
    outputs = layer(inputs)
    np.testing.assert_array_equal(layer(inputs[:1]), outputs[:1])
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_statistics_in_float32(policy):
    layer = make((64, 12, 12, 2), BatchNormalization(dtype=policy))
    inputs = tf.cast(inputs_of((64, 12, 12, 2)), layer.compute_dtype)
    outputs = layer(inputs, training=True)
    assert outputs.dtype == layer.compute_dtype
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    expected = keras_layer(inputs.shape)(tf.cast(inputs, tf.float32), training=True)
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, atol=0.05)


def test_configuration_round_trip():
    layer = BatchNormalization(momentum=0.5, epsilon=1e-3, name="norm")
    again = BatchNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.momentum, again.epsilon) == (0.5, 1e-3)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_inference_scales_and_shifts_in_every_precision(shape, dtype):
    layer = make(shape, BatchNormalization(dtype=dtype))
    inputs = tf.cast(inputs_of(shape), dtype)
    outputs = layer(inputs)
    assert outputs.dtype == dtype
    gamma, beta, mean, variance = layer.get_weights()
    expected = (np.float64(inputs) - mean) / np.sqrt(variance + 1e-5) * gamma + beta
    tolerance = {"float16": 2e-3, "bfloat16": 2e-2}.get(dtype, 1e-5)
    np.testing.assert_allclose(
        np.float64(outputs), expected, rtol=tolerance, atol=10 * tolerance
    )
    assert layer(inputs[:0]).shape == (0, *shape[1:])
