"""A phase's metrics as a CSV file, a row an epoch; and an end after a given time."""

import csv
import time
from pathlib import Path

import keras

from fer_keras.files import replaced_file


class HistoryFile(keras.callbacks.Callback):
    """Writes a row of metrics an epoch; one that is done again replaces its row.

    `keras.callbacks.CSVLogger` would keep both rows of an epoch that was interrupted.

    Args:
        file: The CSV file.
    """

    def __init__(self, file: Path):
        super().__init__()
        self.file = file

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        rows = [row for row in _rows(self.file) if int(row["epoch"]) <= epoch]
        rows.append({"epoch": epoch + 1, **logs})
        with replaced_file(self.file) as aside, aside.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, rows[-1])
            writer.writeheader()
            writer.writerows(rows)


def read_history(file: Path) -> dict[str, list[float]]:
    """Returns the metrics of a phase by name, a value an epoch; {} without any.

    Raises:
        ValueError: The file is damaged.
    """
    rows = _rows(file)
    names = [name for name in (rows[0] if rows else ()) if name != "epoch"]
    try:
        return {name: [float(row[name]) for row in rows] for name in names}
    except (TypeError, ValueError):
        raise ValueError(f"{file} is damaged: expected numbers in each row.") from None


def epochs_done(file: Path) -> int:
    """Returns how many epochs a phase has behind it."""
    return max((int(row["epoch"]) for row in _rows(file)), default=0)


def _rows(file):
    if not file.is_file():
        return []
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


class TimeLimit(keras.callbacks.Callback):
    """Ends training after so many seconds, in the middle of an epoch if need be.

    Args:
        seconds: From the beginning of `fit`.
    """

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.deadline = time.monotonic() + self.seconds

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if time.monotonic() > self.deadline:
            self.model.stop_training = True
