"""E and G joined: any face, any emotion (figure 1)."""

from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from fer_keras.data.array_batches import in_batches
from fer_keras.emotions import Emotion, emotion_weights
from fer_keras.export.presets import load_networks, preset_card
from fer_keras.images import checked_images, from_uint8, to_uint8
from fer_keras.layers import pixels
from fer_keras.layers.keep_source import KeepSource, nearest_reconstruction
from fer_keras.layers.labels import class_weights
from fer_keras.models.export_mixin import ExportMixin
from fer_keras.models.refinement import refined_latents
from fer_keras.networks.sizes import check_inverts, check_sizes
from fer_keras.photo import TransferredPhoto, transfer_photo
from fer_keras.training.config_objects import ConfigObjectsMixin


@keras.saving.register_keras_serializable(package="fer_keras")
class EmotionTransfer(ExportMixin, ConfigObjectsMixin, keras.Model):
    """Changes the emotion of faces: x' = G(E(x)|y).

    Every method takes faces as uint8 0..255 or float -1..1, one or a batch, and
    returns a batch of the same type. Emotions are names, ids, weights by name
    such as `{"happy": 0.6, "surprise": 0.4}`, or a list with one of these per
    face. One face's result does not depend on the others in its batch. With `refine`
    steps of descent bring G(z|y) closer to the face before its emotion is changed.
    `likeness` says how much of the face's own pixels stay where the emotion changes
    little, from 0, all is G's picture, to 1 and above; see `KeepSource`. The emotion
    that the face has is not asked for: it is the one with which G comes nearest to it.

    Args:
        encoder: The trained `Encoder`.
        generator: The `Generator` that it inverts.
        likeness: What `transfer` does where it is not told. Default 0, the paper's.

    Raises:
        ValueError: The two networks' sizes differ, or the likeness is negative.

    Example:
        >>> transfer = EmotionTransfer(inverter.encoder, gan.generator)
        >>> happy = transfer.transfer(faces, "happy")

    Reference:
        The paper, equations 1 and 2.
    """

    config_objects = ("encoder", "generator")

    def __init__(
        self,
        encoder: keras.Model,
        generator: keras.Model,
        likeness: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_inverts(encoder, generator)
        self.encoder = encoder
        self.generator = generator
        self.likeness = KeepSource(likeness).likeness
        self.image_shape = generator.image_shape
        self.num_classes = generator.num_classes
        self.emotions = generator.class_names
        self.built = True

    @property
    def inference_networks(self) -> dict[str, keras.Model]:
        """What `export` writes."""
        return {
            "generator": self.generator,
            "encoder": self.encoder,
        }

    def call(self, inputs: tuple[tf.Tensor, ...]) -> tf.Tensor:
        """(images, emotion) to images in [-1, 1], as tensors."""
        images, emotion = inputs
        return self._edited(images, self.latents(images), emotion, self.likeness)

    def _edited(self, images, latents, emotion, likeness):
        edits = self.decode(latents, emotion)
        if not likeness:
            return edits
        sources = pixels.from_uint8(images)
        rebuilt = nearest_reconstruction(
            self.decode, latents, sources, self.num_classes
        )
        return KeepSource(likeness)((sources, rebuilt, edits))

    def latents(self, images: tf.Tensor) -> tf.Tensor:
        """E(x) of tensors, uint8 or float images."""
        return self.encoder(pixels.from_uint8(images))

    def decode(self, latents: tf.Tensor, emotion: tf.Tensor) -> tf.Tensor:
        """G(z|y) of tensors, float32 images in [-1, 1]."""
        return self.generator((latents, class_weights(emotion, self.num_classes)))

    def encode(
        self, images: np.ndarray, batch_size: int = 256, refine: int = 0
    ) -> np.ndarray:
        """Returns z of faces, float32 `(batch, latent_dim)`."""
        images = checked_images(images, self.image_shape)
        return self._encoded(images, batch_size, refine)

    def _encoded(self, images, batch_size=256, refine=0):
        if not refine:
            return in_batches(self.latents, batch_size, images)
        check_sizes(refine=refine)

        @tf.function
        def refined(images):
            images = pixels.from_uint8(images)
            return refined_latents(self.generator, images, self.encoder(images), refine)

        return in_batches(refined, batch_size, images)

    def transfer(
        self,
        images: np.ndarray,
        emotion: Emotion,
        batch_size: int = 256,
        refine: int = 0,
        likeness: float | None = None,
    ) -> np.ndarray:
        """Returns the faces with another emotion, `(batch, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        return self._transferred(images, emotion, batch_size, refine, likeness)

    def _transferred(self, images, emotion, batch_size, refine, likeness):
        weights = emotion_weights(emotion, len(images), self.emotions)
        latents = self._encoded(images, batch_size, refine)
        likeness = KeepSource(self.likeness if likeness is None else likeness).likeness

        def edited(images, latents, weights):
            return self._edited(images, latents, weights, likeness)

        faces = in_batches(edited, batch_size, images, latents, weights)
        return to_uint8(faces) if images.dtype == np.uint8 else faces

    def transfer_all(
        self,
        images: np.ndarray,
        batch_size: int = 256,
        refine: int = 0,
        likeness: float | None = None,
    ) -> np.ndarray:
        """Returns the faces in every emotion, `(batch, num_classes, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        faces = [
            self._transferred(images, name, batch_size, refine, likeness)
            for name in self.emotions
        ]
        return np.stack(faces, axis=1)

    def reconstruct(
        self,
        images: np.ndarray,
        emotion: Emotion,
        batch_size: int = 256,
        refine: int = 0,
    ) -> np.ndarray:
        """Returns G(E(x)|y) for the faces' own emotions: the inversion's quality."""
        return self.transfer(images, emotion, batch_size, refine, likeness=0.0)

    def interpolate(
        self,
        face_a: np.ndarray,
        face_b: np.ndarray,
        steps: int,
        emotion_a: Emotion = "neutral",
        emotion_b: Emotion | None = None,
    ) -> np.ndarray:
        """Walks from one face to another along a line in latent space.

        Args:
            face_a: The first face.
            face_b: The last face.
            steps: Number of faces, both ends included, 2 or more.
            emotion_a: Emotion of the first face. Default "neutral".
            emotion_b: Emotion of the last face, mixed in step by step. Default:
                `emotion_a`.

        Returns:
            `(steps, *image_shape)`.
        """
        check_sizes(steps=steps)
        if steps < 2:
            raise ValueError(f"steps must be 2 or more, got {steps}.")
        pair = self._pair(face_a, face_b)
        start, end = self._encoded(pair)
        emotions = [emotion_a, emotion_a if emotion_b is None else emotion_b]
        first, last = emotion_weights(emotions, 2, self.emotions)
        share = np.linspace(0.0, 1.0, steps, dtype="float32")[:, None]
        return self._faces(
            start + share * (end - start), first + share * (last - first), pair.dtype
        )

    def swap_emotions(
        self,
        face_a: np.ndarray,
        face_b: np.ndarray,
        emotion_a: Emotion,
        emotion_b: Emotion,
    ) -> np.ndarray:
        """Gives each of two faces the other's emotion.

        Returns:
            `(2, *image_shape)`: face_a with emotion_b, face_b with emotion_a.
        """
        return self.transfer(self._pair(face_a, face_b), [emotion_b, emotion_a])

    def transfer_photo(
        self, photo: Any, emotion: Emotion, **options: Any
    ) -> TransferredPhoto:
        """Changes the faces in a photo; see `fer_keras.photo.transfer_photo`.

        Example:
            >>> transfer.transfer_photo("party.jpg", "happy").photo.write("happy.png")
        """
        return transfer_photo(self, photo, emotion, **options)

    def _faces(self, latents, weights, dtype, batch_size=256):
        faces = in_batches(self.decode, batch_size, latents, weights)
        return to_uint8(faces) if dtype == np.uint8 else faces

    def _pair(self, face_a, face_b):
        faces = [checked_images(face, self.image_shape) for face in (face_a, face_b)]
        for face in faces:
            if len(face) != 1:
                raise ValueError(f"Expected one face, got a batch of {len(face)}.")
        if faces[0].dtype != faces[1].dtype:
            faces = [from_uint8(f) if f.dtype == np.uint8 else f for f in faces]
        return np.concatenate(faces)

    def get_config(self) -> dict:
        return {**super().get_config(), "likeness": self.likeness}

    @classmethod
    def from_preset(cls, name: str | Path) -> Self:
        """Returns a trained model.

        Args:
            name: As for `ConditionalDCGAN.from_preset`.

        Example:
            >>> transfer = EmotionTransfer.from_preset("plus")
        """
        networks = load_networks(name)
        likeness = preset_card(name).get("likeness", 0.0)
        return cls(networks["encoder"], networks["generator"], likeness)
