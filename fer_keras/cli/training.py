"""The phases of a training run, assembled from its options."""

import gc
import sys
from typing import Any

import keras

from fer_keras.callbacks import (
    SampleGrid,
    SavedModelExport,
    StopOnBadNumbers,
    TrainingCheckpoint,
    TransferGrid,
)
from fer_keras.cli.history import HistoryFile, TimeLimit, epochs_done
from fer_keras.cli.run_folder import RunFolder
from fer_keras.cli.trained_models import load_gan_from, load_networks_from
from fer_keras.config import LENGTHS, TrainingOptions
from fer_keras.data import describe, load_arrays
from fer_keras.data.batches import steps_per_epoch
from fer_keras.models.from_options import (
    fresh_networks,
    gan_from_options,
    inverter_from_options,
    joint_from_options,
)
from fer_keras.models.teacher_training import train_teacher
from fer_keras.training.distribution import is_chief, strategy, wait_for_all_workers

# Faces in a grid of transfers.
_GRID_FACES = 12


def train_run(
    folder: RunFolder,
    options: TrainingOptions,
    time_limits: dict[str, float] | None = None,
) -> Any:
    """Trains what the options ask for; phases that are finished are not repeated.

    Args:
        folder: The `RunFolder`.
        options: The `TrainingOptions`.
        time_limits: Seconds by phase, after which it ends early.

    Returns:
        What was exported: the model of the last phase.
    """
    # First of all: a cluster's strategy can only be made before TensorFlow starts.
    distribution = strategy(options.strategy)
    keras.utils.set_random_seed(options.seed)
    run = _Run(folder, options, distribution, time_limits or {})
    phase = options.phase
    if phase == "joint":
        return run.export(run.joint())
    if phase == "encoder":
        with distribution.scope():
            gan = load_gan_from(options.start)
    else:
        gan = run.phase("gan", lambda: gan_from_options(options, *run.sizes))
    if phase == "gan":
        return run.export(gan)
    inverter = run.phase(
        "encoder", lambda: inverter_from_options(gan.drawing_generator, options)
    )
    return run.export(inverter)


class _Run:
    """What all phases share: folder, options, data and strategy."""

    def __init__(self, folder, options, distribution, time_limits):
        self.folder = folder
        self.options = options
        self.strategy = distribution
        self.time_limits = time_limits
        info = describe(options.data, options.labels)
        # Of the images; the number of classes, and their names.
        self.sizes = info.image_shape, len(info.class_names), info.class_names
        self.train = self.split("train", options.limit)

    def split(self, name, limit=None):
        """Returns images and labels of a split."""
        return load_arrays(
            self.options.data,
            name,
            limit,
            labels=self.options.labels,
            image_shape=self.sizes[0],
        )

    def phase(self, name, make):
        """Trains one model, or loads it if it was finished before."""
        options = self.options.of_phase(name)
        file = self.folder.model(name)
        done = epochs_done(self.folder.history(name))
        if file.is_file() and done >= options["epochs"]:
            print(f"{name}: finished already, {file}", file=sys.stderr)
            # A strategy may train on its networks.
            with self.strategy.scope():
                return keras.saving.load_model(file)
        self._check_not_built_on(name)
        with self.strategy.scope():
            model = make()
        model.fit(
            *self.train,
            batch_size=options["batch_size"],
            epochs=options["epochs"],
            balance=options["balance"],
            callbacks=self._callbacks(name),
        )
        # An epoch that was ended early leaves its iterator behind; collected as late
        # as at exit, TensorFlow warns of it.
        gc.collect()
        self._save(model, file)
        return model

    def joint(self):
        """Trains E, G and D together, from the first step or from trained ones."""
        options, earlier = self.options, {}
        with self.strategy.scope():
            if options.start:
                networks, earlier = load_networks_from(options.start)
            else:
                networks = fresh_networks(options, *self.sizes)
            teacher = earlier.get("teacher") or self.teacher()
        steps = options.joint_epochs * steps_per_epoch(
            len(self.train[0]), options.batch_size
        )
        return self.phase(
            "joint",
            lambda: joint_from_options(
                networks, options, steps, teacher, earlier.get("edit_head")
            ),
        )

    def teacher(self):
        """Returns the trained teacher, None if there is to be none."""
        epochs, file = self.options.joint_teacher_epochs, self.folder.model("teacher")
        if not epochs:
            return None
        if file.is_file():
            return keras.saving.load_model(file)
        print("First the teacher learns the emotions of faces.", file=sys.stderr)
        teacher = train_teacher(
            *self.train, self.sizes[1], epochs=epochs, seed=self.options.seed
        )
        self._save(teacher, file)
        return teacher

    def _save(self, model, file):
        if is_chief():
            file.parent.mkdir(exist_ok=True)
            # Keras asks for the ending.
            aside = file.with_name(f".partial-{file.name}")
            model.save(aside)
            aside.replace(file)

    def export(self, model):
        """Writes the run's SavedModel; workers that do not, wait for it."""
        if is_chief():
            path = self.folder.export / "final"
            model.export(path)
            print(f"The SavedModel: {path}", file=sys.stderr)
        wait_for_all_workers(self.strategy)
        return model

    def _check_not_built_on(self, name):
        """Refuses to train G on when E was trained to fit it."""
        # Made as E's phase begins; its first row of metrics comes an epoch later.
        if name == "gan" and self.folder.checkpoints("encoder").is_dir():
            raise ValueError(
                f"In {self.folder.path} E was trained to fit G: training G on would "
                "part them. Start a new run for more epochs of G and D."
            )

    def _callbacks(self, name):
        """Returns logs, pictures, SavedModels, and last of all the checkpoint.

        What the others do at an epoch's end is then done when the epoch is saved as
        finished.
        """
        folder, options = self.folder, self.options
        limit = self.time_limits.get(name)
        callbacks = [TimeLimit(limit)] if limit else []
        if is_chief():
            callbacks += [
                keras.callbacks.TensorBoard(folder.logs / name, write_graph=False),
                HistoryFile(folder.history(name)),
            ]
        fixed = {k: v for k, v in vars(options).items() if k not in LENGTHS}
        return [
            *callbacks,
            self._pictures(name),
            SavedModelExport(folder.export / name, every_epochs=options.export_every),
            StopOnBadNumbers(),
            TrainingCheckpoint(
                folder.checkpoints(name),
                every_steps=options.checkpoint_every,
                configuration=fixed,
            ),
        ]

    def _pictures(self, name):
        if name == "gan":
            return SampleGrid(
                self.folder.samples,
                every_batches=self.options.sample_every,
                log_dir=self.folder.logs / name / "samples",
            )
        # Faces that were never trained on; and `test` is for the end, not to be
        # looked at while somebody decides how to go on.
        return TransferGrid(
            self.folder.transfers(name),
            *self.split("validation", _GRID_FACES),
            log_dir=self.folder.logs / name / "transfers",
        )
