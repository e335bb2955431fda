"""Sampling faces from a trained G: `predict` and `generate`."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fer_keras.data.array_batches import in_batches
from fer_keras.emotions import Emotion, emotion_weights
from fer_keras.images import to_uint8


class SamplingMixin:
    """Gives a model whose call is G(z|y) the methods that sample from it."""

    def predict_step(self, data: tuple) -> tf.Tensor:
        # A dataset of (latents, labels), or predict((latents, labels)).
        inputs = data[0] if len(data) == 1 else data
        return self(inputs, training=False)

    def predict(
        self, x: Any, batch_size: int | None = None, **options: Any
    ) -> np.ndarray:
        """Computes G(z|y); see `keras.Model.predict`.

        Args:
            x: Pair of latents or noise in [-1, 1] and emotions (see
                `emotions.emotion_weights`), or a batched dataset of latents and
                labels as for `fit`.
            batch_size: For arrays.
            **options: The other arguments of `keras.Model.predict`.

        Returns:
            float32 `(count, *image_shape)` in [-1, 1].

        Raises:
            ValueError: A pair has another form, or the emotion is unknown.
        """
        if isinstance(x, (tuple, list)) and len(x) == 2:
            x = self._latents_and_weights(*x)
        elif not isinstance(x, tf.data.Dataset):
            raise ValueError(
                "Expected a pair of latents and emotions, or a dataset of such "
                f"pairs, got {type(x).__name__}."
            )
        return super().predict(x, batch_size=batch_size, **options)

    def generate(
        self,
        latents: np.ndarray,
        emotion: Emotion,
        seed: int | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Draws faces.

        Args:
            latents: How many, or noise `(count, noise_dim)` or z itself `(count,
                latent_dim)` in [-1, 1].
            emotion: For all or one for each; see `emotions.emotion_weights`.
            seed: For the noise when `latents` is a number. Default: Keras' global
                seed, which gives other faces each time, and the same ones again after
                `keras.utils.set_random_seed`.
            batch_size: Faces that pass through G at a time.

        Returns:
            uint8 `(count, *image_shape)`.

        Raises:
            ValueError: `latents` has another shape or holds NaN, or the emotion
                is unknown.
        """
        if isinstance(latents, (int, np.integer)):
            shape = (int(latents), self.generator.noise_dim)
            if seed is None:
                latents = keras.random.uniform(shape, -1.0, 1.0)
            else:
                latents = np.random.default_rng(seed).uniform(-1.0, 1.0, shape)
        latents, labels = self._latents_and_weights(latents, emotion)
        faces = in_batches(lambda *inputs: self(inputs), batch_size, latents, labels)
        return to_uint8(faces)

    def _latents_and_weights(self, latents, emotion):
        latents = np.asarray(latents, "float32")
        sizes = {self.generator.latent_dim, self.generator.noise_dim}
        if latents.ndim != 2 or latents.shape[1] not in sizes:
            raise ValueError(
                "Expected a number of faces or latents (count, "
                f"{' or '.join(map(str, sorted(sizes)))}), "
                f"got shape {latents.shape}."
            )
        if not np.isfinite(latents).all():
            raise ValueError("Latents hold NaN or infinity.")
        names = self.generator.class_names
        return latents, emotion_weights(emotion, len(latents), names)
