"""The generator G: noise and an emotion to a face (figure 3, below)."""

import math

import keras
import tensorflow as tf

from fer_keras.layers import (
    BatchNormalization,
    ConditionalConv2DTranspose,
    ConditionalDense,
)
from fer_keras.layers.initializers import normal
from fer_keras.networks.sizes import check_sizes, checked_image_shape


def halvings(image_size, times):
    """Sizes from the image down: each is half of the one before, rounded up."""
    return [
        tuple(math.ceil(side / 2**level) for side in image_size)
        for level in range(times + 1)
    ]


@keras.saving.register_keras_serializable(package="fer_keras")
class Generator(keras.Model):
    """G(z|y): dense, then transposed convolutions of stride 2, the label at each.

    [z, y] -> dense -> BN -> ReLU -> (deconv -> BN -> ReLU) x 3 -> deconv -> tanh.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        latent_dim: Length of z. Default 100.
        width: Channels of the widest map's layer; each level down doubles them.
            Default 64: 512-256-128-64.
        depth: Number of transposed convolutions. Default 4.
        kernel_size: Side of the kernels. Default 5.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Pair of latents `(batch, latent_dim)` in [-1, 1] and labels: ids
            `(batch,)` or one-hot or soft weights `(batch, num_classes)`.
        training: Whether to normalise by the batch.

    Returns:
        float32 images `(batch, *image_shape)` in [-1, 1].

    Raises:
        ValueError: A size is not a whole number of 1 or more.

    Example:
        >>> generator = Generator(width=16)
        >>> generator((np.zeros((2, 100)), np.array([3, 5]))).shape
        TensorShape([2, 48, 48, 1])

    Reference:
        The paper, figure 3; Radford et al. 2016.
    """

    def __init__(
        self,
        image_shape=(48, 48, 1),
        num_classes=7,
        latent_dim=100,
        width=64,
        depth=4,
        kernel_size=5,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_sizes(
            width=width,
            depth=depth,
            kernel_size=kernel_size,
            num_classes=num_classes,
            latent_dim=latent_dim,
        )
        self.image_shape = checked_image_shape(image_shape)
        self.num_classes = num_classes
        self.latent_dim = latent_dim
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
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
        self.project_norm = BatchNormalization(
            name="project_norm", dtype=self.dtype_policy
        )
        filters = [width * 2**level for level in reversed(range(depth - 1))]
        self.deconvolutions = [
            ConditionalConv2DTranspose(
                count,
                num_classes,
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
        self.norms = [
            BatchNormalization(name=f"norm_{index}", dtype=self.dtype_policy)
            for index in range(depth - 1)
        ]
        self.build([(None, latent_dim), (None, num_classes)])

    def build(self, input_shape):
        _, labels = input_shape
        self.project.build(input_shape)
        self.project_norm.build((None, self.project.filters))
        shape = (None, *self._base_size, self._base_filters)
        for index, deconvolution in enumerate(self.deconvolutions):
            deconvolution.build([shape, labels])
            shape = deconvolution.compute_output_shape([shape, labels])
            if index < len(self.norms):
                self.norms[index].build(shape)
        self.built = True

    def call(self, inputs, training=False):
        latents, labels = inputs
        features = self.project((latents, labels))
        features = tf.nn.relu(self.project_norm(features, training=training))
        features = tf.reshape(features, [-1, *self._base_size, self._base_filters])
        for deconvolution, norm in zip(
            self.deconvolutions[:-1], self.norms, strict=True
        ):
            features = deconvolution((features, labels))
            features = tf.nn.relu(norm(features, training=training))
        images = self.deconvolutions[-1]((features, labels))
        return tf.tanh(tf.cast(images, tf.float32))

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "latent_dim": self.latent_dim,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "seed": self.seed,
        }
