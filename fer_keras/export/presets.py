"""Trained models that travel: one SavedModel to use and to go on training from.

A preset is a folder: a SavedModel with a card that names its networks, its recipe and
the SHA-256 of its files. The shipped ones stand in `saved_models`; a folder that
differs from its card is refused.
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fer_keras.export.saved_model import CARD, SAMPLES, export_saved_model
from fer_keras.export.storage import stored_values
from fer_keras.files import check_hashes, sha256_of, write_json
from fer_keras.shipped_models import shipped_model

PRESETS = ("paper", "plus")
"""The shipped ones."""
NETWORKS = ("encoder", "generator", "discriminator")


def preset_folder(name: str | Path) -> Path:
    """Returns the folder of a preset: a shipped one's name, or a path.

    Raises:
        ValueError: There is none.
    """
    shipped = shipped_model(str(name))
    folder = shipped if str(name) in PRESETS and shipped.is_dir() else Path(name)
    if not (folder / CARD).is_file() or not (folder / "saved_model.pb").is_file():
        raise ValueError(
            f"There is no preset {str(name)!r}: expected {' or '.join(PRESETS)}, or a "
            "folder that `fer-keras pack` has made."
        )
    return folder


def preset_card(name: str | Path) -> dict:
    """Returns the card of a preset, after checking its files against it.

    Raises:
        ValueError: There is no such preset, or a file differs from the card.
    """
    folder = preset_folder(name)
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
        hashes = card["sha256"]
        configs = card["networks"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{folder / CARD} is no card of a preset: expected one that `fer-keras "
            "pack` has written."
        ) from None
    check_hashes(folder, hashes)
    if set(configs) != set(NETWORKS):
        raise ValueError(f"{folder / CARD} does not name {', '.join(NETWORKS)}.")
    return card


def load_networks(name: str | Path) -> dict[str, keras.Model]:
    """Returns a preset's networks by name: "encoder", "generator", "discriminator".

    Raises:
        ValueError: As for `preset_card`.

    Example:
        >>> networks = load_networks("plus")
        >>> transfer = EmotionTransfer(networks["encoder"], networks["generator"])
    """
    folder, card = preset_folder(name), preset_card(name)
    reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    networks = {}
    for network_name in NETWORKS:
        network = keras.saving.deserialize_keras_object(card["networks"][network_name])
        for place, variable in enumerate(network.variables):
            variable.assign(stored_values(reader, network_name, place))
        networks[network_name] = network
    return networks


def save_preset(
    folder: str | Path,
    networks: dict[str, keras.Model],
    card: dict | None = None,
    likeness: float = 0.0,
    samples: np.ndarray | None = None,
) -> Path:
    """Writes a preset.

    Args:
        folder: Made, or replaced where it holds a preset.
        networks: By name: "encoder", "generator" and "discriminator".
        card: What is to be said of it, JSON values. `ConditionalDCGAN.from_preset`
            needs the entry "gan", the configuration of the model that trained G.
        likeness: Likeness of the `EmotionTransfer`; see `KeepSource`. Default 0.
        samples: A picture of what it makes, uint8 `(height, width, channels)`.

    Returns:
        The folder.

    Raises:
        ValueError: The folder holds something else.
    """
    folder = Path(folder)
    configurations = {
        name: keras.saving.serialize_keras_object(networks[name]) for name in NETWORKS
    }
    export_saved_model(
        folder,
        **networks,
        likeness=likeness,
        metadata={**(card or {}), "networks": configurations},
        samples=samples,
        compact=True,
        litert=True,
    )
    path = folder / CARD
    written = json.loads(path.read_text("utf-8"))
    written["sha256"] = {
        str(file.relative_to(folder)): sha256_of(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in (CARD, SAMPLES)
    }
    write_json(path, written)
    return folder
