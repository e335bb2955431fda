"""The losses of D and G on literal logits, against values worked by hand."""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.losses import (
    discriminator_loss,
    generator_loss,
    sigmoid_cross_entropy,
)

# log(1 + exp(-x)), to ten digits.
SOFTPLUS = {
    0.0: 0.6931471806,
    0.5: 0.4740769842,
    -0.5: 0.9740769842,
    2.0: 0.1269280110,
    -2.0: 2.1269280110,
    1000.0: 0.0,
    -1000.0: 1000.0,
}
LOGITS = tf.constant(list(SOFTPLUS))


def test_target_one_is_the_softplus_of_the_negative_logit():
    losses = sigmoid_cross_entropy(LOGITS, 1.0)
    assert losses.shape == (7,) and losses.dtype == tf.float32
    np.testing.assert_allclose(losses, list(SOFTPLUS.values()), rtol=1e-6)


def test_target_zero_is_that_of_the_logit():
    losses = sigmoid_cross_entropy(-LOGITS, 0.0)
    np.testing.assert_allclose(losses, list(SOFTPLUS.values()), rtol=1e-6)


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_equation_4_as_it_is_printed(target):
    x = np.linspace(-20, 20, 41)
    printed = x - x * target + np.log(1 + np.exp(-x))
    losses = sigmoid_cross_entropy(tf.constant(x, tf.float32), target)
    np.testing.assert_allclose(losses, printed, rtol=1e-5, atol=1e-7)


def test_discriminator_loss_is_equation_5():
    real, generated = tf.constant([0.0, 2.0, -0.5]), tf.constant([0.0, -2.0, 0.5])
    losses = discriminator_loss(real, generated)
    expected = [2 * 0.6931471806, 2 * 0.1269280110, 2 * 0.9740769842]
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


def test_discriminator_loss_tells_the_real_from_the_generated():
    right = discriminator_loss(tf.constant([3.0]), tf.constant([-3.0]))
    wrong = discriminator_loss(tf.constant([-3.0]), tf.constant([3.0]))
    # log(1 + exp(-3)) = 0.0485873516; the wrong side costs 3 more for each.
    np.testing.assert_allclose([right[0], wrong[0]], [0.0971747, 6.0971747], rtol=1e-5)


def test_generator_loss_is_equation_6():
    losses = generator_loss(tf.constant([0.0, 2.0, -2.0]))
    expected = [0.6931471806, 0.1269280110, 2.1269280110]
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


@pytest.mark.parametrize("logit", [-1000.0, -50.0, 0.0, 50.0, 1000.0])
def test_gradients_are_those_of_the_sigmoid_and_finite(logit):
    logits = tf.constant([logit])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        as_generator = generator_loss(logits)
        as_both = discriminator_loss(logits, logits)
    sigmoid = 0.0 if logit < -100 else 1 / (1 + np.exp(-logit))
    gradient = tape.gradient(as_generator, logits)[0]
    np.testing.assert_allclose(gradient, sigmoid - 1, atol=1e-7)
    gradient = tape.gradient(as_both, logits)[0]
    np.testing.assert_allclose(gradient, 2 * sigmoid - 1, atol=1e-7)


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16])
def test_low_precision_logits_are_reckoned_in_float32(dtype):
    losses = generator_loss(tf.constant([-1000.0, 0.5], dtype))
    assert losses.dtype == tf.float32
    np.testing.assert_allclose(losses, [1000.0, 0.4740769842], rtol=1e-6)
