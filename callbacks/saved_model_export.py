"""SavedModels written while a model trains."""

import json
import math
import re
from pathlib import Path

import keras
import numpy as np
from fer_keras.callbacks.sample_grid import sample_grid

from fer_keras.export.saved_model import CARD, FILES
from fer_keras.figures import emotion_grid
from fer_keras.files import mend_folders, remove_folder, replaced_file
from fer_keras.models import ConditionalDCGAN, EncoderInverter, JointTransfer
from fer_keras.training.distribution import is_chief

LATEST = "latest"
_NAME = r"epoch-\d{3,}"
_MADE_BY = "SavedModelExport"


class SavedModelExport(keras.callbacks.Callback):
    """Writes the model as a SavedModel every so many epochs and at the end.

    Each goes to a folder of its own, `epoch-003` (counted from 1), with a picture
    of what it draws (`samples.png`) and a card with the epoch and the metrics
    (`card.json`). It is written aside and renamed: a reader never sees half of it.
    The file `latest` names the newest one.

    Args:
        directory: Holds the folders.
        every_epochs: Epochs between two of them. Default 1.
        keep: How many to keep, the newest ones; older ones are removed, but
            nothing that this callback has not made. Default 3; None keeps all.
        seed: For the latents of the picture. Default 0.

    Example:
        >>> gan.fit(ds, epochs=50, callbacks=[SavedModelExport("export", keep=5)])
        >>> newest = Path("export/latest").read_text().strip()
        >>> loaded = tf.saved_model.load(f"export/{newest}")
    """

    def __init__(
        self, directory: str | Path, every_epochs: int = 1, keep: int = 3, seed: int = 0
    ):
        super().__init__()
        for name, number in (("every_epochs", every_epochs), ("keep", keep)):
            if number is not None and number < 1:
                raise ValueError(f"{name} must be 1 or more, got {number}.")
        self.directory = Path(directory)
        self.every_epochs = every_epochs
        self.keep = keep
        self.seed = seed

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._epoch, self._logs = None, {}
        trainings = (ConditionalDCGAN, EncoderInverter, JointTransfer)
        if not isinstance(self.model, trainings):
            raise ValueError(
                "SavedModelExport belongs to the training of a ConditionalDCGAN, an "
                "EncoderInverter or a JointTransfer; got "
                f"{type(self.model).__name__}."
            )
        if is_chief() and self.directory.exists():
            mend_folders(self.directory, _NAME)
            self._refuse_foreign_names()

    def _refuse_foreign_names(self):
        # Told before the first epoch is spent, not when the name is needed.
        for path in sorted(self.directory.iterdir()):
            if re.fullmatch(_NAME, path.name) and _card(path) is None:
                raise ValueError(
                    f"{path} was not made by SavedModelExport, which needs its name: "
                    "choose another directory, or move it away."
                )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch, self._logs, self._exported = epoch, logs or {}, False
        if (epoch + 1) % self.every_epochs == 0:
            self._export()

    def on_train_end(self, logs: dict | None = None) -> None:
        if self._epoch is not None and not self._exported:
            self._export()

    def _export(self):
        self._exported = True
        if not is_chief():
            return
        made = _exports(self.directory)
        name = f"epoch-{self._epoch + 1:03d}"
        number = made[-1][0] + 1 if made else 1
        metadata = {
            "made_by": _MADE_BY,
            "export": number,
            "epoch": self._epoch + 1,
            "metrics": {key: _finite(value) for key, value in self._logs.items()},
        }
        samples = export_picture(self.model, self.seed)
        self.model.export(self.directory / name, metadata=metadata, samples=samples)
        with replaced_file(self.directory / LATEST) as aside:
            aside.write_text(name + "\n", "utf-8")
        self._remove_old(name)

    def _remove_old(self, newest):
        if self.keep is None:
            return
        for _, path in _exports(self.directory)[: -self.keep]:
            # Somebody else's files in it, or its number lost: it stays.
            if (
                path.name != newest
                and {entry.name for entry in path.iterdir()} <= FILES
            ):
                remove_folder(path)


def export_picture(model: keras.Model, seed: int = 0, count: int = 8) -> np.ndarray:
    """Draws what a model makes: of G its faces, of E transfers of G's faces."""
    if isinstance(model, ConditionalDCGAN):
        return sample_grid(model, seed=seed)
    transfer = model.as_transfer()
    shape = (count, model.generator.noise_dim)
    latents = np.random.default_rng(seed).uniform(-1.0, 1.0, shape).astype("float32")
    own = np.arange(count) % model.num_classes
    faces = np.asarray(transfer.decode(latents, own))
    return emotion_grid(
        faces,
        transfer.transfer_all(faces),
        transfer.emotions,
        [transfer.emotions[emotion] for emotion in own],
        zoom=2,
    )


def _exports(directory):
    """Returns what this callback made: pairs of number and folder, oldest first."""
    cards = {path: _card(path) for path in directory.glob("epoch-*")}
    return sorted((card["export"], path) for path, card in cards.items() if card)


def _card(path):
    """Returns the card of a folder that this callback made, else None."""
    try:
        card = json.loads((path / CARD).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(card, dict) and card.get("made_by") == _MADE_BY
    return card if ours and isinstance(card.get("export"), int) else None


def _finite(value):
    # JSON knows neither NaN nor infinity.
    value = float(value)
    return value if math.isfinite(value) else None
