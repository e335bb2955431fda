"""The losses of D and G (equations 4 to 6), on logits."""

import tensorflow as tf


def sigmoid_cross_entropy(logits: tf.Tensor, target: float) -> tf.Tensor:
    """S(x, z) = x - x z + log(1 + exp(-x)), in the form that does not overflow.

    Args:
        logits: float `(batch,)`.
        target: z, 1 for "belongs to the data" and 0 for "generated".

    Returns:
        float32 `(batch,)`.

    Reference:
        The paper, equation 4.
    """
    logits = tf.cast(logits, tf.float32)
    return tf.nn.sigmoid_cross_entropy_with_logits(
        tf.fill(tf.shape(logits), target), logits
    )


def discriminator_loss(
    real_logits: tf.Tensor, generated_logits: tf.Tensor
) -> tf.Tensor:
    """L(D) = S(D(x|y), 1) + S(D(G(z|y)), 0), per example.

    Args:
        real_logits: D's logits of faces from the data, float `(batch,)`.
        generated_logits: D's logits of generated faces, float `(batch,)`.

    Returns:
        float32 `(batch,)`.

    Reference:
        The paper, equation 5.
    """
    real = sigmoid_cross_entropy(real_logits, 1.0)
    return real + sigmoid_cross_entropy(generated_logits, 0.0)


def generator_loss(generated_logits: tf.Tensor) -> tf.Tensor:
    """L(G) = S(D(G(z|y)), 1), per example.

    Args:
        generated_logits: D's logits of generated faces, float `(batch,)`.

    Returns:
        float32 `(batch,)`.

    Reference:
        The paper, equation 6.
    """
    return sigmoid_cross_entropy(generated_logits, 1.0)
