"""Latents brought closer to their faces by descent, after the encoder's guess."""

import keras
import tensorflow as tf

from fer_keras.losses import image_loss

_LEARNING_RATE = 0.05
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8
# Nearer to the ends of -1..1 the slope of tanh is nothing.
_LARGEST = 0.995


def refined_latents(
    generator: keras.Model, images: tf.Tensor, latents: tf.Tensor, steps: int
) -> tf.Tensor:
    """Returns latents whose faces are nearer to the images: Adam on equation 14.

    The descent is over atanh(z), so that z stays in (-1, 1), and over the logits of the
    label weights, since the faces' own emotions are not known. Each face goes its own
    way: its result does not depend on the others in its batch.

    Args:
        generator: G, a `Generator`.
        images: float32 `(batch, height, width, channels)` in [-1, 1].
        latents: Where to begin: E(x), float32 `(batch, latent_dim)` in (-1, 1).
        steps: How many.

    Returns:
        float32 `(batch, latent_dim)` in (-1, 1).

    Reference:
        Zhu et al. 2016, Generative Visual Manipulation on the Natural Image Manifold,
        section 3.1: an encoder's guess, then descent.
    """
    free = [
        tf.atanh(tf.clip_by_value(latents, -_LARGEST, _LARGEST)),
        tf.zeros([tf.shape(images)[0], generator.num_classes]),
    ]

    def error(free):
        codes, label_logits = free
        labels = tf.nn.softmax(label_logits)
        rebuilt = generator((tf.tanh(codes), labels), training=False)
        # A sum: each face has its own gradient.
        return tf.reduce_sum(image_loss(images, rebuilt))

    def step(number, values, means, squares):
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = error(values)
        gradients = tape.gradient(loss, values)
        count = tf.cast(number + 1, tf.float32)
        # The last steps are the smallest: a fixed rate would end beside the aim.
        rate = _LEARNING_RATE * (1.0 - tf.cast(number, tf.float32) / steps)
        moved = []
        for value, gradient, mean, square in zip(
            values, gradients, means, squares, strict=True
        ):
            mean = _BETA_1 * mean + (1.0 - _BETA_1) * gradient
            square = _BETA_2 * square + (1.0 - _BETA_2) * tf.square(gradient)
            direction = (mean / (1.0 - _BETA_1**count)) / (
                tf.sqrt(square / (1.0 - _BETA_2**count)) + _EPSILON
            )
            moved.append((value - rate * direction, mean, square))
        return number + 1, *(list(parts) for parts in zip(*moved, strict=True))

    zeros = [tf.zeros_like(value) for value in free]
    _, free, _, _ = tf.while_loop(
        lambda number, *_: number < steps, step, (0, free, zeros, list(zeros))
    )
    return tf.tanh(free[0])
