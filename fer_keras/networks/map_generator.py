"""A generator whose z is a vector and a map, which can hold a face."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from fer_keras import emotions
from fer_keras.layers import BatchNormalization
from fer_keras.layers.initializers import seeded
from fer_keras.layers.labels import class_weights
from fer_keras.layers.residual_block import FeatureModulation, ResidualBlock
from fer_keras.networks.sizes import check_sizes, checked_map_shape


@keras.saving.register_keras_serializable(package="fer_keras")
class MapGenerator(keras.Model):
    """G(z|y) with z = (v, m): a vector and a map at a quarter of the image's size.

    A vector alone can't hold a face: what E would have to say of it does not fit. The
    map enters G where it belongs in the picture, and residual blocks turn it into the
    face with emotion y:

    m -> conv -> 4 residual blocks -> ×2 -> residual block -> ×2 -> conv -> tanh,

    each block scaled and shifted by what a small network makes of (v, y): whether y is
    the emotion that the face has already is not a sum of the two. Faces from noise need
    a map too. The prior, the lower half of a DCGAN's generator, draws z from noise n:

    n -> dense -> BN -> ReLU -> (deconv -> BN -> ReLU) x 2 -> conv -> tanh = m,
    n -> dense -> tanh = v.

    The emotion y enters after z only, so that one z gives one person in all emotions.

    Args:
        image_shape: Height, width and channels; sides are multiples of 4. Default
            (48, 48, 1).
        num_classes: Number of classes. Default 7.
        vector_dim: Length of v and of the noise n. Default 128.
        map_channels: Channels of m. Default 8: 12×12×8 for 48×48.
        width: Channels at a quarter of the size, 3/4 of it at half and 1/4 at full
            size. Default 64.
        blocks: Residual blocks at a quarter of the size. Default 4.
        seed: For the weights. Default: from Keras' global seed.
        class_names: The names of the classes in the order of their ids; they travel
            with the weights. Default: the emotions for seven classes, else the ids.

    Attributes:
        latent_dim: Length of z, v and then m flattened row by row.
        noise_dim: Length of the noise that `latents_of_noise` takes.

    Call arguments:
        inputs: Pair of latents `(batch, latent_dim)` or noise `(batch, noise_dim)` in
            [-1, 1], and labels: ids `(batch,)` or one-hot or soft weights
            `(batch, num_classes)`.
        training: Whether the prior, which noise passes, normalises by the batch.

    Returns:
        float32 images `(batch, *image_shape)` in [-1, 1].

    Raises:
        ValueError: A size is not a whole number of 1 or more, or a side of the image is
            no multiple of 4.

    Example:
        >>> generator = MapGenerator(width=16)
        >>> noise = np.random.default_rng(0).uniform(-1, 1, (2, 128))
        >>> generator((noise, np.array([3, 5]))).shape
        TensorShape([2, 48, 48, 1])

    Reference:
        Kim et al. 2021, StyleMapGAN, for a code that is a map; Shi et al. 2016 for the
        doubling of the size (sub-pixel convolution).
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (48, 48, 1),
        num_classes: int = 7,
        vector_dim: int = 128,
        map_channels: int = 8,
        width: int = 64,
        blocks: int = 4,
        seed: int | None = None,
        class_names: Sequence[str] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_sizes(
            num_classes=num_classes,
            vector_dim=vector_dim,
            map_channels=map_channels,
            width=width,
            blocks=blocks,
        )
        self.image_shape, self.map_shape = checked_map_shape(image_shape, map_channels)
        self.num_classes = num_classes
        self.class_names = emotions.class_names(num_classes, class_names)
        self.vector_dim = self.noise_dim = vector_dim
        self.map_channels = map_channels
        self.width = width
        self.blocks = blocks
        self.seed = seed
        self.latent_dim = vector_dim + math.prod(self.map_shape)
        half, full = max(3 * width // 4, 1), max(width // 4, 1)
        self.from_map = self._conv(width, "from_map")
        self.quarter_blocks = [
            self._block(width, f"quarter_block_{index}") for index in range(blocks)
        ]
        self.to_half = self._conv(4 * half, "to_half")
        self.half_block = self._block(half, "half_block")
        self.to_full = self._conv(4 * full, "to_full")
        # Not divided by their size, which says how light a pixel is.
        self.full_modulation = FeatureModulation(
            full,
            normalize=False,
            seed=seeded(seed, "generator/full_modulation"),
            dtype=self.dtype_policy,
            name="full_modulation",
        )
        self.to_image = self._conv(self.image_shape[-1], "to_image", "float32")
        self._make_conditions()
        self._make_prior(width)
        self.build([(None, self.latent_dim), (None, num_classes)])

    def _make_conditions(self):
        self.condition_hidden = keras.layers.Dense(
            2 * self.width,
            kernel_initializer=self._initializer("condition_hidden"),
            dtype=self.dtype_policy,
            name="condition_hidden",
        )
        self.condition_change = keras.layers.Dense(
            self.vector_dim + self.num_classes,
            kernel_initializer="zeros",
            dtype=self.dtype_policy,
            name="condition_change",
        )

    def _make_prior(self, width):
        self._base = tuple(math.ceil(side / 4) for side in self.map_shape[:2])
        self.prior_dense = keras.layers.Dense(
            math.prod(self._base) * 4 * width,
            use_bias=False,
            kernel_initializer=self._initializer("prior_dense"),
            dtype=self.dtype_policy,
            name="prior_dense",
        )
        self.prior_deconvolutions = [
            keras.layers.Conv2DTranspose(
                filters,
                4,
                2,
                padding="same",
                use_bias=False,
                kernel_initializer=self._initializer(f"prior_deconvolution_{index}"),
                dtype=self.dtype_policy,
                name=f"prior_deconvolution_{index}",
            )
            for index, filters in enumerate([2 * width, width])
        ]
        # Only noise comes this way: statistics of its own.
        self.prior_norms = [
            BatchNormalization(name=f"prior_norm_{index}", dtype=self.dtype_policy)
            for index in range(3)
        ]
        self.prior_map = self._conv(self.map_channels, "prior_map", "float32")
        # Begins in the range in which E's vectors begin.
        self.prior_vector = keras.layers.Dense(
            self.vector_dim,
            use_bias=False,
            kernel_initializer=keras.initializers.Identity(0.2),
            dtype="float32",
            name="prior_vector",
        )

    def _initializer(self, name):
        return keras.initializers.GlorotUniform(seeded(self.seed, f"generator/{name}"))

    def _conv(self, filters, name, dtype=None):
        return keras.layers.Conv2D(
            filters,
            3,
            padding="same",
            kernel_initializer=self._initializer(name),
            dtype=dtype or self.dtype_policy,
            name=name,
        )

    def _block(self, filters, name):
        return ResidualBlock(
            filters,
            modulated=True,
            seed=seeded(self.seed, f"generator/{name}"),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: tuple | list) -> None:
        height, width, _ = self.map_shape
        conditions = (None, self.vector_dim + self.num_classes)
        quarter = (None, height, width, self.width)
        half = (None, 2 * height, 2 * width, self.half_block.filters)
        full = (None, 4 * height, 4 * width, self.full_modulation.filters)
        self.from_map.build((None, *self.map_shape))
        for block in self.quarter_blocks:
            block.build([quarter, conditions])
        self.to_half.build(quarter)
        self.half_block.build([half, conditions])
        self.to_full.build(half)
        self.full_modulation.build([full, conditions])
        self.to_image.build(full)
        self.condition_hidden.build(conditions)
        self.condition_change.build((None, 2 * self.width))
        self.prior_dense.build((None, self.vector_dim))
        self.prior_vector.build((None, self.vector_dim))
        shape = (None, *self._base, 4 * self.width)
        self.prior_norms[0].build(shape)
        for deconvolution, norm in zip(
            self.prior_deconvolutions, self.prior_norms[1:], strict=True
        ):
            deconvolution.build(shape)
            shape = deconvolution.compute_output_shape(shape)
            norm.build(shape)
        self.prior_map.build((None, height, width, self.width))
        self.built = True

    def latents_of_noise(self, noise: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns z of noise.

        Args:
            noise: n, `(batch, noise_dim)` in [-1, 1].
            training: Whether the prior normalises by the batch.

        Returns:
            float32 `(batch, latent_dim)` in [-1, 1].
        """
        features = self.prior_dense(tf.cast(noise, self.compute_dtype))
        features = tf.reshape(features, [-1, *self._base, 4 * self.width])
        features = tf.nn.relu(self.prior_norms[0](features, training=training))
        for deconvolution, norm in zip(
            self.prior_deconvolutions, self.prior_norms[1:], strict=True
        ):
            features = tf.nn.relu(norm(deconvolution(features), training=training))
        height, width, _ = self.map_shape
        # Sides that are no multiples of 16 begin a little too large.
        maps = tf.tanh(self.prior_map(features[:, :height, :width]))
        maps = tf.reshape(maps, [-1, math.prod(self.map_shape)])
        vectors = tf.tanh(self.prior_vector(tf.cast(noise, tf.float32)))
        return tf.concat([vectors, maps], axis=1)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        latents, labels = inputs
        if latents.shape[1] == self.noise_dim:
            latents = self.latents_of_noise(latents, training)
        latents = tf.cast(latents, self.compute_dtype)
        vectors, maps = tf.split(latents, [self.vector_dim, -1], axis=1)
        labels = class_weights(labels, self.num_classes)
        # A one among a hundred small numbers would be hard to hear at first.
        labels = 3.0 * tf.cast(labels, self.compute_dtype)
        conditions = tf.concat([vectors, labels], axis=1)
        hidden = tf.nn.leaky_relu(self.condition_hidden(conditions), 0.2)
        conditions += self.condition_change(hidden)
        features = self.from_map(tf.reshape(maps, [-1, *self.map_shape]))
        for block in self.quarter_blocks:
            features = block((features, conditions))
        features = _doubled(self.to_half, features)
        features = self.half_block((features, conditions))
        features = _doubled(self.to_full, features)
        features = self.full_modulation((features, conditions))
        images = self.to_image(tf.nn.leaky_relu(features, 0.2))
        return tf.tanh(tf.cast(images, tf.float32))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "vector_dim": self.vector_dim,
            "map_channels": self.map_channels,
            "width": self.width,
            "blocks": self.blocks,
            "seed": self.seed,
            "class_names": self.class_names,
        }


def _doubled(convolution, features):
    """Returns features at twice the size: a sub-pixel convolution."""
    return tf.nn.depth_to_space(convolution(tf.nn.leaky_relu(features, 0.2)), 2)
