"""The losses of E, literally."""

import numpy as np
import tensorflow as tf

from fer_keras.losses import image_loss, latent_loss


def test_image_loss_is_equation_14_per_example():
    images = tf.constant([[[[1.0], [-1.0]], [[0.5], [0.0]]], [[[0.0]] * 2] * 2])
    reconstructed = tf.constant([[[[0.0], [-1.0]], [[0.0], [1.0]]], [[[0.5]] * 2] * 2])
    losses = image_loss(images, reconstructed)
    # 1 + 0 + 0.25 + 1, and 4 x 0.25: summed over the pixels, not averaged.
    np.testing.assert_array_equal(losses, [2.25, 1.0])


def test_latent_loss_is_equation_13_per_example():
    latents = tf.constant([[1.0, -1.0, 0.5], [0.0, 0.0, 0.0]])
    recovered = tf.constant([[0.0, 1.0, 0.5], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(latent_loss(latents, recovered), [5.0, 0.0])


def test_gradient_is_twice_the_difference():
    images, reconstructed = tf.ones((2, 2, 2, 3)), tf.fill((2, 2, 2, 3), 0.25)
    with tf.GradientTape() as tape:
        tape.watch(reconstructed)
        loss = image_loss(images, reconstructed)
    np.testing.assert_array_equal(
        tape.gradient(loss, reconstructed), np.full((2, 2, 2, 3), -1.5)
    )


def test_low_precision_is_summed_in_float32():
    # 4,096 terms of 1: float16 stops counting ones at 2,048.
    ones, zeros = tf.ones((1, 64, 64, 1), tf.float16), tf.zeros((1, 64, 64, 1))
    losses = image_loss(ones, zeros)
    assert losses.dtype == tf.float32
    np.testing.assert_array_equal(losses, [4096.0])
