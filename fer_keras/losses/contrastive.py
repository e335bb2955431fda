"""Which of all pictures is the other one of the same face?"""

import tensorflow as tf


def contrastive_loss(first, second, temperature=0.1):
    """Returns NT-Xent: the cross-entropy of finding a picture's counterpart.

    For each of the 2 x batch pictures the choice is among all others, with the
    cosines divided by the temperature as logits.

    Args:
        first: Features of length 1, float32 `(batch, feature_dim)`.
        second: Those of other pictures of the same faces, in the same order.
        temperature: Above 0; the smaller, the more the nearest wrong ones count.

    Returns:
        float32 `(2 * batch,)`: the losses of `first`, then those of `second`.

    Reference:
        Chen et al. 2020, A Simple Framework for Contrastive Learning, equation 1.
    """
    count = tf.shape(first)[0]
    features = tf.concat([first, second], axis=0)
    logits = tf.matmul(features, features, transpose_b=True) / temperature
    # A picture is not its own counterpart.
    logits = tf.linalg.set_diag(logits, tf.fill([2 * count], -1e9))
    places = tf.range(count)
    counterparts = tf.concat([places + count, places], axis=0)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(counterparts, logits)
