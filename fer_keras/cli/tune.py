"""Searches learning rate and beta_1, or any other option, with KerasTuner.

Short trainings of --trial-epochs are compared by a score on `validation`. DIR then
holds KerasTuner's own state, from which an interrupted search goes on, and TensorBoard
logs of each trial. The end is a summary, and the command that trains with the best.

PHASE is gan (the default), encoder or joint; the options of `fer-keras train` hold for
all trials, and --search names those that are searched, of the phase:

  --search NAME=LOW..HIGH      a range (of integers, where both ends are)
  --search NAME=LOW..HIGH:log  the same on a scale of logarithms
  --search NAME=ONE,ANOTHER    a choice

Several processes, on one machine or on several that share DIR: start the same
command in each, with KerasTuner's variables KERASTUNER_ORACLE_IP,
KERASTUNER_ORACLE_PORT and KERASTUNER_TUNER_ID (chief, or any other name for a worker).

examples:
  fer-keras tune --data fer2013.tar.gz --run runs/search --trials 20
  fer-keras tune --resume runs/search --trials 40
  fer-keras tune --data DIR --run DIR --recipe plus --search balance=0..1 \\
      --search augment=True,False
  fer-keras tune encoder --start runs/first --data DIR --run DIR
  fer-keras tune joint --recipe plus --data DIR --run DIR --repeats 2 \\
      --steps-per-epoch 400
"""

import argparse
import dataclasses
import os
import shlex
import sys
import time
from pathlib import Path

from fer_keras.cli.options import add_options, given, words
from fer_keras.cli.run_folder import RunFolder, refuse_changes
from fer_keras.cli.search_options import SearchOptions, parsed_range
from fer_keras.cli.start_up import (
    check_backend,
    resolved_precision,
    start_tensorflow,
)
from fer_keras.cli.trained_models import gan_path, networks_path
from fer_keras.config import PHASES, RECIPES, TrainingOptions
from fer_keras.files import FolderLock

# Seconds for the chief, which may still be starting, to make the folder.
_PATIENCE = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("phase", nargs="?", default="gan", choices=PHASES)
    parser.add_argument("--run", metavar="DIR", help="the search's new folder")
    parser.add_argument("--resume", metavar="DIR", help="go on with the search in DIR")
    parser.add_argument(
        "--search",
        metavar="NAME=RANGE",
        action="append",
        default=[],
        help="see above; repeatable (default learning_rate and beta_1)",
    )
    parser.add_argument(
        "--recipe", choices=tuple(RECIPES), help="as for `fer-keras train`"
    )
    add_options(parser, SearchOptions)
    add_options(parser, TrainingOptions, leave_out=("phase",))


def run(arguments: argparse.Namespace) -> None:
    check_backend()
    is_worker = bool(
        os.environ.get("KERASTUNER_ORACLE_IP")
    ) and "chief" not in os.environ.get("KERASTUNER_TUNER_ID", "chief")
    if arguments.resume:
        folder, options, search = _resumed(arguments)
    else:
        folder, options, search = _new(arguments, is_worker)
    print(
        f"Searching {', '.join(_space(folder))} of phase {options.phase}, on "
        f"{options.data}; TensorFlow starts. The search's folder: {folder.path}",
        file=sys.stderr,
    )
    if is_worker:
        start_tensorflow()
        _searched(folder, options, search)
        return
    record = {"search": dataclasses.asdict(search)}
    with (
        folder.recorded(options, bool(arguments.resume), **record),
        FolderLock(folder.path),
    ):
        start_tensorflow()
        tuner = _searched(folder, options, search)
    tuner.results_summary(min(search.trials, 10))
    best = tuner.get_best_hyperparameters()
    if not best:
        raise ValueError("No trial was completed: see what each of them says above.")
    recipe = folder.record["recipe"]
    print(f"\nTensorBoard: tensorboard --logdir {folder.logs}\n")
    print("Train with the best values:")
    print(training_command(recipe, tuner.hypermodel.options_of(best[0].values)))


def training_command(recipe: str, options: TrainingOptions) -> str:
    """Returns the command that trains with these options.

    Args:
        recipe: The name of the one from which they were made.
        options: All of them.
    """
    usual = dataclasses.asdict(RECIPES[recipe])
    changed = {
        name: value
        for name, value in dataclasses.asdict(options).items()
        if value != usual[name]
    }
    command = ["fer-keras", "train", "--run", "runs/NAME", "--recipe", recipe]
    return shlex.join([*command, *words(changed)])


def _new(arguments, is_worker):
    if not arguments.run:
        raise ValueError("Name a new folder for the search with --run runs/NAME.")
    recipe = arguments.recipe or "paper"
    search = SearchOptions(**given(arguments, SearchOptions))
    named = given(arguments, TrainingOptions)
    options = dataclasses.replace(RECIPES[recipe], **named)
    precision = resolved_precision(options.precision)
    options = dataclasses.replace(options, precision=precision)
    if options.start:
        find = gan_path if options.phase == "encoder" else networks_path
        options = dataclasses.replace(options, start=str(find(options.start)))
    for text in arguments.search:
        parsed_range(text)
    path = Path(arguments.run)
    if is_worker:
        _wait_for_chief(path)
        return RunFolder.open(path), options, search
    record = {
        "recipe": recipe,
        "search": dataclasses.asdict(search),
        "space": arguments.search,
    }
    return RunFolder.create(path, options, **record), options, search


def _wait_for_chief(path):
    until = time.monotonic() + _PATIENCE
    while not (path / "run.json").is_file():
        if time.monotonic() > until:
            raise ValueError(
                f"No chief has made {path} in {_PATIENCE // 60} minutes: start this "
                "command with KERASTUNER_TUNER_ID=chief, in sight of the same folder."
            )
        time.sleep(0.2)


def _resumed(arguments):
    if arguments.run:
        raise ValueError("Give either --run for a new search or --resume, not both.")
    folder = RunFolder.open(arguments.resume)
    if "search" not in folder.record:
        raise ValueError(f"{folder.path} is not a search's folder: `fer-keras train`s.")
    options = folder.options(TrainingOptions)
    search = SearchOptions(**folder.record["search"])
    named = given(arguments, TrainingOptions)
    # It cannot be told whether the default was given.
    named.pop("phase")
    refuse_changes(folder, options, named)
    named = given(arguments, SearchOptions)
    # A search may be made longer; anything else would make it another search.
    longer = {name: named.pop(name) for name in ("trials",) if name in named}
    refuse_changes(folder, search, named)
    return folder, options, dataclasses.replace(search, **longer)


def _space(folder) -> dict:
    from_user = dict(parsed_range(text) for text in folder.record["space"])
    return from_user or {"learning_rate": None, "beta_1": None}


def _searched(folder, options, search):
    """Returns KerasTuner's tuner after its search."""
    import grpc
    import keras
    import keras_tuner

    from fer_keras.data import describe, load_arrays, load_dataset
    from fer_keras.tuning import objective_of

    objective = objective_of(options.phase, search.objective)
    info = describe(options.data, options.labels)
    form = {"labels": options.labels, "image_shape": info.image_shape}
    train = load_arrays(options.data, "train", options.limit, **form)
    validation = load_arrays(
        options.data, "validation", search.validation_limit, **form
    )
    sizes = info.image_shape, len(info.class_names), info.class_names
    tuners = {
        "bayesian": keras_tuner.BayesianOptimization,
        "hyperband": keras_tuner.Hyperband,
        "random": keras_tuner.RandomSearch,
    }
    length = {"max_trials": search.trials}
    if search.algorithm == "hyperband":
        length = {"max_epochs": search.trial_epochs}
    tuner = tuners[search.algorithm](
        _hypermodel(folder, options, search, train, sizes),
        objective=objective,
        **length,
        executions_per_trial=search.repeats,
        # KerasTuner takes 0 for no seed.
        seed=options.seed + 1,
        directory=str(folder.path),
        project_name="trials",
    )
    try:
        tuner.search(
            *train,
            epochs=search.trial_epochs,
            steps_per_epoch=search.steps_per_epoch,
            # The more faces are compared at once, the less noise.
            validation_data=load_dataset(validation, batch_size=256, shuffle=False),
            callbacks=[
                keras.callbacks.TensorBoard(str(folder.logs), write_graph=False)
            ],
            verbose=2,
        )
    except (RuntimeError, grpc.RpcError) as error:
        raise ValueError(
            f"The search has ended: {error} Go on with --resume {folder.path}."
        ) from error
    return tuner


def _hypermodel(folder, options, search, train, sizes):
    from fer_keras.cli.trained_models import load_gan_from, load_networks_from
    from fer_keras.data.batches import steps_per_epoch
    from fer_keras.models.from_options import fresh_networks
    from fer_keras.models.teacher_training import train_teacher
    from fer_keras.tuning import EncoderHyperModel, GanHyperModel, JointHyperModel

    space = dict(parsed_range(text) for text in folder.record["space"]) or None
    if options.phase == "gan":
        return GanHyperModel(options, space, sizes=sizes)
    if options.phase == "encoder":
        generator = load_gan_from(options.start).drawing_generator
        return EncoderHyperModel(generator, options, space)
    teacher = None
    if options.start:
        networks, earlier = load_networks_from(options.start)
        teacher = earlier.get("teacher")
    if teacher is None and options.joint_teacher_epochs:
        teacher = train_teacher(
            *train, sizes[1], options.joint_teacher_epochs, seed=options.seed, verbose=2
        )
    steps = search.steps_per_epoch or steps_per_epoch(len(train[0]), options.batch_size)
    return JointHyperModel(
        lambda trial: networks if options.start else fresh_networks(trial, *sizes),
        teacher,
        steps * search.trial_epochs,
        options,
        space,
    )
