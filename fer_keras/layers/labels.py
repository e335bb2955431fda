"""Labels as rows of class weights."""

import tensorflow as tf

from fer_keras.training.replicas import GlobalBatch


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


def other_labels(labels: tf.Tensor, batch: GlobalBatch) -> tf.Tensor:
    """Gives each row another class: the next one, or the one after, … in turn.

    Which one follows from the row's place in the global batch: no random number is
    drawn, and N replicas give what one gives.

    Args:
        labels: Class weights, float32 `(rows, num_classes)`.
        batch: The `GlobalBatch` around these rows.

    Returns:
        Class weights of the same shape, moved to other classes; with one class, they
        stay.
    """
    rows = batch.start + tf.range(tf.shape(labels)[0])
    classes = labels.shape[1]
    shifts = 1 + rows % max(classes - 1, 1)
    sources = (tf.range(classes)[None] - shifts[:, None]) % classes
    return tf.gather(labels, sources, batch_dims=1)
