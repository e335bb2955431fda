"""Writes a trained model for other programs: SavedModel, LiteRT or ONNX.

examples:
  fer-keras export --format onnx --out happier.onnx
  fer-keras export runs/plus --format litert --out happier.tflite
"""

import argparse
import sys
from pathlib import Path

from fer_keras.cli.start_up import start_tensorflow

FORMATS = ("tf_saved_model", "litert", "onnx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        nargs="?",
        metavar="MODEL",
        help="a preset or a run's folder (default: the shipped model)",
    )
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0])
    parser.add_argument(
        "--out",
        required=True,
        help="a folder, or a file that ends in .tflite or .onnx",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace an earlier export"
    )


def run(options: argparse.Namespace) -> None:
    from fer_keras.cli.trained_models import DEFAULT_MODEL, networks_path

    path = networks_path(options.model or DEFAULT_MODEL)
    if Path(options.out).exists() and not options.overwrite:
        raise ValueError(f"{options.out} exists already. Pass --overwrite.")
    start_tensorflow()
    _transfer_of(path).export(options.out, format=options.format)
    print(f"The model: {options.out}", file=sys.stderr)


def _transfer_of(path):
    import keras

    from fer_keras import EmotionTransfer
    from fer_keras.cli.trained_models import load_networks_from

    if (path / "card.json").is_file():
        return EmotionTransfer.from_preset(str(path))
    joint = path / "models" / "joint.keras"
    if joint.is_file():
        return keras.saving.load_model(joint, compile=False).as_transfer()
    (encoder, generator, _), _ = load_networks_from(path)
    return EmotionTransfer(encoder, generator)
