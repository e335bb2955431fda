"""The encoder that inverts `MapGenerator`: a face to a vector and a map."""

import math
from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.initializers import seeded
from fer_keras.layers.residual_block import ResidualBlock
from fer_keras.networks.sizes import check_sizes, checked_map_shape


@keras.saving.register_keras_serializable(package="fer_keras")
class MapEncoder(keras.Model):
    """E(x) = z = (v, m): strided convolutions, residual blocks, one head for each part.

    x -> conv -> conv -> 2 residual blocks -> conv -> tanh = m,
    and from there -> conv -> conv -> dense -> tanh = v.

    Args:
        image_shape: Height, width and channels; sides are multiples of 4. Default
            (48, 48, 1).
        vector_dim: Length of v. Default 128.
        map_channels: Channels of m. Default 8.
        width: Channels at a quarter of the size, 3/4 of it at half; twice and four
            times on the way to v. Default 64.
        blocks: Residual blocks at a quarter of the size. Default 2.
        leak: Negative slope of the leaky ReLU. Default 0.2.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, *image_shape)` in [-1, 1].

    Returns:
        float32 latents `(batch, latent_dim)` in (-1, 1), as `MapGenerator` takes them.

    Raises:
        ValueError: A size is not a whole number of 1 or more, or a side of the image is
            no multiple of 4.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (48, 48, 1),
        vector_dim: int = 128,
        map_channels: int = 8,
        width: int = 64,
        blocks: int = 2,
        leak: float = 0.2,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_sizes(
            vector_dim=vector_dim,
            map_channels=map_channels,
            width=width,
            blocks=blocks,
        )
        self.image_shape, self.map_shape = checked_map_shape(image_shape, map_channels)
        self.vector_dim = vector_dim
        self.map_channels = map_channels
        self.width = width
        self.blocks = blocks
        self.leak = leak
        self.seed = seed
        self.latent_dim = vector_dim + math.prod(self.map_shape)
        self.to_half = self._conv(max(3 * width // 4, 1), "to_half", 4, 2)
        self.to_quarter = self._conv(width, "to_quarter", 4, 2)
        self.residual_blocks = [
            ResidualBlock(
                width,
                leak=leak,
                seed=seeded(seed, f"encoder/block_{index}"),
                dtype=self.dtype_policy,
                name=f"block_{index}",
            )
            for index in range(blocks)
        ]
        self.to_map = self._conv(map_channels, "to_map")
        self.to_eighth = self._conv(2 * width, "to_eighth", 4, 2)
        self.to_sixteenth = self._conv(4 * width, "to_sixteenth", 4, 2)
        self.to_vector = keras.layers.Dense(
            vector_dim,
            kernel_initializer=self._initializer("to_vector"),
            dtype=self.dtype_policy,
            name="to_vector",
        )
        self.build((None, *self.image_shape))

    def _initializer(self, name):
        return keras.initializers.GlorotUniform(seeded(self.seed, f"encoder/{name}"))

    def _conv(self, filters, name, kernel_size=3, strides=1):
        return keras.layers.Conv2D(
            filters,
            kernel_size,
            strides,
            padding="same",
            kernel_initializer=self._initializer(name),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: tuple | list) -> None:
        shape = input_shape
        for layer in (self.to_half, self.to_quarter, *self.residual_blocks):
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.to_map.build(shape)
        for layer in (self.to_eighth, self.to_sixteenth):
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self._flat_size = math.prod(shape[1:])
        self.to_vector.build((None, self._flat_size))
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        features = self._activated(self.to_half(inputs))
        features = self.to_quarter(features)
        for block in self.residual_blocks:
            features = block(features)
        features = self._activated(features)
        maps = tf.reshape(self.to_map(features), [-1, math.prod(self.map_shape)])
        features = self._activated(self.to_eighth(features))
        features = self._activated(self.to_sixteenth(features))
        vectors = self.to_vector(tf.reshape(features, [-1, self._flat_size]))
        return tf.tanh(tf.cast(tf.concat([vectors, maps], axis=1), tf.float32))

    def _activated(self, features):
        return tf.nn.leaky_relu(features, self.leak)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "vector_dim": self.vector_dim,
            "map_channels": self.map_channels,
            "width": self.width,
            "blocks": self.blocks,
            "leak": self.leak,
            "seed": self.seed,
        }
