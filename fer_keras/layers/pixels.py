"""Pixels between 0..255 and -1..1, on tensors; see `fer_keras.images` for arrays."""

import tensorflow as tf


def from_uint8(images: tf.Tensor) -> tf.Tensor:
    """Maps uint8 0..255 to float32 -1..1; float images stay as they are."""
    images = tf.convert_to_tensor(images)
    if images.dtype == tf.uint8:
        return tf.cast(images, tf.float32) / 127.5 - 1.0
    return tf.cast(images, tf.float32)


def to_uint8(images: tf.Tensor) -> tf.Tensor:
    """Maps float -1..1 to uint8 0..255, rounded, values outside clipped."""
    levels = tf.round((images + 1.0) * 127.5)
    return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)
