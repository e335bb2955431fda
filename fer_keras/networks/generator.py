"""The generator G: noise and an emotion to a face (figure 3, below)."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from fer_keras import emotions
from fer_keras.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    ConditionalConv2DTranspose,
    ConditionalDense,
)
from fer_keras.layers.initializers import normal
from fer_keras.networks.sizes import check_choice, check_sizes, checked_image_shape

CONDITIONINGS = ("planes", "normalization")


def halvings(image_size: Sequence[int], times: int) -> list[tuple[int, int]]:
    """Sizes from the image down: each is half of the one before, rounded up."""
    return [
        tuple(math.ceil(side / 2**level) for side in image_size)
        for level in range(times + 1)
    ]


@keras.saving.register_keras_serializable(package="fer_keras")
class Generator(keras.Model):
    """G(z|y): dense, then transposed convolutions of stride 2, the label at each.

    [z, y] -> dense -> BN -> ReLU -> (deconv -> BN -> ReLU) x 3 -> deconv -> tanh.

    The label reaches the convolutions as planes beside their input, as in the paper,
    or by the scale and shift of each normalisation.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        latent_dim: Length of z. Default 100.
        width: Channels of the widest map's layer; each level down doubles them.
            Default 64: 512-256-128-64.
        depth: Number of transposed convolutions. Default 4.
        kernel_size: Side of the kernels. Default 5.
        conditioning: "planes", the paper's and the default, or "normalization":
            `ConditionalBatchNormalization`, the convolutions without planes.
        seed: For the weights. Default: from Keras' global seed.
        class_names: The names of the classes in the order of their ids; they travel
            with the weights. Default: the emotions for seven classes, else the ids.

    Call arguments:
        inputs: Pair of latents `(batch, latent_dim)` in [-1, 1] and labels: ids
            `(batch,)` or one-hot or soft weights `(batch, num_classes)`.
        training: Whether to normalise by the batch.

    Returns:
        float32 images `(batch, *image_shape)` in [-1, 1].

    Raises:
        ValueError: A size is not a whole number of 1 or more, or the conditioning
            is unknown.

    Example:
        >>> generator = Generator(width=16)
        >>> generator((np.zeros((2, 100)), np.array([3, 5]))).shape
        TensorShape([2, 48, 48, 1])

    Reference:
        The paper, figure 3; Radford et al. 2016; for conditional normalisation
        Miyato and Koyama 2018, cGANs with Projection Discriminator.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (48, 48, 1),
        num_classes: int = 7,
        latent_dim: int = 100,
        width: int = 64,
        depth: int = 4,
        kernel_size: int = 5,
        conditioning: str = "planes",
        seed: int | None = None,
        class_names: Sequence[str] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_sizes(
            width=width,
            depth=depth,
            kernel_size=kernel_size,
            num_classes=num_classes,
            latent_dim=latent_dim,
        )
        check_choice("conditioning", conditioning, CONDITIONINGS)
        self.image_shape = checked_image_shape(image_shape)
        self.num_classes = num_classes
        self.class_names = emotions.class_names(num_classes, class_names)
        self.latent_dim = self.noise_dim = latent_dim
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.conditioning = conditioning
        self.seed = seed
        *image_size, channels = self.image_shape
        *sizes, self._base_size = halvings(image_size, depth)
        self._base_filters = width * 2 ** (depth - 1)
        self.project = ConditionalDense(
            math.prod(self._base_size) * self._base_filters,
            num_classes,
            kernel_initializer=normal(seed, "generator/project"),
            name="project",
            dtype=self.dtype_policy,
        )
        self.project_norm = self._norm("project_norm")
        filters = [width * 2**level for level in reversed(range(depth - 1))]
        self.deconvolutions = [
            ConditionalConv2DTranspose(
                count,
                num_classes if conditioning == "planes" else 0,
                size,
                kernel_size,
                kernel_initializer=normal(seed, f"generator/{index}"),
                name=f"deconvolution_{index}",
                dtype=self.dtype_policy,
            )
            for index, (count, size) in enumerate(
                zip([*filters, channels], reversed(sizes), strict=True)
            )
        ]
        self.norms = [self._norm(f"norm_{index}") for index in range(depth - 1)]
        self.build([(None, latent_dim), (None, num_classes)])

    def _norm(self, name):
        if self.conditioning == "planes":
            return BatchNormalization(name=name, dtype=self.dtype_policy)
        return ConditionalBatchNormalization(
            self.num_classes, name=name, dtype=self.dtype_policy
        )

    def build(self, input_shape: tuple | list) -> None:
        _, labels = input_shape
        self.project.build(input_shape)
        self._build_norm(self.project_norm, (None, self.project.filters), labels)
        shape = (None, *self._base_size, self._base_filters)
        for index, deconvolution in enumerate(self.deconvolutions):
            deconvolution.build([shape, labels])
            shape = deconvolution.compute_output_shape([shape, labels])
            if index < len(self.norms):
                self._build_norm(self.norms[index], shape, labels)
        self.built = True

    def _build_norm(self, norm, shape, labels):
        norm.build(shape if self.conditioning == "planes" else [shape, labels])

    def latents_of_noise(self, noise: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns z of noise, which here is z itself; see `MapGenerator`."""
        return noise

    def call(
        self, inputs: tuple[tf.Tensor, tf.Tensor], training: bool = False
    ) -> tf.Tensor:
        latents, labels = inputs
        features = self.project((latents, labels))
        features = self._activated(features, self.project_norm, labels, training)
        features = tf.reshape(features, [-1, *self._base_size, self._base_filters])
        for deconvolution, norm in zip(
            self.deconvolutions[:-1], self.norms, strict=True
        ):
            features = deconvolution((features, labels))
            features = self._activated(features, norm, labels, training)
        images = self.deconvolutions[-1]((features, labels))
        return tf.tanh(tf.cast(images, tf.float32))

    def _activated(self, features, norm, labels, training):
        inputs = features if self.conditioning == "planes" else (features, labels)
        return tf.nn.relu(norm(inputs, training=training))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "latent_dim": self.latent_dim,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "conditioning": self.conditioning,
            "seed": self.seed,
            "class_names": self.class_names,
        }
