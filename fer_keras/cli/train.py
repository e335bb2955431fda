"""Trains G and D against each other, then E to invert G; or all three together.

A run has a folder of its own with its options, TensorBoard logs, grids of faces,
checkpoints, models and SavedModels. It can be stopped at any time and goes on
with --resume.

examples:
  fer-keras train --data fer2013.tar.gz --run runs/first
  fer-keras train --resume runs/first
  fer-keras train --recipe plus --data fer2013.tar.gz --run runs/plus
  fer-keras train --data synthetic --run runs/drawn --width 16 --epochs 20
  fer-keras train --phase encoder --start runs/first --data fer2013.tar.gz --run runs/e2
  fer-keras train --recipe plus --start runs/plus --run runs/more \\
      --data fer2013.tar.gz --joint-epochs 2 --seed 1
"""

import argparse
import dataclasses
import os
import sys
from pathlib import Path

from fer_keras.cli.options import add_options, given
from fer_keras.cli.run_folder import RunFolder, refuse_changes
from fer_keras.cli.start_up import (
    check_backend,
    precision_warning,
    resolved_precision,
    start_tensorflow,
)
from fer_keras.cli.trained_models import gan_path, networks_path
from fer_keras.config import LENGTHS, RECIPES, TrainingOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="DIR", help="the run's new folder")
    parser.add_argument("--resume", metavar="DIR", help="go on with the run in DIR")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and stop"
    )
    parser.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
        help="whose options to take where none are given (default paper)",
    )
    add_options(parser, TrainingOptions)


def run(arguments: argparse.Namespace) -> None:
    check_backend()
    if arguments.resume:
        folder, options = _resumed(arguments)
    else:
        folder, options = None, _new(arguments)
    if arguments.dry_run:
        for name, value in dataclasses.asdict(options).items():
            print(f"{name:>26}  {value}")
        return
    print(_intention(options), file=sys.stderr)
    chief = _is_chief()
    if folder is None:
        # Only the chief writes; the others may not even see its disk.
        create = RunFolder.create if chief else lambda path, _: RunFolder(Path(path))
        folder = create(arguments.run, options)
    print(f"The run's folder: {folder.path}", file=sys.stderr)
    if not chief:
        _train(folder, options)
        return
    with folder.recorded(options, resumed=bool(arguments.resume)):
        _train(folder, options)


def _train(folder, options):
    start_tensorflow()
    import tensorflow as tf

    from fer_keras.cli.training import train_run

    warning = precision_warning(options.precision)
    if warning and not tf.config.list_physical_devices("GPU"):
        print(warning, file=sys.stderr)
    train_run(folder, options)


def _is_chief():
    if not os.environ.get("TF_CONFIG"):
        return True
    start_tensorflow()
    from fer_keras.training.distribution import is_chief

    return is_chief()


def _intention(options):
    """Says what will be trained, before anything slow begins."""
    parts = {
        "gan": f"G and D for {options.epochs} epochs",
        "encoder": f"E for {options.encoder_epochs} epochs",
        "joint": f"E, G and D together for {options.joint_epochs} epochs",
    }
    phases = ("gan", "encoder") if options.phase == "all" else (options.phase,)
    what = ", then ".join(parts[phase] for phase in phases)
    return f"Training {what}, on {options.data}; TensorFlow starts."


def _new(arguments):
    if not arguments.run and not arguments.dry_run:
        raise ValueError("Name a new folder for the run with --run runs/NAME.")
    options = dataclasses.replace(
        RECIPES[arguments.recipe or "paper"], **given(arguments, TrainingOptions)
    )
    precision = resolved_precision(options.precision)
    options = dataclasses.replace(options, precision=precision)
    if not options.start:
        return options
    find = gan_path if options.phase == "encoder" else networks_path
    return dataclasses.replace(options, start=str(find(options.start)))


def _resumed(arguments):
    if arguments.run:
        raise ValueError("Give either --run for a new run or --resume, not both.")
    folder = RunFolder.open(arguments.resume)
    options = folder.options(TrainingOptions)
    if arguments.recipe:
        raise ValueError("--recipe is for a new run; a resumed one has its options.")
    named = given(arguments, TrainingOptions)
    longer = {name: named.pop(name) for name in LENGTHS if name in named}
    refuse_changes(folder, options, named)
    begun = folder.checkpoints("joint").is_dir()
    wanted = longer.get("joint_epochs", options.joint_epochs)
    if begun and options.joint_decay and wanted != options.joint_epochs:
        raise ValueError(
            f"In {folder.path} the learning rate falls to 0 towards the end of "
            f"{options.joint_epochs} epochs (--joint-decay), so that it cannot be made "
            f"longer. For more: fer-keras train --phase joint --start {folder.path} "
            "--run NEW."
        )
    return folder, dataclasses.replace(options, **longer)
