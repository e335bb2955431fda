"""A search, assembled from its options."""

import contextlib
import json
import os
import shlex
import sys

import grpc
import keras
from fer_keras_cli.run_options import OPTIONS as TRAINING
from fer_keras_cli.tune_options import parsed_range, parsed_value

from fer_keras.data import load_arrays, load_dataset
from fer_keras.folder_lock import FolderLock
from fer_keras.tuning import (
    GanHyperModel,
    InverterHyperModel,
    best_row,
    make_tuner,
    results_table,
    trial_line,
    trial_rows,
)

# Real and generated faces that are compared at once: the more, the less noise.
_SCORED_AT_ONCE = 256
# What the models call an option of `fer-keras train` that is called otherwise.
_TRAINING_NAMES = {"dtype": "precision", "conditional": "conditional_encoder"}


def run_search(folder, options, role):
    """Runs a search, or takes part in one, and reports what it found.

    Args:
        folder: The `RunFolder`.
        options: Complete options, with "model" and "gan".
        role: "alone", "chief" or "worker".

    Raises:
        ValueError: Too many trials failed, or none was completed.
    """
    lock = contextlib.nullcontext() if role == "worker" else FolderLock(folder.path)
    with lock, _readable_errors(role):
        tuner = _tuner(folder, options)
        oracle = tuner.oracle
        if role != "worker":
            oracle.listeners.append(
                lambda *trial: print(trial_line(*trial), file=sys.stderr, flush=True)
            )
        _search(tuner, folder, options, role)
    if role == "worker":
        print("No trials are left.", file=sys.stderr)
        return
    _report(folder, options, oracle)


def _tuner(folder, options):
    return make_tuner(
        _hypermodel(options),
        folder.path,
        algorithm=options["algorithm"],
        objective=options["objective"] or None,
        max_trials=options["trials"] or None,
        max_epochs=options["epochs"],
        max_hours=options["max_hours"] or None,
        executions_per_trial=options["repeats"],
        seed=options["seed"],
    )


def _hypermodel(options):
    space = dict(parsed_range(text) for text in options["search"])
    fixed = {
        "dtype": options["precision"],
        "batch_size": options["batch_size"],
        "seed": options["seed"],
        **dict(parsed_value(text) for text in options["set"]),
    }
    fixed = {name: value for name, value in fixed.items() if name not in space}
    if options["model"] == "encoder":
        gan = keras.saving.load_model(options["gan"], compile=False)
        return InverterHyperModel(gan.generator, space, **fixed)
    if "width" not in space:
        fixed = {"width": options["width"], **fixed}
    return GanHyperModel(space, separate=options["separate"], **fixed)


def _search(tuner, folder, options, role):
    if role == "chief":
        # It only hands out trials, and needs no data.
        tuner.search(verbose=0)
        return
    images, labels = _first(load_arrays(options["data"], "train"), options["limit"])
    validation = _first(
        load_arrays(options["data"], "validation"), options["validation_limit"]
    )
    tuner.search(
        images,
        labels,
        epochs=options["epochs"],
        steps_per_epoch=options["steps_per_epoch"] or None,
        validation_data=load_dataset(
            validation, batch_size=_SCORED_AT_ONCE, shuffle=False
        ),
        callbacks=[keras.callbacks.TensorBoard(str(folder.logs), write_graph=False)],
        verbose=0,
    )


def _first(arrays, limit):
    return tuple(array[: limit or len(array)] for array in arrays)


@contextlib.contextmanager
def _readable_errors(role):
    where = ":".join(
        os.environ.get(f"KERASTUNER_ORACLE_{name}", "") for name in ("IP", "PORT")
    )
    try:
        yield
    except grpc.RpcError as error:
        raise ValueError(
            f"The chief at {where} does not answer any more. Start it again with "
            "--resume, and then its workers."
        ) from error
    except RuntimeError as error:
        if role != "chief":
            raise
        raise ValueError(
            f"The chief cannot listen at {where} ({error}). Name another "
            "KERASTUNER_ORACLE_PORT."
        ) from error


def _report(folder, options, oracle):
    rows, objective = trial_rows(oracle), oracle.objective
    best = best_row(rows, objective.direction)
    if oracle.failure or best is None:
        reasons = [row["reason"] for row in rows if row["reason"]]
        raise ValueError(
            f"The search has ended: {oracle.failure or 'no trial was completed'}. "
            f"{reasons[-1] if reasons else ''} {folder.path / 'trials.json'} has more."
        )
    if oracle.out_of_time:
        print(
            f"The time is up after {len(rows)} trials; --resume {folder.path} goes on.",
            file=sys.stderr,
        )
    print(results_table(rows, objective.name, objective.direction))
    print(f"\nThe plot: {folder.path / 'search.png'}, the table: trials.csv beside it.")
    print(f"TensorBoard: tensorboard --logdir {folder.logs}")
    print("\nTrain with the best values:\n" + training_command(options, best["values"]))


def training_command(options, values) -> str:
    """Returns the command that trains with a trial's values.

    Args:
        options: The search's.
        values: The trial's hyperparameters.
    """
    fixed = dict(parsed_value(text) for text in options["set"])
    named = {name: options[name] for name in ("data", "batch_size", "precision")}
    if options["model"] == "gan":
        named["width"] = options["width"]
    searched = {name: v for name, v in values.items() if not name.startswith("tuner/")}
    for name, value in {**fixed, **searched}.items():
        named[_TRAINING_NAMES.get(name, name)] = value
    phase = {"phase": options["model"]}
    if options["gan"]:
        phase["gan"] = options["gan"]
    words = ["fer-keras", "train", "--run", "runs/NAME"]
    for name, value in {**phase, **named}.items():
        words += _words(name, value)
    command = shlex.join(words)
    others = {name: value for name, value in named.items() if name not in TRAINING}
    if others:
        command += (
            "\nwith these besides, for which it has no option: they are arguments of "
            f"the model or of its optimizers in Python.\n{json.dumps(others)}"
        )
    return command


def _words(name, value):
    """Returns an option of `fer-keras train` as it is typed; nothing if it is none."""
    flag = f"--{name.replace('_', '-')}"
    if name in ("phase", "gan"):
        return [flag, value]
    if name not in TRAINING or value == TRAINING[name][0]:
        return []
    if TRAINING[name][1] is bool:
        return [flag]
    return [flag, f"{value:.4g}" if isinstance(value, float) else str(value)]
