"""Searches learning rate and beta_1, or any other option, with KerasTuner.

Trials are compared by a score of the evaluation on `validation`. The first has the
default values. DIR then holds a table of the trials, its plot, TensorBoard logs of
each and KerasTuner's own state, from which an interrupted search goes on.

  --search NAME=LOW..HIGH      a range (of integers, where both ends are)
  --search NAME=LOW..HIGH:log  the same on a scale of logarithms
  --search NAME=ONE,ANOTHER    a choice
  --set NAME=VALUE             one value for all trials

NAME is any option of `fer-keras train` that makes a model, any argument of the
model's constructor, compile or fit, or one of Adam's (also for one network alone, as
generator_learning_rate).

Several processes, on one machine or on several that share DIR: start the same
command in each, with KerasTuner's variables set. The chief trains nothing; it hands
out trials until none is left. A worker that died goes on when it is started again
under its name.

  export KERASTUNER_ORACLE_IP=127.0.0.1 KERASTUNER_ORACLE_PORT=8000
  KERASTUNER_TUNER_ID=chief   fer-keras tune --data fer2013.tar.gz --run runs/search &
  KERASTUNER_TUNER_ID=worker1 fer-keras tune --data fer2013.tar.gz --run runs/search &
  KERASTUNER_TUNER_ID=worker2 fer-keras tune --data fer2013.tar.gz --run runs/search

examples:
  fer-keras tune --data fer2013.tar.gz --run runs/search --trials 20 --epochs 5
  fer-keras tune --resume runs/search --trials 40 --max-hours 8
  fer-keras tune --data DIR --run DIR --algorithm hyperband --separate
  fer-keras tune --data DIR --run DIR --recipe plus --search balance=0..1 \\
      --search augment=True,False --set beta_1=0.5
  fer-keras tune encoder --gan runs/first --data DIR --run DIR --set objective=both
"""

import os
import sys
import time
from pathlib import Path

from fer_keras.cli.models_on_disk import gan_file
from fer_keras.cli.quiet_tensorflow import start_tensorflow
from fer_keras.cli.run_folder import RunFolder
from fer_keras.cli.tune_options import LENGTHS, add_search_options, complete, given

# For the chief, which may still be starting, to make the folder.
_PATIENCE = 600


def add_arguments(parser):
    parser.add_argument(
        "model", nargs="?", choices=("gan", "encoder"), help="default gan"
    )
    parser.add_argument("--run", metavar="DIR", help="the search's new folder")
    parser.add_argument("--resume", metavar="DIR", help="go on with the search in DIR")
    parser.add_argument(
        "--gan",
        metavar="PATH",
        help="for encoder: the run's folder or gan.keras whose G to invert",
    )
    add_search_options(parser)


def run(arguments):
    role = _role()
    if arguments.resume:
        folder, options = _resumed(arguments)
    else:
        options = _new(arguments)
        make = _made_by_chief if role == "worker" else RunFolder.create
        folder = make(arguments.run, options)

    start_tensorflow()
    from fer_keras.cli.tuning import run_search

    print(f"The search's folder: {folder.path}", file=sys.stderr)
    run_search(folder, options, role)


def _role():
    """Says what KerasTuner's variables make of this process."""
    names = [f"KERASTUNER_{name}" for name in ("ORACLE_IP", "ORACLE_PORT", "TUNER_ID")]
    missing = [name for name in names if not os.environ.get(name)]
    if len(missing) == len(names):
        return "alone"
    if missing:
        raise ValueError(
            f"{', '.join(missing)} must be set too: several processes need all of "
            f"{', '.join(names)}, one process none."
        )
    return "chief" if "chief" in os.environ[names[-1]] else "worker"


def _new(arguments):
    if not arguments.run:
        raise ValueError("Name a new folder for the search with --run runs/NAME.")
    model, named = arguments.model or "gan", given(arguments)
    if (model == "encoder") != bool(arguments.gan):
        raise ValueError("--gan PATH goes with `tune encoder`, and that with it.")
    unfit = [f"--{name}" for name in ("width", "separate") if name in named]
    if model == "encoder" and unfit:
        raise ValueError(f"{', '.join(unfit)} does not go with E, which fits its G.")
    if named.get("algorithm") == "hyperband":
        named.setdefault("trials", 0)
    gan = gan_file(arguments.gan) if arguments.gan else None
    return {"model": model, "gan": gan, **complete(named)}


def _resumed(arguments):
    if arguments.run:
        raise ValueError("Give either --run for a new search or --resume, not both.")
    folder, named = RunFolder.open(arguments.resume), given(arguments)
    options = folder.options
    if "algorithm" not in options:
        raise ValueError(f"{folder.path} is not a search's folder: `fer-keras train`s.")
    if arguments.model:
        named["model"] = arguments.model
    if arguments.gan:
        named["gan"] = gan_file(arguments.gan)
    lengths = {name: named.pop(name) for name in LENGTHS if name in named}
    _check_same(folder, options, named)
    # The time is that of a sitting.
    return folder, complete({**options, "max_hours": 0.0, **lengths})


def _made_by_chief(path, options):
    """Waits for the chief to make the folder, and returns it."""
    until = time.monotonic() + _PATIENCE
    while not (Path(path) / "run.json").is_file():
        if time.monotonic() > until:
            raise ValueError(
                f"No chief has made {path} in {_PATIENCE // 60} minutes: start this "
                "command with KERASTUNER_TUNER_ID=chief, in sight of the same folder."
            )
        time.sleep(0.2)
    folder = RunFolder.open(path)
    _check_same(folder, folder.options, options)
    return folder


def _check_same(folder, options, named):
    changed = sorted(k for k, value in named.items() if options.get(k) != value)
    if changed:
        raise ValueError(
            f"{folder.path} was started with other options: "
            + ", ".join(f"{k} {options.get(k)!r}, not {named[k]!r}" for k in changed)
            + ". Leave them out, or start a new search."
        )
