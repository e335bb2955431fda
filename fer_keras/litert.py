"""Runs LiteRT files: starts in a tenth of a second, where TensorFlow takes four."""

import contextlib
import json
import os
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np

from fer_keras.emotions import Emotion, emotion_weights
from fer_keras.images import checked_images, from_uint8, to_uint8

CARD = "card.json"
"""What a `.tflite` file of this package holds beside the network: names and sizes."""

# Faces that pass through a network at a time: bounds its memory.
_ROWS = 64


class LiteRTModel:
    """A network in a `.tflite` file; several threads may call it, one by one.

    Args:
        path: The file.
        threads: Processor cores to use.

    Raises:
        ValueError: The file is missing or no LiteRT model.
    """

    def __init__(self, path: str | Path, threads: int = 1):
        # Only those who run a network wait for the runtime.
        from ai_edge_litert.interpreter import Interpreter

        try:
            with _no_notes():
                self._interpreter = Interpreter(str(path), num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"{path}: not a LiteRT model ({error}).") from error
        self._lock = threading.Lock()

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        """Returns the outputs, copied, in the file's order."""
        with self._lock:
            details = self._interpreter.get_input_details()
            resized = False
            for detail, value in zip(details, inputs, strict=True):
                if tuple(detail["shape"]) != value.shape:
                    self._interpreter.resize_tensor_input(detail["index"], value.shape)
                    resized = True
            if resized:
                self._interpreter.allocate_tensors()
            for detail, value in zip(details, inputs, strict=True):
                self._interpreter.set_tensor(detail["index"], value)
            self._interpreter.invoke()
            return [
                self._interpreter.get_tensor(detail["index"])
                for detail in self._interpreter.get_output_details()
            ]


@contextlib.contextmanager
def _no_notes():
    """Keeps back the line that the runtime writes for every network it opens."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


class LiteRTTransfer:
    """An exported model that changes the emotion of faces, without TensorFlow.

    Faces are uint8 0..255 or float -1..1, rounded to 256 levels; the results have
    their type. Emotions are names, ids, weights by name, or a list with one of these
    per face.

    Args:
        path: A file that `EmotionTransfer.export(path, format="litert")` has written.
        threads: Processor cores to use.

    Attributes:
        emotions: The names in the order of their ids.
        image_shape: Height, width and channels.
        likeness: What `transfer` does where it is not told; see `EmotionTransfer`.

    Raises:
        ValueError: The file is missing, damaged or holds another network.
    """

    def __init__(self, path: str | Path, threads: int = 2):
        path = Path(path)
        if not path.is_file():
            raise ValueError(f"{path}: no such file.")
        try:
            with zipfile.ZipFile(path) as beside:
                card = json.loads(beside.read(CARD))
            self.emotions = tuple(card["emotions"])
            self.image_shape = tuple(card["image_shape"])
            self.likeness = float(card["likeness"])
        except (zipfile.BadZipFile, KeyError, TypeError, ValueError):
            raise ValueError(
                f"{path}: not a model of this package; expected a file that "
                'export(path, format="litert") has written.'
            ) from None
        self._model = LiteRTModel(path, threads)

    def transfer(
        self, images: np.ndarray, emotion: Emotion, likeness: float | None = None
    ) -> np.ndarray:
        """Returns the faces with another emotion, `(batch, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        weights = emotion_weights(emotion, len(images), self.emotions)
        likeness = np.float32(self.likeness if likeness is None else likeness)
        if not likeness >= 0:
            raise ValueError(f"likeness must be 0 or more, got {likeness}.")
        if not len(images):
            return images
        is_uint8 = images.dtype == np.uint8
        pixels = images if is_uint8 else to_uint8(images)
        chunks = [slice(row, row + _ROWS) for row in range(0, len(pixels), _ROWS)]
        pixels = np.concatenate(
            [self._model(pixels[rows], weights[rows], likeness)[0] for rows in chunks]
        )
        return pixels if is_uint8 else from_uint8(pixels)

    def transfer_all(
        self, images: np.ndarray, likeness: float | None = None
    ) -> np.ndarray:
        """Returns the faces in every emotion, `(batch, num_classes, *image_shape)`."""
        images = checked_images(images, self.image_shape)
        faces = [self.transfer(images, name, likeness) for name in self.emotions]
        return np.stack(faces, axis=1)

    def reconstruct(self, images: np.ndarray, emotion: Emotion) -> np.ndarray:
        """Returns the faces as G draws them with their own emotion."""
        return self.transfer(images, emotion, likeness=0)
