"""Stops a run whose loss is no number any more."""

import math

import keras


class TrainingDivergedError(ValueError):
    """Training has gone to NaN or infinity: what follows would be worthless."""


class StopOnBadNumbers(keras.callbacks.Callback):
    """Stops training at the first step whose logs hold NaN or infinity.

    Checkpoints stay as they are: `TrainingCheckpoint` writes no weights that hold
    such numbers, so that the newest one is good.

    Raises:
        TrainingDivergedError: By `fit`; it names metric, epoch and step, from 1.

    Example:
        >>> gan.fit(batches, epochs=50, callbacks=[StopOnBadNumbers()])
    """

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._check(logs, f"after step {batch + 1} of epoch {self._epoch + 1}")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._check(logs, f"after epoch {epoch + 1}")

    def _check(self, logs, when):
        for name, value in (logs or {}).items():
            if not math.isfinite(value):
                raise TrainingDivergedError(
                    f"{name} is {float(value)} {when}: training was stopped. The "
                    "checkpoints from before are good. A smaller learning rate may "
                    "help."
                )
