"""What the transfer does to the same faces, epoch after epoch."""

from pathlib import Path

import keras
import numpy as np
from fer_keras.callbacks.picture_writer import PictureWriter

from fer_keras.emotions import emotion_weights
from fer_keras.figures import emotion_grid
from fer_keras.images import checked_images
from fer_keras.models import EncoderInverter, JointTransfer
from fer_keras.training.distribution import is_chief


class TransferGrid(keras.callbacks.Callback):
    """Draws originals beside all their emotions at the end of each epoch.

    The files are named `epoch-003.png`, counted from 1.

    Args:
        directory: For the PNG files.
        faces: Faces to transfer, best some that are not trained on, uint8 0..255
            or float -1..1 `(faces, *image_shape)`.
        labels: Their own emotions, as ids or names. Drawn beside the faces; a
            conditional encoder needs them.
        log_dir: Folder for TensorBoard. Default: no images there.
        zoom: Pixels of the file per pixel of a face. Default 2.

    Example:
        >>> inverter.fit(ds, epochs=10, callbacks=[TransferGrid("transfers", faces)])

    Reference:
        The paper, figure 7.
    """

    def __init__(
        self,
        directory: str | Path,
        faces: np.ndarray,
        labels: np.ndarray | None = None,
        log_dir: str | Path | None = None,
        zoom: int = 2,
    ):
        super().__init__()
        self.faces = np.asarray(faces)
        self.labels = labels
        self.zoom = zoom
        self._writer = PictureWriter(directory, log_dir, "transfers")

    def on_train_begin(self, logs: dict | None = None) -> None:
        if not isinstance(self.model, (EncoderInverter, JointTransfer)):
            raise ValueError(
                "TransferGrid belongs to the training of an EncoderInverter or a "
                f"JointTransfer; got {type(self.model).__name__}."
            )
        # Bad faces are to be told of before an epoch is spent, not after.
        faces = checked_images(self.faces, self.model.image_shape)
        if self.labels is not None:
            self._own_names(faces)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if not is_chief():
            return
        transfer = self.model.as_transfer()
        faces = checked_images(self.faces, self.model.image_shape)
        grid = emotion_grid(
            faces,
            transfer.transfer_all(faces),
            transfer.emotions,
            None if self.labels is None else self._own_names(faces),
            zoom=self.zoom,
        )
        self._writer.write(f"epoch-{epoch + 1:03d}.png", grid, epoch + 1)

    def on_train_end(self, logs: dict | None = None) -> None:
        self._writer.close()

    def _own_names(self, faces):
        names = self.model.generator.class_names
        weights = emotion_weights(self.labels, len(faces), names)
        return [names[index] for index in weights.argmax(axis=1)]
