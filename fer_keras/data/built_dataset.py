"""Reads what `tfds build tfds_fer2013` wrote."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from fer_keras.data.source_info import DataInfo
from tfds_fer2013.class_names import FERPLUS_NAMES

_NAME = "tfds_fer2013"


def find_built(path: Path, labels: str) -> Path | None:
    """Returns the newest built version in a TFDS data directory, if it is one.

    Args:
        path: The data directory, or any folder in it down to the version.
        labels: The configuration: whose labels.

    Raises:
        ValueError: Only other configurations were built there.
    """
    folders = {
        info.parent
        for pattern in ("", "*/", "*/*/", f"{_NAME}/*/*/")
        for info in path.glob(f"{pattern}dataset_info.json")
    }
    fitting = [folder for folder in folders if folder.parent.name == labels]
    if folders and not fitting:
        raise ValueError(
            f"{path} holds no {_NAME}/{labels}, only "
            f"{', '.join(sorted(map(str, folders)))}: build it with "
            f"`tfds build {_NAME}/{labels}`."
        )
    return max(fitting, key=_version, default=None)


def built_info(folder: Path) -> DataInfo:
    """Returns the class names and the image shape of a built dataset."""
    info = _builder(folder).info
    names = getattr(info.features["label"], "names", None) or FERPLUS_NAMES
    return DataInfo(info.full_name, tuple(names), info.features["image"].shape)


def read_built(
    folder: Path, split: str, limit: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns a split, or the first examples of it, as arrays.

    Raises:
        ValueError: The folder holds something else, lacks the split, or is damaged.
    """
    builder = _builder(folder)
    if split not in builder.info.splits:
        raise ValueError(
            f"{folder} has no split {split!r}, only {', '.join(builder.info.splits)}."
        )
    examples = builder.as_dataset(split=split, as_supervised=True)
    examples = examples.take(-1 if limit is None else limit)
    try:
        batches = list(examples.batch(1024).as_numpy_iterator())
    except tf.errors.OpError as error:
        raise ValueError(
            f"{folder} is damaged: build it again with `tfds build --overwrite`. "
            f"({error.message})"
        ) from error
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _builder(folder: Path):
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(folder)
    if builder.name != _NAME:
        raise ValueError(f"{folder} holds {builder.name}, expected {_NAME}.")
    return builder


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.split(".") if part.isdecimal())
