"""Packs a trained run into a preset: one SavedModel with a card, small enough to share.

G and E are stored in half precision, D in bytes; training goes on from it by
`ConditionalDCGAN.from_preset(FOLDER)` and the like, and `transfer --model FOLDER` and
`evaluate NAME=FOLDER` use it. The card says how it was trained, and names the files'
hashes, which are checked whenever it is loaded. Runs that this one was built on are
looked for where they were.

examples:
  fer-keras pack runs/plus --out happier
  fer-keras pack runs/plus --out happier --scores scores/evaluation.json
"""

import argparse
import json
import sys
from pathlib import Path

from fer_keras.cli.run_folder import RunFolder
from fer_keras.cli.start_up import start_tensorflow
from fer_keras.cli.trained_models import load_networks_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a finished run's folder")
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="the preset's folder"
    )
    parser.add_argument(
        "--about",
        metavar="FILE",
        help="a JSON object with more for the card: limits, hardware, licence",
    )
    parser.add_argument(
        "--scores",
        metavar="FILE",
        help="the evaluation.json of `fer-keras evaluate`, for the card's scores",
    )
    parser.add_argument(
        "--name", metavar="NAME", help="of its row there (default: the folder's name)"
    )


def run(arguments: argparse.Namespace) -> None:
    folder = RunFolder.open(arguments.run)
    final = "joint" if folder.model("joint").is_file() else "encoder"
    if not folder.model(final).is_file():
        raise ValueError(
            f"{folder.path} is not finished: {folder.model(final)} is missing. Go on "
            f"with it by fer-keras train --resume {folder.path}."
        )
    preset, lineage = _lineage(folder)
    name = arguments.name or Path(arguments.out).name
    earlier = _object(preset / "card.json").get("runs", []) if preset else []
    runs = [*earlier, *_training(lineage)]
    card = {"name": name, **_object(arguments.about), "runs": runs}
    if arguments.scores:
        card["scores"] = _scores(arguments.scores, name)

    start_tensorflow()
    import keras

    from fer_keras.callbacks.saved_model_export import export_picture
    from fer_keras.export.presets import preset_card, save_preset

    trained = keras.saving.load_model(folder.model(final))
    networks, _ = load_networks_from(folder.path)
    gan_file = lineage[0].model("gan")
    # Without one, `ConditionalDCGAN.from_preset` has nothing to go on from.
    if gan_file.is_file():
        card["gan"] = keras.saving.load_model(gan_file).get_config()
    elif preset and "gan" in preset_card(preset):
        card["gan"] = preset_card(preset)["gan"]
    save_preset(
        arguments.out, networks, card, trained.likeness, export_picture(trained)
    )
    print(f"The preset: {arguments.out}", file=sys.stderr)


def _lineage(folder):
    """Returns the preset that a run began with or None, and the runs since, in order.

    The first is the one that nothing came before, the last is the run itself.
    """
    start = folder.record["options"].get("start")
    if not start:
        return None, [folder]
    # Of an E alone it is the file of a GAN in another run's `models`.
    earlier = Path(start) if Path(start).is_dir() else Path(start).parents[1]
    if (earlier / "card.json").is_file():
        return earlier, [folder]
    preset, runs = _lineage(RunFolder.open(earlier))
    return preset, [*runs, folder]


def _training(lineage):
    """Returns what the card says of the runs: commands and options."""
    runs = []
    for folder in lineage:
        record = folder.record
        for command in (record, *record.get("resumed", [])):
            command["command"] = _without_folders(command["command"])
        for name in ("data", "start"):
            # Where things lay is nobody's business.
            value = record["options"].get(name)
            record["options"][name] = value and Path(value).name
        runs.append(record)
    return runs


def _without_folders(command):
    return " ".join(
        Path(word).name if word.startswith(("/", "~")) else word
        for word in command.split()
    )


def _object(path):
    if not path:
        return {}
    try:
        value = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise ValueError(f"{path} must hold a JSON object, got {type(value).__name__}.")
    return value


def _scores(path, name):
    """Returns a model's row of an evaluation, with the protocol that made it."""
    evaluation = _object(path)
    rows = evaluation.get("entries", [])
    (row,) = [r for r in rows if r["name"] == name] or [None]
    if row is None:
        raise ValueError(
            f"{path} has no row {name!r}, only "
            f"{', '.join(r['name'] for r in rows) or 'none'}."
        )
    return {
        "protocol": evaluation["protocol"],
        "setting": evaluation["setting"],
        "judges": evaluation["judges"]["hashes"],
        "estimates": row["scores"],
    }
