"""The phases of a training run, assembled from its options."""

import csv
import gc
import sys

import keras

from fer_keras.callbacks import StopOnBadNumbers, TrainingCheckpoint
from fer_keras.cli.run_callbacks import (
    HistoryFile,
    TimeLimit,
    gan_callbacks,
    transfer_callbacks,
)
from fer_keras.cli.run_models import (
    make_gan,
    make_inverter,
    make_joint,
    trained_networks,
)
from fer_keras.cli.run_options import LENGTHS
from fer_keras.data import load_arrays
from fer_keras.training.distribution import is_chief, strategy, wait_for_all_workers

# In their order, with what each trains.
_PHASES = {"gan": "G and D", "inverter": "E", "joint": "the finish"}


def train_run(folder, options, time_limits=None):
    """Trains what the options ask for; phases that are finished are not repeated.

    Args:
        folder: The `RunFolder`.
        options: Complete options, with "phase", and the "gan" or "start" that it needs.
        time_limits: Seconds by phase ("gan", "inverter", "joint"), after which it
            ends early.

    Returns:
        What was exported: the trained `ConditionalDCGAN` or `EmotionTransfer`.
    """
    # First of all: a cluster's strategy can only be made before TensorFlow starts.
    distribution = strategy(options["strategy"])
    keras.utils.set_random_seed(options["seed"])
    train = load_arrays(options["data"], "train", options["limit"] or None)
    run = _Run(folder, options, train, distribution, time_limits or {})
    if options["phase"] == "finish":
        with distribution.scope():
            networks = trained_networks(options["start"])
        return run.export(run.finish(*networks).as_transfer())
    if options["phase"] == "encoder":
        gan = run.load(options["gan"])
    else:
        gan = run.phase("gan", make_gan, gan_callbacks, options["epochs"])
    if options["phase"] == "gan":
        return run.export(gan)
    inverter = run.phase(
        "inverter",
        lambda options: make_inverter(gan, options),
        transfer_callbacks,
        options["encoder_epochs"],
    )
    if not options["finish_epochs"]:
        return run.export(inverter.as_transfer())
    networks = inverter.encoder, inverter.generator, gan.discriminator
    return run.export(run.finish(*networks).as_transfer())


class _Run:
    """What all phases share: folder, options, data and strategy."""

    def __init__(self, folder, options, train, distribution, time_limits):
        self.folder = folder
        self.options = options
        self.train = train
        self.strategy = distribution
        self.time_limits = time_limits

    def load(self, file):
        """Loads a model whose networks a strategy may train on."""
        with self.strategy.scope():
            return keras.saving.load_model(file)

    def phase(self, name, make, callbacks, epochs, batch_size=None):
        """Trains one model, or loads it if an earlier sitting has finished it."""
        file = self.folder.model(name)
        if file.is_file() and self._epochs_done(name) >= epochs:
            print(f"{name}: finished already, {file}", file=sys.stderr)
            return self.load(file)
        self._check_not_built_on(name)
        images, labels = self.train
        with self.strategy.scope():
            model = make(self.options)
        model.fit(
            images,
            labels,
            batch_size=batch_size or self.options["batch_size"],
            epochs=epochs,
            balance=self.options["balance"],
            callbacks=[
                *self._logging(name),
                *callbacks(self, name),
                *self._safety(name),
            ],
        )
        # An epoch that was ended early leaves its iterator behind; collected as late
        # as at exit, TensorFlow warns of it.
        gc.collect()
        if is_chief():
            file.parent.mkdir(exist_ok=True)
            aside = file.with_name(f".partial-{file.name}")
            model.save(aside)
            aside.replace(file)
        return model

    def finish(self, encoder, generator, discriminator, critic=None):
        """Trains all three together; the critic is an earlier finish's."""
        networks = encoder, generator, discriminator
        return self.phase(
            "joint",
            lambda options: make_joint(networks, critic, options, len(self.train[0])),
            transfer_callbacks,
            self.options["finish_epochs"],
            self.options["finish_batch_size"],
        )

    def _check_not_built_on(self, name):
        """Refuses to train on what a later phase was trained to fit."""
        names = list(_PHASES)
        for later in names[names.index(name) + 1 :]:
            # Made as the phase begins; its first row of metrics comes an epoch later.
            if self.folder.checkpoints(later).is_dir():
                raise ValueError(
                    f"In {self.folder.path} {_PHASES[later]} was trained to fit "
                    f"{_PHASES[name]}: training {_PHASES[name]} on would part "
                    f"them. Start a new run for more epochs of {_PHASES[name]}."
                )

    def export(self, model):
        """Writes the run's SavedModel; workers that do not, wait for it."""
        if is_chief():
            path = self.folder.export / "final"
            model.export(path)
            print(f"The SavedModel: {path}", file=sys.stderr)
        wait_for_all_workers(self.strategy)
        return model

    def _epochs_done(self, name):
        if not self.folder.history(name).is_file():
            return 0
        with self.folder.history(name).open(newline="") as lines:
            return max((int(row["epoch"]) for row in csv.DictReader(lines)), default=0)

    def _logging(self, name):
        limit = self.time_limits.get(name)
        callbacks = [TimeLimit(limit)] if limit else []
        if is_chief():
            callbacks += [
                keras.callbacks.TensorBoard(self.folder.logs / name, write_graph=False),
                HistoryFile(self.folder.history(name)),
            ]
        return callbacks

    def _safety(self, name):
        # The checkpoint comes last: what the others do at an epoch's end is then
        # done when the epoch is saved as finished.
        fixed = {k: v for k, v in self.options.items() if k not in LENGTHS}
        checkpoint = TrainingCheckpoint(
            self.folder.checkpoints(name),
            every_steps=self.options["checkpoint_every"],
            configuration=fixed,
        )
        return [StopOnBadNumbers(), checkpoint]
