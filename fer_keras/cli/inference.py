"""Loads a trained model for commands that only use it, as fast as can be."""

from pathlib import Path
from typing import Any

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
