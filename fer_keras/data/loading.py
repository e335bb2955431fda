"""FER2013, drawn faces or arrays -> arrays in memory -> batches for training."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from fer_keras.data.batches import make_batches
from tfds_fer2013.fer2013_csv import USAGES, iter_fer2013_rows
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError

SPLITS = tuple(USAGES)
"""`train`, `validation` and `test`."""


def synthetic_truth(split: str = "test") -> np.ndarray:
    """Returns the drawn faces of a split in all seven emotions.

    Returns:
        uint8 `(examples, 7, 48, 48, 1)`, in the order of
        `load_arrays("synthetic", split)`.
    """
    _check_split(split)
    from fer_keras import synthetic_faces

    count, seed = _SYNTHETIC_COUNT_AND_SEED[split]
    return synthetic_faces.truth_arrays(count, seed=seed)


_SOURCES = (
    "the path of FER2013, a TFDS data directory with a built tfds_fer2013, "
    "'synthetic', or a pair of arrays (images, labels)"
)
_TFDS_NAME = "tfds_fer2013"
# Persons of one seed are other persons than those of another.
_SYNTHETIC_COUNT_AND_SEED = {
    "train": (2800, 0),
    "validation": (350, 1),
    "test": (350, 2),
}


def load_dataset(
    source,
    split: str = "train",
    batch_size: int = 64,
    *,
    shuffle: bool = True,
    seed: int = 0,
    balance: float = 0.0,
    drop_remainder: bool = False,
    repeat: bool = False,
    start_epoch: int = 0,
    start_step: int = 0,
) -> tf.data.Dataset:
    """Returns a split as batches, for `model.fit(dataset, epochs=50)`.

    The decoded images lie in memory (66 MB for `train`), and a batch is gathered
    from them whole, so that training does not wait for data. Every epoch has a
    complete shuffle of its own, a function of `seed` and the epoch's number.

    Args:
        source: What `load_arrays` takes.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: The global batch, over all replicas.
        shuffle: Whether to shuffle.
        seed: Seed of the shuffling.
        balance: From 0, every face once an epoch, to 1, every emotion equally often;
            see `fer_keras.data.batches.make_batches`.
        drop_remainder: Whether to leave out an epoch's last batch if it is smaller.
        repeat: False gives one epoch a pass, True an endless pass for runs that
            are resumed or compared; see `fer_keras.data.batches.make_batches`.
        start_epoch: Epoch whose order comes first.
        start_step: Batch of that epoch to start with; needs `repeat`.

    Returns:
        A `tf.data.Dataset` of images uint8 `(batch, 48, 48, 1)`, 0 to 255, and
        labels int64 `(batch,)`.

    Raises:
        ValueError: The source is none of these, malformed or empty, or a number is
            out of range.

    Example:
        >>> train = load_dataset("fer2013.tar.gz", "train", batch_size=64)
        >>> model.fit(train, epochs=50)
    """
    images, labels = load_arrays(source, split)
    return make_batches(
        images,
        labels,
        batch_size,
        shuffle=shuffle,
        seed=seed,
        balance=balance,
        drop_remainder=drop_remainder,
        repeat=repeat,
        start_epoch=start_epoch,
        start_step=start_step,
    )


def load_arrays(
    source, split: str = "train", limit: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns a split as two arrays, from whatever holds it.

    Args:
        source: One of
            * the path of an archive or a CSV of FER2013, or of a folder with one;
            * the path of a TFDS data directory in which `tfds_fer2013` was built;
            * `"synthetic"`: drawn faces, 2,800 for training and 350 for each of the
              other splits, none of the same person;
            * a pair of arrays, images and labels, which are not copied.
        split: `"train"`, `"validation"` or `"test"`; a pair of arrays has no splits.
        limit: How many of the first examples to return, 1 or more; all by default.
            No more than these are drawn, if they are to be drawn.

    Returns:
        Images uint8 `(examples, 48, 48, 1)`, 0 to 255, and labels int64
        `(examples,)`, 0 to 6.

    Raises:
        ValueError: The source is none of these, malformed, or lacks the split; or the
            limit is no number of examples.

    Example:
        >>> images, labels = load_arrays("synthetic", "test")
        >>> images.shape
        (350, 48, 48, 1)
    """
    if limit is not None and limit < 1:
        raise ValueError(f"Expected a limit of 1 or more examples, got {limit}.")
    images, labels = _load(source, split, limit)
    return images[:limit], labels[:limit]


def _load(source, split, limit):
    """Returns the split's arrays, not yet cut to the limit if they are read."""
    if isinstance(source, tuple | list) and len(source) == 2:
        return np.asarray(source[0]), np.asarray(source[1])
    _check_split(split)
    if isinstance(source, str) and source == "synthetic":
        from fer_keras import synthetic_faces

        count, seed = _SYNTHETIC_COUNT_AND_SEED[split]
        return synthetic_faces.dataset_arrays(min(count, limit or count), seed=seed)
    if not isinstance(source, str | Path):
        raise ValueError(f"Expected {_SOURCES}, got {source!r:.80}.")
    built = _built_dataset(Path(source).expanduser())
    if built is not None:
        return _read_tfds(built, split)
    try:
        return read_fer2013(source, split)
    except Fer2013NotFoundError as error:
        raise ValueError(f"{error} Or pass {_SOURCES}.") from None


def read_fer2013(path: str | Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads one split of FER2013 from its archive or CSV, without TFDS.

    Args:
        path: The file, or a folder that holds one of
            `tfds_fer2013.fer2013_archive.ACCEPTED_FILES`.
        split: `"train"`, `"validation"` or `"test"`.

    Returns:
        Images uint8 `(examples, 48, 48, 1)`, 0 to 255, and labels int64
        `(examples,)`, 0 to 6, in the order of the file.

    Raises:
        Fer2013NotFoundError: There is no such file (a `ValueError` too).
        Fer2013FormatError: The file is malformed or damaged; the message names
            file, line and reason (a `ValueError` too).
        ValueError: There is no such split.

    Example:
        >>> images, labels = read_fer2013("fer2013.tar.gz", "test")
        >>> images.shape, images.dtype, labels.dtype
        ((3589, 48, 48, 1), dtype('uint8'), dtype('int64'))
    """
    _check_split(split)
    blocks = [rows.of_split(split) for rows in iter_fer2013_rows(path)]
    images = np.concatenate([images for images, _ in blocks])
    if not len(images):
        raise Fer2013FormatError(
            str(path), f"holds no row with the usage {USAGES[split]!r}."
        )
    return images, np.concatenate([labels for _, labels in blocks])


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ValueError(f"Unknown split {split!r}: expected one of {SPLITS}.")


def _built_dataset(path: Path) -> Path | None:
    """Returns the newest built version in a TFDS data directory, if it is one."""
    folders = (path, *path.glob("*"), *path.glob(f"{_TFDS_NAME}/*"))
    built = [folder for folder in folders if (folder / "dataset_info.json").is_file()]
    return max(built, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.split(".") if part.isdecimal())


def _read_tfds(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(folder)
    if builder.name != _TFDS_NAME:
        raise ValueError(f"{folder} holds {builder.name}, expected {_TFDS_NAME}.")
    if split not in builder.info.splits:
        raise ValueError(
            f"{folder} has no split {split!r}, only {', '.join(builder.info.splits)}."
        )
    examples = builder.as_dataset(split=split, as_supervised=True)
    try:
        batches = list(examples.batch(1024).as_numpy_iterator())
    except tf.errors.OpError as error:
        raise ValueError(
            f"{folder} is damaged: build it again with `tfds build --overwrite`. "
            f"({error.message})"
        ) from error
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)
