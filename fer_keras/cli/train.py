"""Trains G and D against each other, then E to invert G; then, if asked, all together.

A run has a folder of its own with its options, TensorBoard logs, grids of faces,
checkpoints, models and SavedModels. It can be stopped at any time and goes on
with --resume.

examples:
  fer-keras train --data fer2013.tar.gz --run runs/first
  fer-keras train --resume runs/first
  fer-keras train --recipe plus --data fer2013.tar.gz --run runs/plus
  fer-keras train --data synthetic --run runs/drawn --width 16 --epochs 20
  fer-keras train --phase encoder --gan runs/first --data fer2013.tar.gz --run runs/e2
  fer-keras train --phase finish --start runs/plus --recipe plus --run runs/more \
      --data fer2013.tar.gz --finish-epochs 2 --seed 1
  fer-keras train classifier --help
"""

import os
import sys
from pathlib import Path

from fer_keras.cli.models_on_disk import gan_file, trained_folder
from fer_keras.cli.processor import precision_warning
from fer_keras.cli.quiet_tensorflow import start_tensorflow
from fer_keras.cli.run_folder import RunFolder
from fer_keras.cli.run_options import (
    LENGTHS,
    add_run_options,
    check_models,
    complete,
    given,
)


def add_arguments(parser):
    parser.add_argument("--run", metavar="DIR", help="the run's new folder")
    parser.add_argument("--resume", metavar="DIR", help="go on with the run in DIR")
    parser.add_argument(
        "--phase",
        choices=("both", "gan", "encoder", "finish"),
        help="what to train (default both, and the finish if it has epochs)",
    )
    parser.add_argument(
        "--gan",
        metavar="PATH",
        help="for --phase encoder: the run's folder or gan.keras whose G to invert",
    )
    parser.add_argument(
        "--start",
        metavar="PATH",
        help="for --phase finish: the preset, or run with a trained E, to go on from",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and stop"
    )
    add_run_options(parser)


def run(arguments):
    folder, options = _resumed(arguments) if arguments.resume else _new(arguments)
    if arguments.dry_run:
        for name, value in options.items():
            print(f"{name:>26}  {value}")
        return
    if folder is None:
        folder = _new_folder(arguments.run, options)

    start_tensorflow()
    import tensorflow as tf

    from fer_keras.cli.training import train_run
    from fer_keras.training.distribution import is_chief

    print(f"The run's folder: {folder.path}", file=sys.stderr)
    warning = precision_warning(options["precision"])
    if warning and not tf.config.list_physical_devices("GPU"):
        print(warning, file=sys.stderr)
    if not is_chief():
        train_run(folder, options)
        return
    with folder.sitting(options, resumed=bool(arguments.resume)):
        train_run(folder, options)


def _new(arguments):
    if not arguments.run and not arguments.dry_run:
        raise ValueError("Name a new folder for the run with --run runs/NAME.")
    options = complete(given(arguments), arguments.recipe or "paper")
    phase = arguments.phase or "both"
    if (phase == "encoder") != bool(arguments.gan):
        raise ValueError("--gan PATH goes with --phase encoder, and that with it.")
    if (phase == "finish") != bool(arguments.start):
        raise ValueError("--start PATH goes with --phase finish, and that with it.")
    if phase == "finish" and not options["finish_epochs"]:
        raise ValueError("--phase finish needs --finish-epochs above 0.")
    if phase != "finish":
        check_models(options)
    gan = gan_file(arguments.gan) if arguments.gan else None
    start = str(trained_folder(arguments.start)) if arguments.start else None
    return None, {"phase": phase, "gan": gan, "start": start, **options}


def _new_folder(path, options):
    if os.environ.get("TF_CONFIG"):
        from fer_keras.training.distribution import is_chief

        if not is_chief():
            # Only the chief writes; the others may not even see its disk.
            return RunFolder(Path(path))
    return RunFolder.create(path, options)


def _resumed(arguments):
    if arguments.run:
        raise ValueError("Give either --run for a new run or --resume, not both.")
    for name in ("phase", "gan", "start"):
        if getattr(arguments, name):
            raise ValueError(f"--{name} is for a new run; a resumed one has its own.")
    folder = RunFolder.open(arguments.resume)
    options = folder.options
    if arguments.recipe:
        raise ValueError("--recipe is for a new run; a resumed one has its options.")
    named = given(arguments)
    # A run may be made longer; anything else would make it another run.
    longer = {k: named.pop(k) for k in LENGTHS if k in named}
    changed = sorted(k for k, value in named.items() if options.get(k) != value)
    if changed:
        raise ValueError(
            f"{folder.path} was started with other options: "
            + ", ".join(f"{k} {options.get(k)!r}, not {named[k]!r}" for k in changed)
            + ". Leave them out, or start a new run."
        )
    wanted = longer.get("finish_epochs", options.get("finish_epochs"))
    begun = folder.checkpoints("joint").is_dir()
    if begun and options.get("finish_decay") and wanted != options["finish_epochs"]:
        raise ValueError(
            f"In {folder.path} the finish's rate falls to 0 over "
            f"{options['finish_epochs']} epochs (--finish-decay), so that it cannot "
            "be made longer. For more: fer-keras train --phase finish --start "
            f"{folder.path} --run NEW."
        )
    options = complete({**options, **longer})
    if options["phase"] != "finish":
        check_models(options)
    elif not options["finish_epochs"]:
        raise ValueError("--phase finish needs --finish-epochs above 0.")
    return folder, options
