"""Keeps an interrupted run so that it goes on as if nothing had happened."""

import sys
from pathlib import Path

import keras
from fer_keras.callbacks.stop_on_bad_numbers import TrainingDivergedError

from fer_keras.files import FolderLock
from fer_keras.training import state as training_state
from fer_keras.training.checkpoints import (
    checkpoint_path,
    list_checkpoints,
    newest_checkpoint,
    remove_unfinished,
    set_aside,
    write_checkpoint,
)
from fer_keras.training.distribution import from_all_workers, is_chief


class TrainingCheckpoint(keras.callbacks.Callback):
    """Saves all that the rest of a run depends on, and goes on from it.

    The same program, started again with the same folder, goes on at the step it had
    saved last: with all weights, both optimizers' moments and learning rates, the
    noise, the order of the data, the running means of the metrics and the history.
    On a CPU its final weights are those of a run that was never interrupted.

    The data must come in an order that can be repeated: arrays, `load_dataset`, or a
    `tf.data.Dataset` whose shuffling has a seed. Other callbacks are not restored.
    Put this one last, so that what they do at the end of an epoch is done when the
    epoch is saved as finished.

    Args:
        folder: Where the checkpoints of this run lie; one run at a time holds it.
        every_epochs: Save after so many epochs. Default 1.
        every_steps: Save after so many steps too. Default: only after epochs.
        keep: How many of the newest checkpoints to keep. Default 2.
        configuration: Anything else that must not change when a run goes on, as a
            dict that JSON can hold, such as the data's name.
        same_versions: Whether to refuse a checkpoint that other versions of
            fer-keras, Keras or TensorFlow wrote. Default True.

    Raises:
        ValueError: By `fit`: the checkpoint is of another configuration or version
            (the message names what differs), all are damaged, another run holds the
            folder, or not all workers see the same checkpoints.
        OSError: By `fit`: the folder cannot be written, or the disk is full.
        TrainingDivergedError: By `fit`: a weight is NaN or infinite. It is not saved.

    Example:
        >>> checkpoint = TrainingCheckpoint("runs/first/checkpoints", every_steps=200)
        >>> gan.fit(images, labels, epochs=50, callbacks=[checkpoint])
    """

    def __init__(
        self,
        folder: str | Path,
        every_epochs: int = 1,
        every_steps: int | None = None,
        keep: int = 2,
        configuration: dict | None = None,
        same_versions: bool = True,
    ):
        super().__init__()
        for name, value in (
            ("every_epochs", every_epochs),
            ("every_steps", every_steps or 1),
            ("keep", keep),
        ):
            if value < 1:
                raise ValueError(f"{name} must be 1 or more, got {value}.")
        self.folder = Path(folder)
        self.every_epochs = every_epochs
        self.every_steps = every_steps
        self.keep = keep
        self.configuration = configuration or {}
        self.same_versions = same_versions
        self._lock = None
        self._about = None

    def resume(self, model: keras.Model, first_epoch: int) -> tuple[int, int]:
        """Restores the newest whole checkpoint; `fit` calls it before all else.

        Returns:
            The epoch to go on in and how many of its steps are done.
        """
        if not model.compiled:
            raise ValueError("Call `compile()` before `fit()`.")
        if is_chief():
            self._lock = FolderLock(self.folder)
            remove_unfinished(self.folder)
        self._about = {
            "versions": training_state.versions(),
            "configuration": {
                **training_state.model_configuration(model),
                **self.configuration,
                "first_epoch": first_epoch,
            },
        }
        self._history = []
        self._metrics = {}
        self._steps_per_epoch = None
        self._saved = self._position = (first_epoch, 0)
        found = newest_checkpoint(self.folder)
        if found is not None:
            self._restore(model, *found)
        self._check_workers_agree(model.distribute_strategy)
        self._about["fit"] = model.fits_begun
        self._resumed = self._position
        return self._position

    def _check_workers_agree(self, strategy):
        found = from_all_workers(strategy, self._position)
        if any(position != found[0] for position in found):
            raise ValueError(
                "The workers would go on from different epochs and steps "
                f"({', '.join(f'{epoch} and {step}' for epoch, step in found)}): "
                f"{self.folder} must be a folder that all of them share."
            )

    def _restore(self, model, path, header, arrays, damaged):
        self._check_header(path, header)
        self._metrics = {name: arrays.pop(name) for name in header["metrics"]}
        training_state.restore_model(model, arrays)
        model.fits_begun = header["fit"]
        self._history = header["history"]
        self._steps_per_epoch = header["steps_per_epoch"]
        self._saved = self._position = (header["epoch"], header["step"])
        for error in damaged:
            print(f"{error} Going on from the one before, {path}.", file=sys.stderr)
            if is_chief():
                set_aside(error.path)

    def _check_header(self, path, header):
        parts = (
            ["configuration", "versions"] if self.same_versions else ["configuration"]
        )
        different = [
            line
            for part in parts
            for line in training_state.differences(header[part], self._about[part])
        ]
        if different:
            raise ValueError(
                f"{path} cannot be gone on from, for this differs: "
                f"{'; '.join(different[:5])}. Use what it was made with, or another "
                "folder."
            )

    def close(self) -> None:
        """Gives the folder free; `fit` calls it at its end, whatever the end is."""
        if self._lock is not None:
            self._lock.close()

    def on_train_begin(self, logs: dict | None = None) -> None:
        if self._about is None:
            raise ValueError(
                "TrainingCheckpoint resumes ConditionalDCGAN, EncoderInverter and "
                "JointTransfer; for other models use keras.callbacks.BackupAndRestore."
            )
        steps = self.params.get("steps")
        if self._steps_per_epoch not in (None, steps):
            raise ValueError(
                f"The checkpoints in {self.folder} are of epochs of "
                f"{self._steps_per_epoch} steps; now there are {steps}: the data or "
                "the batch size differs. Use what they were made with, or another "
                "folder."
            )
        self._steps_per_epoch = steps

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        is_first = epoch == self._resumed[0]
        self._done_before = self._resumed[1] if is_first else 0
        self._position = (epoch, self._done_before)
        if is_first:
            self._restore_history()
            if self._metrics:
                # Not before, since Keras resets the metrics when an epoch begins.
                training_state.restore_metrics(self.model, self._metrics)
        self._metrics = {}

    def _restore_history(self):
        history = self.model.history
        for epoch, logs in self._history:
            history.epoch.append(epoch)
            for name, value in logs.items():
                history.history.setdefault(name, []).append(value)

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        done = self._done_before + batch
        if self._steps_per_epoch is not None and done >= self._steps_per_epoch:
            # How Keras' own loop learns that an epoch has no more batches.
            raise StopIteration

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        epoch, _ = self._position
        self._position = (epoch, self._done_before + batch + 1)
        saved_epoch, saved_step = self._saved
        done = self._position[1]
        unsaved = done - (saved_step if saved_epoch == epoch else 0)
        # The end of an epoch is saved with its logs: an epoch that goes on without a
        # step would have none.
        is_last = done == self._steps_per_epoch
        if self.every_steps and unsaved >= self.every_steps and not is_last:
            self._save()

    def on_test_begin(self, logs: dict | None = None) -> None:
        # Validation is about to reset the sums of the epoch that it belongs to.
        self._metrics = training_state.metric_arrays(self.model)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        was_stopped = self.model.stop_training
        if was_stopped and self._position[1] != self._steps_per_epoch:
            return
        logs = {name: float(value) for name, value in (logs or {}).items()}
        self._history.append((epoch, logs))
        self._position = (epoch + 1, 0)
        if (epoch + 1) % self.every_epochs == 0:
            self._save()

    def on_train_end(self, logs: dict | None = None) -> None:
        if self._position == self._resumed:
            self._restore_history()
        if self._position != self._saved:
            self._save()

    def _save(self):
        if not is_chief():
            return
        epoch, step = self._position
        arrays = training_state.model_arrays(self.model)
        bad = training_state.not_finite(arrays)
        if bad is not None:
            raise TrainingDivergedError(
                f"{bad} holds NaN or infinity after step {step} of epoch {epoch + 1}: "
                "training was stopped and this state not saved. The checkpoints in "
                f"{self.folder} are good. A smaller learning rate may help."
            )
        metrics = self._metrics or training_state.metric_arrays(self.model)
        metrics = metrics if step else {}
        header = {
            **self._about,
            "epoch": epoch,
            "step": step,
            "steps_per_epoch": self._steps_per_epoch,
            "history": self._history,
            "metrics": list(metrics),
        }
        path = checkpoint_path(self.folder, epoch, step)
        write_checkpoint(path, header, {**arrays, **metrics})
        self._saved = self._position
        for old in list_checkpoints(self.folder)[self.keep :]:
            old.unlink()
