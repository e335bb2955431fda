"""Batch normalisation over the global batch, fused where one replica holds it."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.training.replicas import all_sum, replica_count


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

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs: Any):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape: tuple | list) -> None:
        channels = input_shape[-1]
        # Statistics and scale stay in float32 under mixed precision.
        float32 = {"dtype": "float32", "autocast": False}
        scale = {**float32, "shape": self.scale_shape(channels)}
        self.gamma = self.add_weight(name="gamma", initializer="ones", **scale)
        self.beta = self.add_weight(name="beta", initializer="zeros", **scale)
        # All replicas compute the same averages: any one may write them.
        moving = {
            **float32,
            "shape": (channels,),
            "trainable": False,
            "aggregation": "only_first_replica",
        }
        self.moving_mean = self.add_weight(
            name="moving_mean", initializer="zeros", **moving
        )
        self.moving_variance = self.add_weight(
            name="moving_variance", initializer="ones", **moving
        )
        self.built = True

    def scale_shape(self, channels: int) -> tuple[int, ...]:
        """Shape of `gamma` and `beta`."""
        return (channels,)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.normalized(inputs, training, self.gamma, self.beta)

    def normalized(
        self, inputs: tf.Tensor, training: bool, gamma: float = 1.0, beta: float = 0.0
    ) -> tf.Tensor:
        """Normalises, scales by gamma and shifts by beta, numbers or per channel."""
        channels = inputs.shape[-1:]
        gamma, beta = (tf.broadcast_to(value, channels) for value in (gamma, beta))
        if not training:
            moments = self.moving_mean, self.moving_variance
            return self._scale_and_shift(inputs, *moments, gamma, beta)
        normalize = self._fused if replica_count() == 1 else self._synchronized
        outputs, mean, variance = normalize(inputs, gamma, beta)
        for moving, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
        return outputs

    def _fused(self, inputs, gamma, beta):
        images = inputs if inputs.shape.rank == 4 else inputs[:, None, None, :]
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            images,
            gamma,
            beta,
            epsilon=self.epsilon,
        )
        return tf.reshape(outputs, tf.shape(inputs)), mean, variance

    def _synchronized(self, inputs, gamma, beta):
        values = tf.cast(inputs, tf.float32)
        axes = list(range(inputs.shape.rank - 1))
        rows = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        count = tf.maximum(all_sum(rows), 1.0)
        mean = all_sum(tf.reduce_sum(values, axes)) / count
        # The second pass around the true mean avoids the cancellation of
        # E[x^2] - E[x]^2.
        variance = all_sum(tf.reduce_sum(tf.square(values - mean), axes)) / count
        outputs = self._scale_and_shift(inputs, mean, variance, gamma, beta)
        return outputs, mean, variance * count / tf.maximum(count - 1.0, 1.0)

    def _scale_and_shift(self, inputs, mean, variance, gamma, beta):
        scale = gamma * tf.math.rsqrt(variance + self.epsilon)
        shift = beta - mean * scale
        return inputs * tf.cast(scale, inputs.dtype) + tf.cast(shift, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        return input_shape

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }
