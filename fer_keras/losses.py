"""The losses, the paper's by the numbers of their equations.

Each is a function of tensors and returns one value per example, float32 `(batch,)`. It
does not average: a training step divides by the size of the *global* batch (see
`fer_keras.training.replicas`).
"""

import tensorflow as tf


def sigmoid_cross_entropy(logits: tf.Tensor, target: float) -> tf.Tensor:
    """Equation 4: S(x, z) = x - x z + log(1 + exp(-x)), in a form without overflow.

    Args:
        logits: x, float `(batch,)`.
        target: z, 1 for "belongs to the data" and 0 for "generated".
    """
    logits = tf.cast(logits, tf.float32)
    return tf.nn.sigmoid_cross_entropy_with_logits(
        tf.fill(tf.shape(logits), target), logits
    )


def discriminator_loss(
    real_logits: tf.Tensor, generated_logits: tf.Tensor
) -> tf.Tensor:
    """Equation 5: L(D) = S(D(x|y), 1) + S(D(G(z|y)), 0).

    Args:
        real_logits: D's logits of faces from the data, float `(batch,)`.
        generated_logits: D's logits of generated faces, float `(batch,)`.
    """
    real = sigmoid_cross_entropy(real_logits, 1.0)
    return real + sigmoid_cross_entropy(generated_logits, 0.0)


def generator_loss(generated_logits: tf.Tensor) -> tf.Tensor:
    """Equation 6: L(G) = S(D(G(z|y)), 1).

    Args:
        generated_logits: D's logits of generated faces, float `(batch,)`.
    """
    return sigmoid_cross_entropy(generated_logits, 1.0)


def latent_loss(latents: tf.Tensor, recovered: tf.Tensor) -> tf.Tensor:
    """Equation 13 as a loss: (z - E(G(z|y)))^2, summed over the entries of z.

    Args:
        latents: z, float `(batch, latent_dim)` in [-1, 1].
        recovered: E(G(z|y)), float `(batch, latent_dim)` in [-1, 1].
    """
    return _squared_distance(latents, recovered)


def image_loss(images: tf.Tensor, rebuilt: tf.Tensor) -> tf.Tensor:
    """Equation 14: L(E) = (x - G(E(x)|y))^2, summed over the pixels.

    Args:
        images: x, float `(batch, height, width, channels)` in [-1, 1].
        rebuilt: G(E(x)|y), float `(batch, height, width, channels)` in [-1, 1].
    """
    return _squared_distance(images, rebuilt)


def feature_loss(features: tf.Tensor, rebuilt_features: tf.Tensor) -> tf.Tensor:
    """(f(x) - f(x'))^2, the mean over the features f of a discriminator.

    Args:
        features: f(x), float `(batch, features)`.
        rebuilt_features: f(x'), float `(batch, features)`.

    Reference:
        Larsen et al. 2016, Autoencoding beyond pixels using a learned similarity
        metric, equation 7.
    """
    return _squared_distance(features, rebuilt_features) / features.shape[1]


def emotion_loss(emotion_logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of a classifier's softmax.

    Args:
        emotion_logits: float32 `(batch, num_classes)`.
        labels: Class weights, float32 `(batch, num_classes)`.

    Reference:
        Odena et al. 2017, Conditional Image Synthesis with Auxiliary Classifier GANs,
        equation 3.
    """
    return tf.nn.softmax_cross_entropy_with_logits(labels, emotion_logits)


def smoothed(labels: tf.Tensor, smoothing: float) -> tf.Tensor:
    """Class weights of which a share is spread over all classes.

    Args:
        labels: Class weights, float32 `(batch, num_classes)`.
        smoothing: The share, 0 to 1.

    Returns:
        float32 `(batch, num_classes)`.
    """
    return labels * (1.0 - smoothing) + smoothing / labels.shape[1]


def absolute_error(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Mean of |a - b| over all but the first axis.

    Args:
        first: a, float `(batch, ...)`.
        second: b, float `(batch, ...)`.
    """
    difference = tf.cast(first, tf.float32) - tf.cast(second, tf.float32)
    return tf.reduce_mean(tf.abs(difference), range(1, difference.shape.rank))


def squared_error(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Mean of (a - b)^2 over all but the first axis.

    Args:
        first: a, float `(batch, ...)`.
        second: b, float `(batch, ...)`.
    """
    difference = tf.cast(first, tf.float32) - tf.cast(second, tf.float32)
    return tf.reduce_mean(tf.square(difference), range(1, difference.shape.rank))


def _squared_distance(first, second):
    difference = tf.cast(first, tf.float32) - tf.cast(second, tf.float32)
    return tf.reduce_sum(tf.square(difference), range(1, difference.shape.rank))
