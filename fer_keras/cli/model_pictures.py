"""Pictures of a run and of a model: the paper's figures 5, 6 and 7, and the curves."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fer_keras.cli.history import read_history
from fer_keras.cli.run_folder import RunFolder
from fer_keras.config import PHASES
from fer_keras.evaluation.showcase import sample_rows
from fer_keras.figures import (
    before_and_after_figure,
    curves_figure,
    emotion_grid,
    emotions_figure,
    epochs_figure,
    png_of_picture,
)

_GRIDS = 6
_FEW_FACES = 10
_HAPPY = "happy"

Pictures = dict[str, tuple[bytes, str]]
"""PNG bytes and a caption by the name of the file."""


def run_pictures(path: str | Path) -> Pictures:
    """Returns what a run's folder can show: figure 5 and the curves of its phases."""
    path = Path(path)
    if not (path / "run.json").is_file():
        return {}
    run, pictures = RunFolder.open(path), {}
    grids = sample_grids(run.samples)
    if grids:
        captions = [caption for caption, _ in grids]
        opened = [_read(file) for _, file in grids]
        pictures["figure5.png"] = (
            epochs_figure(opened, captions),
            "Generated faces after various epochs (the paper's figure 5).",
        )
    for phase in PHASES:
        history = read_history(run.history(phase))
        if history:
            pictures[f"curves-{phase}.png"] = (
                curves_figure(history),
                f"Training of {phase}.",
            )
    return pictures


def face_pictures(
    model: Any, images: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> Pictures:
    """Returns a model's transfers of 64 faces of a split: figures 6 and 7, a grid."""
    rows = sample_rows(len(labels))
    edited = model.edit(images[rows], labels[rows])
    few = slice(None, None, max(1, len(rows) // _FEW_FACES))
    grid = emotion_grid(
        images[rows][few],
        edited[few],
        names,
        [names[label] for label in labels[rows][few]],
        zoom=2,
    )
    pictures = {
        "emotions.png": (png_of_picture(grid), "Some faces in every emotion."),
        "figure7.png": (
            emotions_figure(edited, names),
            "The same faces in every emotion (the paper's figure 7).",
        ),
    }
    if _HAPPY in names:
        happy = edited[:, names.index(_HAPPY)]
        pictures["figure6.png"] = (
            before_and_after_figure(images[rows], happy, _HAPPY),
            "Original faces and happy ones (the paper's figure 6).",
        )
    return dict(sorted(pictures.items()))


def sample_grids(folder: Path, wanted: int = _GRIDS) -> list[tuple[str, Path]]:
    """Returns captions and files of a run's grids, spread over its epochs.

    The files' names hold the epoch and the batch as numbers, in this order.
    """
    grids = sorted(
        (tuple(map(int, re.findall(r"\d+", file.stem))), file)
        for file in folder.glob("*.png")
        if re.search(r"\d", file.stem)
    )
    last_of_epoch = {numbers[0]: (numbers, file) for numbers, file in grids}
    grids = list(last_of_epoch.values()) if len(last_of_epoch) >= wanted else grids
    places = np.unique(np.linspace(0, len(grids) - 1, wanted).round().astype(int))
    return [(_caption(*grids[place][0]), grids[place][1]) for place in places if grids]


def _caption(epoch: int, batch: int | None = None, *_: int) -> str:
    return f"epoch {epoch}" + ("" if batch is None else f", batch {batch}")


def _read(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))
