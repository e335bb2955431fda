"""The encoder E: a face to the noise that makes it (figure 4)."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers import BatchNormalization, ConditionalConv2D, ConditionalDense
from fer_keras.layers.initializers import normal, truncated_normal
from fer_keras.networks.sizes import check_sizes, checked_image_shape


@keras.saving.register_keras_serializable(package="fer_keras")
class Encoder(keras.Model):
    """E(x): convolutions of stride 2, then a dense layer of `latent_dim`, tanh.

    conv -> LReLU -> (conv -> BN -> LReLU) x 3 -> flatten -> dense -> tanh.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        latent_dim: Length of z. Default 100.
        width: Filters of the first convolution; each level doubles them.
            Default 64: 64-128-256-512.
        depth: Number of convolutions. Default 4.
        kernel_size: Side of the kernels. Default 5.
        leak: Negative slope of the leaky ReLU. Default 0.2.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, *image_shape)` in [-1, 1].
        training: Whether to normalise by the batch.

    Returns:
        float32 latents `(batch, latent_dim)` in (-1, 1).

    Raises:
        ValueError: A size is not a whole number of 1 or more.

    Reference:
        The paper, equation 1 and figure 4.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (48, 48, 1),
        latent_dim: int = 100,
        width: int = 64,
        depth: int = 4,
        kernel_size: int = 5,
        leak: float = 0.2,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_sizes(
            width=width, depth=depth, kernel_size=kernel_size, latent_dim=latent_dim
        )
        self.image_shape = checked_image_shape(image_shape)
        self.latent_dim = latent_dim
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.leak = leak
        self.seed = seed
        self.convolutions = [self._convolution(level) for level in range(depth)]
        self.norms = [
            BatchNormalization(name=f"norm_{level}", dtype=self.dtype_policy)
            for level in range(1, depth)
        ]
        self.to_latent = ConditionalDense(
            latent_dim,
            0,
            kernel_initializer=normal(seed, "encoder/to_latent"),
            name="to_latent",
            dtype=self.dtype_policy,
        )
        self.build((None, *self.image_shape))

    def _convolution(self, level):
        return ConditionalConv2D(
            self.width * 2**level,
            0,
            self.kernel_size,
            kernel_initializer=truncated_normal(self.seed, f"encoder/{level}"),
            name=f"convolution_{level}",
            dtype=self.dtype_policy,
        )

    def build(self, input_shape: tuple | list) -> None:
        shape = input_shape
        for level, convolution in enumerate(self.convolutions):
            convolution.build([shape, None])
            shape = convolution.compute_output_shape([shape, None])
            if level > 0:
                self.norms[level - 1].build(shape)
        _, height, width, channels = shape
        self._flat_size = height * width * channels
        self.to_latent.build([(None, self._flat_size), None])
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        features = tf.nn.leaky_relu(self.convolutions[0]((inputs, None)), self.leak)
        for convolution, norm in zip(self.convolutions[1:], self.norms, strict=True):
            features = norm(convolution((features, None)), training=training)
            features = tf.nn.leaky_relu(features, self.leak)
        features = tf.reshape(features, [-1, self._flat_size])
        return tf.tanh(tf.cast(self.to_latent((features, None)), tf.float32))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "latent_dim": self.latent_dim,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "leak": self.leak,
            "seed": self.seed,
        }
