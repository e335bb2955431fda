"""One random flip, shift and change of light for real and generated faces alike."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.latent_noise import LatentNoise
from fer_keras.training.replicas import GlobalBatch


@keras.saving.register_keras_serializable(package="fer_keras")
class SharedAugmentation(keras.layers.Layer):
    """Changes every face that D sees, so that D cannot learn few faces by heart.

    The changes are differentiable, so that G is trained through them, and are drawn
    apart from being applied: a training step draws once and applies the same changes
    to the real and to the generated faces. Nothing is cut out: holes leak into what
    G draws.

    Args:
        flip: Whether to mirror half of the faces. Default True.
        shift: Largest shift, share of the size; whole pixels, and what comes in from
            beyond the edge is the edge's. Default 0.125.
        brightness: Largest added value; the images' range is 2. Default 0.2.
        contrast: Largest relative change of the contrast. Default 0.25.
        seed: Seed of the random changes. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, height, width, channels)`.
        changes: What `draw` returned for these rows, `(batch, 5)`.

    Returns:
        float32 of the same shape; values may leave the range of the inputs, since
        clipping them would stop G's gradient.

    Example:
        >>> augment = SharedAugmentation(seed=0)
        >>> changes = augment.draw(GlobalBatch.around(images))
        >>> real, generated = augment(images, changes), augment(generated, changes)

    Reference:
        Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training.
    """

    def __init__(
        self,
        flip: bool = True,
        shift: float = 0.125,
        brightness: float = 0.2,
        contrast: float = 0.25,
        seed: int | None = None,
        **kwargs: Any,
    ):
        # The changes and the picture are in float32 whatever the policy.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.flip = flip
        self.shift = shift
        self.brightness = brightness
        self.contrast = contrast
        self.seed = seed
        self.noise = LatentNoise(5, seed, name="noise")
        self.built = True

    def draw(self, batch: GlobalBatch) -> tf.Tensor:
        """Returns the next changes for this replica's rows, `(local_size, 5)`."""
        return self.noise.draw(batch)

    def call(self, inputs: tf.Tensor, changes: tf.Tensor) -> tf.Tensor:
        flip, down, aside, brightness, contrast = tf.unstack(changes, axis=1)
        _, height, width, channels = inputs.shape
        images = tf.cast(inputs, tf.float32)
        # Moving pixels is a product with a matrix of zeros and ones: differentiable
        # any number of times, and far faster than gathering.
        rows = self._moves(height, down)
        columns = self._moves(width, aside, flip if self.flip else None)
        images = tf.matmul(rows, tf.reshape(images, [-1, height, width * channels]))
        images = tf.reshape(images, [-1, height, width, channels])
        images = tf.einsum("bjq,bpqc->bpjc", columns, images)
        mean = tf.reduce_mean(images, [1, 2, 3], keepdims=True)
        scale = 1.0 + self.contrast * contrast[:, None, None, None]
        added = self.brightness * brightness[:, None, None, None]
        return (images - mean) * scale + mean + added

    def _moves(self, size, shift, flip=None):
        """Matrices `(batch, size, size)` from the image's places to the result's."""
        places = tf.range(size, dtype=tf.float32)[None]
        sources = places + tf.round(shift * self.shift * size)[:, None]
        if flip is not None:
            sources = tf.where(flip[:, None] < 0.0, size - 1.0 - sources, sources)
        sources = tf.clip_by_value(sources, 0.0, size - 1.0)
        return tf.one_hot(tf.cast(sources, tf.int32), size)

    def compute_output_shape(
        self, input_shape: tuple | list, changes_shape: tuple | None = None
    ) -> tuple:
        return input_shape

    def get_config(self) -> dict:
        config = super().get_config()
        config.pop("dtype", None)
        return {
            **config,
            "flip": self.flip,
            "shift": self.shift,
            "brightness": self.brightness,
            "contrast": self.contrast,
            "seed": self.seed,
        }
