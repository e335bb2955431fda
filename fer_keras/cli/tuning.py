"""A search, assembled from its options."""

import contextlib
import os
import sys

import grpc
import keras
from keras_tuner.src import config

from fer_keras.cli.searched_models import SearchedGan, SearchedInverter
from fer_keras.cli.searched_options import (
    fixed_options,
    training_command,
    usual_options,
)
from fer_keras.cli.tune_options import parsed_range
from fer_keras.data import load_arrays, load_dataset
from fer_keras.files import FolderLock
from fer_keras.tuning import (
    best_row,
    make_tuner,
    results_table,
    trial_line,
    trial_rows,
)

# Real and generated faces that are compared at once: the more, the less noise.
_SCORED_AT_ONCE = 256


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
    with lock, _readable_errors(role), _quiet_failures():
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
    fixed = {n: v for n, v in fixed_options(options).items() if n not in space}
    fixed["usual"] = usual_options(options["recipe"], options["model"])
    if options["model"] == "gan":
        return SearchedGan(space, separate=options["separate"], **fixed)
    gan = keras.saving.load_model(options["gan"], compile=False)
    fixed["discriminator"] = gan.discriminator
    return SearchedInverter(gan.drawing_generator, space, **fixed)


def _search(tuner, folder, options, role):
    if role == "chief":
        # It only hands out trials, and needs no data.
        tuner.search(verbose=0)
        return
    data = options["data"]
    images, labels = load_arrays(data, "train", options["limit"] or None)
    validation = load_arrays(data, "validation", options["validation_limit"] or None)
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


@contextlib.contextmanager
def _quiet_failures():
    """Keeps KerasTuner from printing what a trial raised: its `trial.json` has it."""
    before, config.DEBUG = config.DEBUG, False
    try:
        yield
    finally:
        config.DEBUG = before


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
