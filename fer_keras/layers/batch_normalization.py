"""Batch normalisation over the global batch, fused where one replica holds it."""

import keras
import tensorflow as tf

from fer_keras.replicas import all_sum, replica_count


@keras.saving.register_keras_serializable(package="fer_keras")
class BatchNormalization(keras.layers.Layer):
    """Normalises each channel by the mean and variance of the global batch.

    On one replica it is TensorFlow's fused kernel; on several the moments are
    summed over all replicas, so that N replicas normalise as one would. The
    moving averages hold the mean and the (unbiased) variance and are used when
    `training` is false, so that an image's result does not depend on its batch.

    Args:
        momentum: Share of the moving averages that a step keeps. Default 0.9.
        epsilon: Added to the variance. Default 1e-5.

    Call arguments:
        inputs: `(batch, ..., channels)`, rank 2 or 4.
        training: Whether to normalise by the batch.

    Reference:
        Ioffe and Szegedy 2015, Batch Normalization, algorithms 1 and 2.
    """

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape):
        shape = (input_shape[-1],)
        # Statistics and scale stay in float32 under mixed precision.
        float32 = {"shape": shape, "dtype": "float32", "autocast": False}
        # All replicas compute the same averages: any one may write them.
        moving = {**float32, "trainable": False, "aggregation": "only_first_replica"}
        self.gamma = self.add_weight(name="gamma", initializer="ones", **float32)
        self.beta = self.add_weight(name="beta", initializer="zeros", **float32)
        self.moving_mean = self.add_weight(
            name="moving_mean", initializer="zeros", **moving
        )
        self.moving_variance = self.add_weight(
            name="moving_variance", initializer="ones", **moving
        )
        self.built = True

    def call(self, inputs, training=False):
        if not training:
            return self._scale_and_shift(inputs, self.moving_mean, self.moving_variance)
        normalize = self._fused if replica_count() == 1 else self._synchronized
        outputs, mean, variance = normalize(inputs)
        for moving, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
        return outputs

    def _fused(self, inputs):
        images = inputs if inputs.shape.rank == 4 else inputs[:, None, None, :]
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            images,
            tf.convert_to_tensor(self.gamma),
            tf.convert_to_tensor(self.beta),
            epsilon=self.epsilon,
        )
        return tf.reshape(outputs, tf.shape(inputs)), mean, variance

    def _synchronized(self, inputs):
        values = tf.cast(inputs, tf.float32)
        axes = list(range(inputs.shape.rank - 1))
        rows = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        count = tf.maximum(all_sum(rows), 1.0)
        mean = all_sum(tf.reduce_sum(values, axes)) / count
        # The second pass around the true mean avoids the cancellation of
        # E[x^2] - E[x]^2.
        variance = all_sum(tf.reduce_sum(tf.square(values - mean), axes)) / count
        outputs = self._scale_and_shift(inputs, mean, variance)
        return outputs, mean, variance * count / tf.maximum(count - 1.0, 1.0)

    def _scale_and_shift(self, inputs, mean, variance):
        scale = self.gamma * tf.math.rsqrt(variance + self.epsilon)
        shift = self.beta - mean * scale
        return inputs * tf.cast(scale, inputs.dtype) + tf.cast(shift, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }
