"""FusedAdam against Keras' Adam: the same numbers, state and configuration."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras.training.optimizer import FusedAdam

SHAPES = [(3, 4), (5,), ()]


def weights(dtype="float32"):
    generator = np.random.default_rng(0)
    return [keras.Variable(generator.normal(size=shape), dtype) for shape in SHAPES]


def train(optimizer, variables, steps=5):
    """Steps on gradients of very different sizes, in a compiled function."""
    optimizer.build(variables)
    generator = np.random.default_rng(1)
    step = tf.function(lambda gradients: optimizer.apply(gradients, variables))
    for _ in range(steps):
        scales = 10.0 ** generator.integers(-6, 3, len(SHAPES))
        step(
            [
                tf.constant(generator.normal(size=shape) * scale, variable.dtype)
                for shape, scale, variable in zip(
                    SHAPES, scales, variables, strict=True
                )
            ]
        )
    return variables


@pytest.mark.parametrize(
    ("options", "dtype"),
    [
        ({"learning_rate": 2e-4, "beta_1": 0.5}, "float32"),
        ({"learning_rate": 0.1, "beta_2": 0.9, "epsilon": 1e-3}, "float32"),
        ({"learning_rate": 0.1, "clipnorm": 1.0, "weight_decay": 0.1}, "float32"),
        ({"learning_rate": 0.1, "use_ema": True}, "float32"),
        ({"learning_rate": 0.1, "amsgrad": True}, "float32"),
        ({"learning_rate": 0.1}, "float64"),
        (
            {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)},
            "float32",
        ),
    ],
)
def test_numbers_and_state_are_those_of_keras(options, dtype):
    ours, theirs = FusedAdam(**options), keras.optimizers.Adam(**options)
    found, expected = train(ours, weights(dtype)), train(theirs, weights(dtype))
    pairs = [*zip(found, expected, strict=True)]
    pairs += zip(ours.variables, theirs.variables, strict=True)
    for value, reference in pairs:
        np.testing.assert_allclose(value, reference, rtol=1e-5, atol=1e-7)


def test_first_step_is_the_learning_rate_whatever_the_gradient():
    variable = keras.Variable([1.0, 1.0])
    optimizer = FusedAdam(0.25)
    optimizer.build([variable])
    optimizer.apply([tf.constant([3.0, -0.5])], [variable])
    np.testing.assert_allclose(variable, [0.75, 1.25], rtol=1e-5)


def test_float16_with_loss_scaling():
    variable = keras.Variable([1.0])
    optimizer = keras.optimizers.LossScaleOptimizer(FusedAdam(0.25), initial_scale=8.0)
    optimizer.build([variable])
    optimizer.apply([tf.constant([16.0])], [variable])
    np.testing.assert_allclose(variable, [0.75], rtol=1e-5)
    optimizer.apply([tf.constant([float("inf")])], [variable])
    np.testing.assert_allclose(variable, [0.75], rtol=1e-5)


def test_two_replicas_sum_their_gradients():
    answer = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, check=True
    )
    weight, momentum = json.loads(answer.stdout.splitlines()[-1])
    np.testing.assert_allclose(weight, [0.75, 2.25], rtol=1e-5)
    # (1 - beta_1) times the sum of [1, -1] and [2, -2].
    np.testing.assert_allclose(momentum, [0.3, -0.3], rtol=1e-5)


def test_configuration_round_trip():
    optimizer = FusedAdam(2e-4, beta_1=0.5, epsilon=1e-6)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(optimizer)
    )
    assert type(again) is FusedAdam
    assert again.get_config() == optimizer.get_config()


def _two_replicas():
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    names = [device.name for device in tf.config.list_logical_devices("CPU")]
    strategy = tf.distribute.MirroredStrategy(names)
    with strategy.scope():
        variable = keras.Variable([1.0, 2.0])
        optimizer = FusedAdam(0.25)
        optimizer.build([variable])

    def step():
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        share = tf.cast(replica + 1, tf.float32) * tf.constant([1.0, -1.0])
        optimizer.apply([share], [variable])

    tf.function(lambda: strategy.run(step))()
    momentum = optimizer._momentums[0]
    return [np.asarray(value).tolist() for value in (variable, momentum)]


if __name__ == "__main__":
    print(json.dumps(_two_replicas()))
