"""Keeps the source's own pixels where an edit changes nothing."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fer_keras.training.replicas import on_share

BLUR = 2.0
"""Standard deviation of the mask's blur, in pixels."""
FULL_CHANGE = 20.0
"""Change of a grey level from which on, at likeness 1, a pixel is all the edit's."""


@keras.saving.register_keras_serializable(package="fer_keras")
class KeepSource(keras.layers.Layer):
    """M · edit + (1 - M) · source.

    M = min(1, blur(|edit - rebuilt|) / (20 · likeness)), in grey levels.

    G draws a face anew, also where the emotion changes nothing, and loses detail there.
    Where the edit G(E(x)|y') and the reconstruction G(E(x)|y) agree, the source's own
    pixels stand for both.

    Args:
        likeness: From 0, G's picture as it is, to 1 and above, more and more of the
            source. Default 1.

    Call arguments:
        inputs: Three batches `(batch, height, width, channels)` in [-1, 1]: the
            sources x, their reconstructions with their own emotion, and the edits.

    Returns:
        float32 of the same shape.

    Raises:
        ValueError: `likeness` is negative or not finite.
    """

    def __init__(self, likeness: float = 1.0, **kwargs: Any):
        super().__init__(**{**kwargs, "dtype": "float32"})
        if not (np.isfinite(likeness) and likeness >= 0):
            raise ValueError(f"likeness must be 0 or more, got {likeness!r}.")
        self.likeness = float(likeness)
        self.built = True

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        sources, rebuilt, edits = inputs
        if not self.likeness:
            return edits
        return keep_source(sources, rebuilt, edits, self.likeness)

    def get_config(self) -> dict:
        config = super().get_config()
        config.pop("dtype", None)
        return {**config, "likeness": self.likeness}


def keep_source(
    sources: tf.Tensor,
    rebuilt: tf.Tensor,
    edits: tf.Tensor,
    likeness: float | tf.Tensor,
) -> tf.Tensor:
    """As `KeepSource`, for a likeness above 0 that may be a tensor."""
    change = tf.reduce_mean(tf.abs(edits - rebuilt), axis=-1, keepdims=True)
    grey_levels = 127.5 * on_share(_blurred, change)
    mask = tf.minimum(1.0, grey_levels / (FULL_CHANGE * likeness))
    return sources + mask * (edits - sources)


def nearest_reconstruction(
    decode: Callable, latents: tf.Tensor, sources: tf.Tensor, num_classes: int
) -> tf.Tensor:
    """Returns G(E(x)|y) with that emotion y of all with which it is nearest to x.

    Args:
        decode: Takes latents and class weights, returns faces in [-1, 1].
        latents: E(x), float32 `(batch, latent_dim)`.
        sources: x, float32 `(batch, height, width, channels)` in [-1, 1].
        num_classes: Number of emotions.

    Returns:
        float32 of the sources' shape.
    """
    faces = all_reconstructions(decode, latents, num_classes)
    return nearest_of_all(faces, sources)


def all_reconstructions(
    decode: Callable, latents: tf.Tensor, num_classes: int
) -> tf.Tensor:
    """Returns G(E(x)|y) for every emotion y, `(batch, num_classes, *image_shape)`."""
    weights = tf.tile(tf.eye(num_classes), [tf.shape(latents)[0], 1])
    faces = decode(tf.repeat(latents, num_classes, axis=0), weights)
    return tf.reshape(faces, [-1, num_classes, *faces.shape[1:]])


def nearest_of_all(faces: tf.Tensor, sources: tf.Tensor) -> tf.Tensor:
    """Returns of each row's faces, one per emotion, the nearest to its source."""
    error = tf.reduce_sum(tf.square(faces - sources[:, None]), axis=[2, 3, 4])
    return tf.gather(faces, tf.argmin(error, axis=1), axis=1, batch_dims=1)


def _blurred(maps):
    """Returns `(batch, height, width, 1)` blurred, the edges mirrored."""
    shape = maps.shape[1:]
    radius = min(int(4 * BLUR), min(shape[:2]))
    places = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (places / BLUR) ** 2)
    kernel = tf.constant(kernel / kernel.sum(), tf.float32)
    maps = tf.pad(
        maps, [[0, 0], [radius, radius], [radius, radius], [0, 0]], "SYMMETRIC"
    )
    maps = tf.nn.conv2d(maps, tf.reshape(kernel, [-1, 1, 1, 1]), 1, "VALID")
    maps = tf.nn.conv2d(maps, tf.reshape(kernel, [1, -1, 1, 1]), 1, "VALID")
    # On a CPU TensorFlow's convolution of no images has the size from before.
    return tf.reshape(maps, [-1, *shape])
