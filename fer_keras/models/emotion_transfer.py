"""E and G joined: any face, any emotion (figure 1)."""

import keras
import numpy as np
import tensorflow as tf

from fer_keras.emotions import class_names, emotion_weights
from fer_keras.images import checked_images, to_float, to_uint8
from fer_keras.layers.labels import class_weights
from fer_keras.models.exportable import Exportable
from fer_keras.models.face_model import float_images
from fer_keras.models.refinement import refined_latents
from fer_keras.networks.sizes import check_inverts, check_sizes


@keras.saving.register_keras_serializable(package="fer_keras")
class EmotionTransfer(Exportable, keras.Model):
    """Changes the emotion of faces: x' = G(E(x)|y).

    Every method takes faces as uint8 0..255 or float -1..1, one or a batch, and
    returns a batch of the same type. Emotions are names, ids, weights by name
    such as `{"happy": 0.6, "surprise": 0.4}`, or a list with one of these per
    face. One face's result does not depend on the others in its batch. With `refine`
    steps of descent bring G(z|y) closer to the face before its emotion is changed;
    `source`, the faces' own emotions, helps them where it is known.

    Args:
        encoder: The trained `Encoder`.
        generator: The `Generator` that it inverts.

    A conditional encoder needs the faces' own emotions as `source`.

    Raises:
        ValueError: The two networks' sizes differ.

    Example:
        >>> transfer = EmotionTransfer(inverter.encoder, gan.generator)
        >>> happy = transfer.transfer(faces, "happy")

    Reference:
        The paper, equations 1 and 2.
    """

    def __init__(self, encoder, generator, **kwargs):
        super().__init__(**kwargs)
        check_inverts(encoder, generator)
        self.encoder = encoder
        self.generator = generator
        self.image_shape = generator.image_shape
        self.num_classes = generator.num_classes
        self.emotions = class_names(self.num_classes)
        self.built = True

    def call(self, inputs):
        """(images, emotion[, source]) to images in [-1, 1], as tensors."""
        images, emotion, source = (*inputs, None)[:3]
        return self.decode(self.latents(images, source), emotion)

    def latents(self, images, source=None):
        """E(x) of tensors: uint8 or float images, ids or weights as `source`."""
        images = float_images(images)
        if not self.encoder.conditional:
            return self.encoder(images)
        if source is None:
            raise ValueError(
                "This encoder is conditional: pass the faces' own emotions as `source`."
            )
        return self.encoder((images, class_weights(source, self.num_classes)))

    def decode(self, latents, emotion):
        """G(z|y) of tensors, float32 images in [-1, 1]."""
        return self.generator((latents, class_weights(emotion, self.num_classes)))

    def encode(self, images, source=None, batch_size=256, refine=0):
        """Returns z of faces, float32 `(batch, latent_dim)`."""
        images = checked_images(images, self.image_shape)
        if refine:
            check_sizes(refine=refine)
        arrays = [images]
        if source is not None and (self.encoder.conditional or refine):
            arrays.append(self._weights(source, len(images)))
        return _in_batches(self._encoded(refine), batch_size, *arrays)

    def _encoded(self, refine):
        """Returns the function from a batch of images, and weights, to latents."""
        if not refine:
            return self.latents

        @tf.function
        def refined(images, weights=None):
            latents = self.latents(images, weights)
            return refined_latents(
                self.generator, float_images(images), latents, weights, refine
            )

        return refined

    def transfer(self, images, emotion, source=None, batch_size=256, refine=0):
        """Returns the faces with another emotion, `(batch, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        weights = self._weights(emotion, len(images))
        latents = self.encode(images, source, batch_size, refine)
        return self._faces(latents, weights, images.dtype, batch_size)

    def transfer_all(self, images, source=None, batch_size=256, refine=0):
        """Returns the faces in every emotion, `(batch, num_classes, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        latents = self.encode(images, source, batch_size, refine)
        return np.stack(
            [
                self._faces(
                    latents, self._weights(name, len(images)), images.dtype, batch_size
                )
                for name in self.emotions
            ],
            axis=1,
        )

    def reconstruct(self, images, emotion, batch_size=256, refine=0):
        """Returns G(E(x)|y) for the faces' own emotions: the inversion's quality."""
        return self.transfer(images, emotion, emotion, batch_size, refine)

    def interpolate(
        self, face_a, face_b, steps, emotion_a="neutral", emotion_b=None, source=None
    ):
        """Walks from one face to another along a line in latent space.

        Args:
            face_a: The first face.
            face_b: The last face.
            steps: Number of faces, both ends included, 2 or more.
            emotion_a: Of the first face. Default "neutral".
            emotion_b: Of the last face; mixed in step by step. Default `emotion_a`.
            source: The two faces' own emotions, for a conditional encoder.

        Returns:
            `(steps, *image_shape)`.
        """
        check_sizes(steps=steps)
        if steps < 2:
            raise ValueError(f"steps must be 2 or more, got {steps}.")
        pair = self._pair(face_a, face_b)
        start, end = self.encode(pair, source)
        weights = [emotion_a, emotion_a if emotion_b is None else emotion_b]
        first, last = self._weights(weights, 2)
        share = np.linspace(0.0, 1.0, steps, dtype="float32")[:, None]
        return self._faces(
            start + share * (end - start), first + share * (last - first), pair.dtype
        )

    def swap_emotions(self, face_a, face_b, emotion_a, emotion_b):
        """Gives each of two faces the other's emotion.

        Returns:
            `(2, *image_shape)`: face_a with emotion_b, face_b with emotion_a.
        """
        pair = self._pair(face_a, face_b)
        return self.transfer(
            pair, [emotion_b, emotion_a], source=[emotion_a, emotion_b]
        )

    def _weights(self, emotion, count):
        return emotion_weights(emotion, count, self.emotions)

    def _faces(self, latents, weights, dtype, batch_size=256):
        faces = _in_batches(self.decode, batch_size, latents, weights)
        return to_uint8(faces) if dtype == np.uint8 else faces

    def _pair(self, face_a, face_b):
        faces = [checked_images(face, self.image_shape) for face in (face_a, face_b)]
        for face in faces:
            if len(face) != 1:
                raise ValueError(f"Expected one face, got a batch of {len(face)}.")
        if faces[0].dtype != faces[1].dtype:
            faces = [to_float(f) if f.dtype == np.uint8 else f for f in faces]
        return np.concatenate(faces)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "generator": keras.saving.serialize_keras_object(self.generator),
        }

    @classmethod
    def from_preset(cls, name):
        """Returns a trained model.

        Args:
            name: As for `ConditionalDCGAN.from_preset`.

        Example:
            >>> transfer = EmotionTransfer.from_preset("plus")
        """
        # Presets build on the models.
        from fer_keras.export.presets import load_networks

        networks = load_networks(name)
        return cls(networks["encoder"], networks["generator"])

    @classmethod
    def from_config(cls, config):
        networks = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("encoder", "generator")
        }
        return cls(**{**config, **networks})


def _in_batches(function, batch_size, *arrays):
    """Applies a function of tensors to arrays, some rows at a time."""
    starts = range(0, max(len(arrays[0]), 1), batch_size)
    return np.concatenate(
        [
            function(*(tf.constant(array[s : s + batch_size]) for array in arrays))
            for s in starts
        ]
    )
