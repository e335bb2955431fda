"""Loads a trained model for commands that only use it, as fast as can be."""

from pathlib import Path
from typing import Any

import numpy as np

from fer_keras.cli.trained_models import DEFAULT_MODEL, networks_path
from fer_keras.emotions import Emotion
from fer_keras.files import check_hashes, hashes_of_card
from fer_keras.litert import LiteRTTransfer

LITERT = "model.tflite"


def load_for_inference(folder: Path) -> Any:
    """Returns a model that changes emotions.

    A preset's `model.tflite` starts at once; any other SavedModel needs TensorFlow.

    Args:
        folder: From `saved_model_folder`.

    Raises:
        ValueError: It is damaged, or differs from its card.
    """
    if not (folder / LITERT).is_file():
        from fer_keras.cli.start_up import start_tensorflow

        start_tensorflow()
        from fer_keras.export.loaded_model import load_transfer

        return load_transfer(folder)
    hashes = hashes_of_card(folder / "card.json")
    check_hashes(folder, {name: hashes[name] for name in hashes if name == LITERT})
    return LiteRTTransfer(folder / LITERT)


class RefinedTransfer:
    """An `EmotionTransfer` whose E is followed by some steps of descent on z.

    Args:
        transfer: The `EmotionTransfer`.
        steps: Of descent.
    """

    def __init__(self, transfer: Any, steps: int):
        self.emotions = transfer.emotions
        self.image_shape = transfer.image_shape
        self._transfer = transfer
        self._steps = {"refine": steps}

    def transfer(
        self, images: np.ndarray, emotion: Emotion, **options: Any
    ) -> np.ndarray:
        """Returns the faces with another emotion."""
        return self._transfer.transfer(images, emotion, **self._steps, **options)

    def transfer_all(self, images: np.ndarray, **options: Any) -> np.ndarray:
        """Returns the faces in every emotion."""
        return self._transfer.transfer_all(images, **self._steps, **options)

    def reconstruct(
        self, images: np.ndarray, emotion: Emotion, **options: Any
    ) -> np.ndarray:
        """Returns the faces with their own emotion."""
        return self._transfer.reconstruct(images, emotion, **self._steps, **options)


def load_refined(path: str | None, steps: int) -> RefinedTransfer:
    """Returns a model that refines E's guess; it needs the networks themselves.

    Args:
        path: A preset, or the folder of a run with a trained E. Default: the shipped
            preset.
        steps: Of descent.

    Raises:
        ValueError: It is neither.
    """
    folder = networks_path(path or DEFAULT_MODEL)
    from fer_keras.cli.start_up import start_tensorflow

    start_tensorflow()
    import keras

    from fer_keras import EmotionTransfer

    for phase in ("joint", "encoder"):
        file = folder / "models" / f"{phase}.keras"
        if file.is_file():
            model = keras.saving.load_model(file, compile=False)
            return RefinedTransfer(model.as_transfer(), steps)
    return RefinedTransfer(EmotionTransfer.from_preset(folder), steps)
