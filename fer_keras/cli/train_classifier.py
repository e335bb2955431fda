"""Trains a judge: an emotion classifier, or the label-free identity encoder.

It learns from `train` alone; `validation` chooses the epoch that is kept, and
`test` is only reported. DIR then holds the network, its card (data, recipe,
command, scores, SHA-256) and the curve. Stopped and started again with the same
options, it goes on.

examples:
  fer-keras train classifier --architecture vgg --data fer2013.tar.gz --out runs/vgg
  fer-keras train classifier --architecture residual --data DIR --out DIR
  fer-keras train classifier --architecture identity --data DIR --out DIR
"""

import json
import sys

from fer_keras.cli.quiet_tensorflow import start_tensorflow

_EPOCHS = {"vgg": 26, "residual": 20, "identity": 6}


def add_arguments(parser):
    parser.add_argument(
        "--architecture", choices=_EPOCHS, default="vgg", help="default vgg"
    )
    parser.add_argument(
        "--data",
        required=True,
        metavar="PATH",
        help="FER2013: its archive, its CSV, a folder with one, a TFDS data "
        "directory, or synthetic for drawn faces",
    )
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="folder for what is made"
    )
    parser.add_argument(
        "--epochs",
        type=int,
        help="default "
        + ", ".join(f"{count} for {name}" for name, count in _EPOCHS.items()),
    )
    parser.add_argument("--seed", type=int, default=0, help="default 0")
    parser.add_argument(
        "--limit",
        type=int,
        default=0,
        metavar="FACES",
        help="take the first so many faces of each split, to try things; 0: all",
    )
    parser.add_argument(
        "--precision",
        choices=("mixed_bfloat16", "float32", "mixed_float16"),
        default="mixed_bfloat16",
        help="of the training's arithmetic; default mixed_bfloat16",
    )


def run(arguments):
    epochs = arguments.epochs or _EPOCHS[arguments.architecture]
    if epochs < 1 or arguments.limit < 0:
        raise ValueError("--epochs must be 1 or more and --limit 0 or more.")

    start_tensorflow()
    from fer_keras.data import SPLITS, load_arrays

    limit = arguments.limit or None
    splits = {split: load_arrays(arguments.data, split, limit) for split in SPLITS}
    recipe = {"epochs": epochs, "seed": arguments.seed, "dtype": arguments.precision}
    path = _trained(arguments.architecture, splits, arguments.out, recipe)

    from fer_keras.judge_cards import report

    card = report(path, splits, _command(arguments, epochs), recipe)
    print(json.dumps(json.loads(card.read_text())["scores"], indent=1))
    print(f"The judge: {path}, its card: {card}", file=sys.stderr)


def _command(arguments, epochs):
    command = (
        f"fer-keras train classifier --architecture {arguments.architecture} "
        f"--epochs {epochs} --seed {arguments.seed} --precision {arguments.precision}"
    )
    limit = f" --limit {arguments.limit}" if arguments.limit else ""
    return f"{command}{limit} --data DATA --out DIR"


def _trained(architecture, splits, out, recipe):
    from fer_keras.models.judge_training import (
        train_classifier,
        train_identity_encoder,
    )

    train, validation = splits["train"], splits["validation"]
    if architecture == "identity":
        return train_identity_encoder(train[0], validation[0], out, **recipe)
    return train_classifier(train, validation, out, architecture, **recipe)
