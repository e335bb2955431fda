"""Using an exported SavedModel from NumPy, without Keras and training code."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from fer_keras.emotions import Emotion, emotion_weights
from fer_keras.files import check_hashes, hashes_of_card
from fer_keras.images import checked_images


class LoadedTransfer:
    """An exported model that changes the emotion of faces.

    Faces are uint8 0..255 or float -1..1, a batch or one of them; the results have
    their type. Emotions are names, ids, weights by name or a list with one of
    these per face.

    Args:
        loaded: What `tf.saved_model.load` returns.

    Attributes:
        emotions: The names in the order of their ids.
        image_shape: Height, width and channels.

    Raises:
        ValueError: By its methods: the images or emotions have another form.
    """

    def __init__(self, loaded: Any):
        self._loaded = loaded
        inputs = loaded.signatures["transfer"].structured_input_signature[1]
        self.emotions = tuple(name.decode() for name in loaded.emotions().numpy())
        self.image_shape = tuple(inputs["images"].shape[1:])

    def transfer(self, images: np.ndarray, emotion: Emotion) -> np.ndarray:
        """Returns the faces with another emotion, `(batch, *image_shape)`."""
        return self._with_emotion(self._loaded.transfer, images, emotion)

    def transfer_all(self, images: np.ndarray) -> np.ndarray:
        """Returns the faces in every emotion, `(batch, num_classes, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        return self._loaded.transfer_all(images).numpy()

    def reconstruct(self, images: np.ndarray, emotion: Emotion) -> np.ndarray:
        """Returns the faces with their own emotion, `(batch, *image_shape)`."""
        return self._with_emotion(self._loaded.reconstruct, images, emotion)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Returns the faces' latents, float32 `(batch, latent_dim)`."""
        return self._loaded.encode(checked_images(images, self.image_shape)).numpy()

    def _with_emotion(self, endpoint, images, emotion):
        images = checked_images(images, self.image_shape)
        weights = emotion_weights(emotion, len(images), self.emotions)
        return endpoint(images, weights).numpy()


def load_transfer(directory: str | Path) -> LoadedTransfer:
    """Loads a SavedModel written by `export_saved_model`.

    A SavedModel is a program: load only what you trust.

    Raises:
        ValueError: There is no SavedModel, it is damaged, differs from its card, or
            has no encoder.

    Example:
        >>> happier = load_transfer("happier")
        >>> faces = happier.transfer(faces, {"happy": 0.6, "surprise": 0.4})
    """
    directory = Path(directory)
    if not (directory / "saved_model.pb").is_file():
        raise ValueError(f"{directory} holds no SavedModel (no saved_model.pb).")
    check_hashes(directory, hashes_of_card(directory / "card.json"))
    try:
        loaded = tf.saved_model.load(str(directory))
    # A damaged file ends in errors of many kinds, some of them Python's own.
    except Exception as error:
        cause = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise ValueError(f"{directory}: damaged SavedModel ({cause[0]}).") from error
    if "transfer" not in loaded.signatures:
        raise ValueError(
            f"{directory} has no endpoint 'transfer' (it has "
            f"{', '.join(sorted(loaded.signatures)) or 'none'}): export an "
            "EmotionTransfer or an EncoderInverter."
        )
    return LoadedTransfer(loaded)
