"""The losses of E (equations 13 and 14)."""

import tensorflow as tf


def _squared_distance(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    difference = tf.cast(first, tf.float32) - tf.cast(second, tf.float32)
    return tf.reduce_sum(tf.square(difference), range(1, difference.shape.rank))


def image_loss(images: tf.Tensor, reconstructed: tf.Tensor) -> tf.Tensor:
    """L(E) = (x - G(E(x)|y))^2, summed over the pixels, per example.

    Args:
        images: x, float `(batch, height, width, channels)` in [-1, 1].
        reconstructed: G(E(x)|y), likewise.

    Returns:
        float32 `(batch,)`.

    Reference:
        The paper, equation 14.
    """
    return _squared_distance(images, reconstructed)


def latent_loss(latents: tf.Tensor, recovered: tf.Tensor) -> tf.Tensor:
    """(z - E(G(z|y)))^2, summed over the latent's entries, per example.

    Args:
        latents: z, float `(batch, latent_dim)` in [-1, 1].
        recovered: E(G(z|y)), likewise.

    Returns:
        float32 `(batch,)`.

    Reference:
        The paper, equation 13 as a loss.
    """
    return _squared_distance(latents, recovered)


def feature_loss(
    discriminator, images: tf.Tensor, rebuilt: tf.Tensor, labels: tf.Tensor
) -> tf.Tensor:
    """(f(x) - f(x'))^2, the mean over D's features f in inference, per example.

    Args:
        discriminator: The `Discriminator`.
        images: x, float `(batch, height, width, channels)` in [-1, 1].
        rebuilt: x', likewise.
        labels: Of both; D's features see them only where it joins label planes.

    Returns:
        float32 `(batch,)`.

    Reference:
        Larsen et al. 2016, Autoencoding beyond pixels using a learned similarity
        metric, equation 7.
    """
    features, others = (
        discriminator.features((faces, labels), training=False)
        for faces in (images, rebuilt)
    )
    return _squared_distance(features, others) / features.shape[1]
