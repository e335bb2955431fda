"""Labels as rows of class weights."""

import tensorflow as tf


def class_weights(labels: tf.Tensor, num_classes: int) -> tf.Tensor:
    """Returns labels as float32 `(batch, num_classes)`.

    Args:
        labels: Integer ids `(batch,)` or `(batch, 1)`, or one-hot or soft weights
            `(batch, num_classes)`, which are returned as they are.
    """
    labels = tf.convert_to_tensor(labels)
    if labels.dtype.is_integer and labels.shape.rank == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape.rank == 1:
        return tf.one_hot(tf.cast(labels, tf.int32), num_classes)
    return tf.cast(labels, tf.float32)
