"""Residual blocks whose features a condition scales and shifts."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.initializers import normal, seeded


@keras.saving.register_keras_serializable(package="fer_keras")
class FeatureModulation(keras.layers.Layer):
    """Divides each pixel's features by their size, then scales and shifts them.

    y = h / sqrt(mean(h²)) * (1 + scale(c)) + shift(c); the mean is over the channels of
    one pixel. No statistic of a batch is involved: one face's result does not depend on
    the others, on replicas, or on whether the network trains.

    Args:
        filters: Channels of the features.
        normalize: Whether to divide by the size. Default True.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Pair of features `(batch, height, width, filters)` and conditions
            `(batch, entries)`.

    Reference:
        Perez et al. 2018, FiLM; the size as in Karras et al. 2018, Progressive
        Growing of GANs, section 4.2.
    """

    def __init__(
        self,
        filters: int,
        normalize: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.normalize = normalize
        self.seed = seed
        self.scale_and_shift = keras.layers.Dense(
            2 * filters,
            kernel_initializer=normal(seed, f"{self.name}/modulation"),
            dtype=self.dtype_policy,
            name="scale_and_shift",
        )

    def build(self, input_shape: tuple | list) -> None:
        self.scale_and_shift.build(input_shape[1])
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        features, conditions = inputs
        scale_and_shift = self.scale_and_shift(conditions)[:, None, None, :]
        scale, shift = tf.split(scale_and_shift, 2, axis=-1)
        if self.normalize:
            square = tf.reduce_mean(tf.square(features), axis=-1, keepdims=True)
            features *= tf.math.rsqrt(square + tf.cast(1e-4, square.dtype))
        return features * (1.0 + scale) + shift

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        return input_shape[0]

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "normalize": self.normalize,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="fer_keras")
class ResidualBlock(keras.layers.Layer):
    """h + conv(act(modulate(conv(act(h))))), with 3×3 convolutions of stride 1.

    The second convolution begins small, so that a deep stack begins as the identity.

    Args:
        filters: Channels of the input and of the output.
        modulated: Whether a condition scales and shifts the features. Default False.
        leak: Negative slope of the leaky ReLU. Default 0.2.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Features `(batch, height, width, filters)`; modulated, a pair of these
            and conditions `(batch, entries)`.

    Reference:
        He et al. 2016, Identity Mappings in Deep Residual Networks.
    """

    def __init__(
        self,
        filters: int,
        modulated: bool = False,
        leak: float = 0.2,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.modulated = modulated
        self.leak = leak
        self.seed = seed
        self.first = self._convolution("first", 2.0)
        self.second = self._convolution("second", 0.1)
        self.modulation = None
        if modulated:
            self.modulation = FeatureModulation(
                filters,
                seed=seeded(seed, f"{self.name}/modulation"),
                dtype=self.dtype_policy,
                name="modulation",
            )

    def _convolution(self, name, variance):
        return keras.layers.Conv2D(
            self.filters,
            3,
            padding="same",
            kernel_initializer=keras.initializers.VarianceScaling(
                variance,
                "fan_in",
                "truncated_normal",
                seed=seeded(self.seed, f"{self.name}/{name}"),
            ),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: tuple | list) -> None:
        features = input_shape[0] if self.modulated else input_shape
        self.first.build(features)
        self.second.build(features)
        if self.modulated:
            self.modulation.build(input_shape)
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        features, conditions = inputs if self.modulated else (inputs, None)
        change = self.first(tf.nn.leaky_relu(features, self.leak))
        if self.modulated:
            change = self.modulation((change, conditions))
        return features + self.second(tf.nn.leaky_relu(change, self.leak))

    def compute_output_shape(self, input_shape: tuple | list) -> tuple:
        return input_shape[0] if self.modulated else input_shape

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "modulated": self.modulated,
            "leak": self.leak,
            "seed": self.seed,
        }
