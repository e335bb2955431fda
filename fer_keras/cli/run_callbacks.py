"""What a run's phases do beside training: pictures, logs, SavedModels, an early end."""

import csv
import time

import keras

from fer_keras.callbacks import SampleGrid, SavedModelExport, TransferGrid
from fer_keras.data import load_arrays


class TimeLimit(keras.callbacks.Callback):
    """Ends training after so many seconds, in the middle of an epoch if need be."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs=None):
        self.deadline = time.monotonic() + self.seconds

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() > self.deadline:
            self.model.stop_training = True


class HistoryFile(keras.callbacks.Callback):
    """Writes a row of metrics an epoch; one that is done again replaces its row."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def on_epoch_end(self, epoch, logs=None):
        rows = []
        if self.file.is_file():
            with self.file.open(newline="") as lines:
                rows = [
                    row for row in csv.DictReader(lines) if int(row["epoch"]) <= epoch
                ]
        rows.append({"epoch": epoch + 1, **logs})
        aside = self.file.with_name(f".partial-{self.file.name}")
        with aside.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, rows[-1])
            writer.writeheader()
            writer.writerows(rows)
        aside.replace(self.file)


def gan_callbacks(run, name):
    """Returns grids of samples and SavedModels, for the phase of that name."""
    return [
        SampleGrid(
            run.folder.samples,
            every_batches=run.options["sample_every"],
            log_dir=run.folder.logs / name / "samples",
        ),
        SavedModelExport(
            run.folder.export / name, every_epochs=run.options["export_every"]
        ),
    ]


def transfer_callbacks(run, name):
    """Returns grids of transfers and SavedModels, for the phase of that name."""
    faces, labels = _held_out(run.options["data"])
    return [
        TransferGrid(
            run.folder.transfers(name),
            faces,
            labels,
            log_dir=run.folder.logs / name / "transfers",
        ),
        SavedModelExport(
            run.folder.export / name, every_epochs=run.options["export_every"]
        ),
    ]


def _held_out(data, count=12):
    """Returns the first faces of `validation`.

    What the grids show was never trained on; and `test` is for the end, not to be
    looked at while somebody decides how to go on.
    """
    return load_arrays(data, "validation", count)
