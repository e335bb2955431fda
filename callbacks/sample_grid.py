"""The same noise drawn again and again while G learns (the paper, section 2.3)."""

import math
from pathlib import Path

import keras
import numpy as np
from fer_keras.callbacks.picture_writer import PictureWriter

from fer_keras.emotions import Emotion
from fer_keras.images import tile
from fer_keras.training.distribution import is_chief


class SampleGrid(keras.callbacks.Callback):
    """Draws the faces of fixed latents every so many batches.

    The files are named by epoch and batch, both counted from 1, as in
    `epoch-003-batch-0400.png`; the last batch of all is drawn too. The latents are
    the callback's own: the training's noise is not touched.

    Args:
        directory: For the PNG files.
        every_batches: Batches between two pictures, counted over all epochs.
            Default 100, the paper's.
        count: Number of faces. Default 64.
        emotion: For all or one for each; see `emotions.emotion_weights`. Default:
            one emotion per row of the picture, in turn.
        seed: For the latents. Default 0.
        log_dir: Folder for TensorBoard. Default: no images there.
        zoom: Pixels of the file per pixel of a face. Default 2.

    Example:
        >>> gan.fit(ds, epochs=50, callbacks=[SampleGrid("samples")])

    Reference:
        The paper, section 2.3: 64 samples every 100 batches.
    """

    def __init__(
        self,
        directory: str | Path,
        every_batches: int = 100,
        count: int = 64,
        emotion: Emotion | None = None,
        seed: int = 0,
        log_dir: str | Path | None = None,
        zoom: int = 2,
    ):
        super().__init__()
        for name, number in (("every_batches", every_batches), ("count", count)):
            if number < 1:
                raise ValueError(f"{name} must be 1 or more, got {number}.")
        self.every_batches = every_batches
        self.count = count
        self.emotion = emotion
        self.seed = seed
        self._writer = PictureWriter(directory, log_dir, "samples", zoom)

    def on_train_begin(self, logs: dict | None = None) -> None:
        if not hasattr(self.model, "generate"):
            raise ValueError(
                "SampleGrid needs a model that draws faces, a ConditionalDCGAN; got "
                f"{type(self.model).__name__}."
            )
        self._drawn = None
        self._earlier = self._batch = 0
        # Keras counts the batches of an epoch that is gone on with from 0.
        self._skipped = getattr(self.model, "resumed_step", 0)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        # Where the length of an epoch is known, a resumed run counts as if it had
        # not been interrupted; else batches count from the start of this `fit`.
        steps = (self.params or {}).get("steps")
        self._earlier = epoch * steps if steps else self._earlier + self._batch
        self._epoch, self._batch = epoch, self._skipped

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        # With `steps_per_execution` several batches end at once.
        before = (self._earlier + self._batch) // self.every_batches
        self._batch = self._skipped + batch + 1
        if (self._earlier + self._batch) // self.every_batches > before:
            self._draw()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._skipped = 0

    def on_train_end(self, logs: dict | None = None) -> None:
        if self._batch and self._drawn != (self._epoch, self._batch):
            self._draw()
        self._writer.close()

    def _draw(self):
        self._drawn = (self._epoch, self._batch)
        if is_chief():
            self._writer.write(
                f"epoch-{self._epoch + 1:03d}-batch-{self._batch:04d}.png",
                sample_grid(self.model, self.count, self.emotion, self.seed),
                self._earlier + self._batch,
            )


def sample_grid(
    gan: keras.Model, count: int = 64, emotion: Emotion | None = None, seed: int = 0
) -> np.ndarray:
    """Draws faces of fixed latents in rows, one emotion per row, in turn.

    Args:
        gan: A `ConditionalDCGAN`.
        count: Number of faces.
        emotion: Instead of the rows' emotions.
        seed: For the latents.

    Returns:
        uint8 `(height, width, channels)`.
    """
    columns = math.ceil(math.sqrt(count))
    if emotion is None:
        names = gan.generator.class_names
        emotion = [names[face // columns % len(names)] for face in range(count)]
    return tile(gan.generate(count, emotion, seed=seed), columns, gap=2)
