"""FER2013, folders of faces, tables, drawn faces or arrays -> arrays -> batches."""

import dataclasses
import functools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from fer_keras.data.batches import make_batches
from fer_keras.data.built_dataset import built_info, find_built, read_built
from fer_keras.data.source_info import DataInfo, found_image_shape
from fer_keras.emotions import EMOTIONS, class_names
from fer_keras.images import read_face
from tfds_fer2013.face_rows import USAGES
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.sources import LABELINGS, CsvSource, open_source

SPLITS = tuple(USAGES)
"""`train`, `validation` and `test`."""

_OTHER_SOURCES = (
    "a TFDS data directory with a built tfds_fer2013, 'synthetic', or a pair of arrays "
    "(images, labels)"
)
# Persons of one seed are other persons than those of another.
_SYNTHETIC_COUNT_AND_SEED = {
    "train": (2800, 0),
    "validation": (350, 1),
    "test": (350, 2),
}


def load_dataset(
    source: Any,
    split: str = "train",
    batch_size: int = 64,
    *,
    labels: str = "fer2013",
    image_shape: tuple[int, int, int] | None = None,
    **batching: Any,
) -> tf.data.Dataset:
    """Returns a split as batches, for `model.fit(dataset, epochs=50)`.

    The decoded images lie in memory (66 MB for `train`), and a batch is gathered
    from them whole, so that training does not wait for data. Every epoch has a
    complete shuffle of its own, a function of `seed` and the epoch's number.

    Args:
        source: As for `load_arrays`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: The global batch, over all replicas.
        labels: As for `load_arrays`.
        image_shape: As for `load_arrays`.
        **batching: `shuffle`, `seed`, `balance`, `drop_remainder`, `repeat`,
            `start_epoch`, `start_step`; see `fer_keras.data.batches.make_batches`.

    Returns:
        A `tf.data.Dataset` of images uint8 `(batch, *image_shape)`, 0 to 255, and
        labels int64 `(batch,)` or float32 `(batch, classes)`.

    Raises:
        ValueError: The source is none of these, malformed or empty, or a number is
            out of range.

    Example:
        >>> train = load_dataset("fer2013.tar.gz", "train", batch_size=64)
        >>> model.fit(train, epochs=50)
    """
    arrays = load_arrays(source, split, labels=labels, image_shape=image_shape)
    return make_batches(*arrays, batch_size, **batching)


def load_arrays(
    source: Any,
    split: str = "train",
    limit: int | None = None,
    *,
    labels: str = "fer2013",
    image_shape: tuple[int, int, int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns a split as two arrays, from whatever holds it.

    Args:
        source: One of
            * the path of FER2013 in any form in which it is found, of a folder or
              zip with a folder of pictures per class, or of a table; see
              `tfds_fer2013.sources.ACCEPTED`;
            * the path of a TFDS data directory in which `tfds_fer2013` was built;
            * `"synthetic"`: drawn faces, 2,800 for training and 350 for each of the
              other splits, none of the same person;
            * a pair of arrays, images and labels, which are not copied.
        split: `"train"`, `"validation"` or `"test"`; a pair of arrays has no splits.
        limit: How many of the first examples to return, 1 or more; all by default.
            No more than these are drawn, if they are to be drawn.
        labels: Whose labels FER2013 bears: its own (`"fer2013"`), those of FER+ by
            plurality (`"ferplus"`), or FER+'s shares of votes (`"ferplus_soft"`).
        image_shape: Height, width and channels (1 grey, 3 colour) to which pictures
            are cut and resized. Default: what `describe` finds.

    Returns:
        Images uint8 `(examples, *image_shape)`, 0 to 255, and labels int64
        `(examples,)`, or float32 `(examples, classes)` for `"ferplus_soft"`.

    Raises:
        ValueError: The source is none of these, malformed, or lacks the split; or the
            limit is no number of examples.

    Warns:
        UserWarning: The source has not all three splits; says what was taken.

    Example:
        >>> images, labels = load_arrays("synthetic", "test")
        >>> images.shape
        (350, 48, 48, 1)
    """
    if limit is not None and limit < 1:
        raise ValueError(f"Expected a limit of 1 or more examples, got {limit}.")
    if labels not in LABELINGS:
        raise ValueError(f"Unknown labels {labels!r}: expected {', '.join(LABELINGS)}.")
    if isinstance(source, tuple | list) and len(source) == 2:
        _only_own_labels(labels, "a pair of arrays")
        return np.asarray(source[0])[:limit], np.asarray(source[1])[:limit]
    if split not in SPLITS:
        raise ValueError(f"Unknown split {split!r}: expected one of {SPLITS}.")
    if _is_synthetic(source):
        from fer_keras import synthetic_faces

        _only_own_labels(labels, "'synthetic'")
        count, seed = _SYNTHETIC_COUNT_AND_SEED[split]
        return synthetic_faces.dataset_arrays(min(count, limit or count), seed=seed)
    found = _found(source, labels)
    if isinstance(found, Path):
        images, ids = read_built(found, split, limit)
        if image_shape not in (None, images.shape[1:]):
            images = np.stack([read_face(image, image_shape) for image in images])
    else:
        images, ids = _read_split(found, split, limit, image_shape)
    return images[:limit], ids[:limit]


def describe(
    source: Any,
    labels: str = "fer2013",
    image_shape: tuple[int, int, int] | None = None,
) -> DataInfo:
    """Returns what a model must know of a source, without reading all of it.

    Args:
        source: As for `load_arrays`.
        labels: As for `load_arrays`.
        image_shape: As for `load_arrays`.

    Raises:
        ValueError: As `load_arrays`.

    Example:
        >>> describe("synthetic").image_shape
        (48, 48, 1)
    """
    if isinstance(source, tuple | list) and len(source) == 2:
        images, ids = map(np.asarray, source)
        count = ids.shape[1] if ids.ndim == 2 else int(ids.max(initial=0)) + 1
        names = EMOTIONS if count <= len(EMOTIONS) else class_names(count)
        return DataInfo("arrays", names, images.shape[1:])
    if _is_synthetic(source):
        return DataInfo("drawn faces", EMOTIONS, (48, 48, 1))
    found = _found(source, labels)
    if isinstance(found, Path):
        info = built_info(found)
        return (
            info
            if image_shape is None
            else dataclasses.replace(info, image_shape=image_shape)
        )
    shape = image_shape or found_image_shape(found)
    return DataInfo(found.form, found.class_names, tuple(shape), found.note)


def synthetic_truth(split: str = "test") -> np.ndarray:
    """Returns the drawn faces of a split in all seven emotions.

    Returns:
        uint8 `(examples, 7, 48, 48, 1)`, in the order of
        `load_arrays("synthetic", split)`.
    """
    from fer_keras import synthetic_faces

    count, seed = _SYNTHETIC_COUNT_AND_SEED[split]
    return synthetic_faces.truth_arrays(count, seed=seed)


def _is_synthetic(source) -> bool:
    return isinstance(source, str) and source == "synthetic"


def _only_own_labels(labels, source):
    if labels != "fer2013":
        raise ValueError(
            f"labels={labels!r} needs FER2013 with fer2013new.csv beside it; {source} "
            "has labels of its own."
        )


def _found(source, labels):
    """Returns the folder of a built dataset, or the source of `tfds_fer2013`."""
    if not isinstance(source, str | Path):
        raise ValueError(f"Expected a path, {_OTHER_SOURCES}, got {source!r:.80}.")
    built = find_built(Path(source).expanduser(), labels)
    if built is not None:
        return built
    try:
        return open_source(source, labels)
    except Fer2013NotFoundError as error:
        raise ValueError(f"{error} Or pass {_OTHER_SOURCES}.") from None


def _read_split(source, split, limit, image_shape):
    """Reads one split; where it is empty, the one that stands in for it."""
    shape = tuple(image_shape or found_image_shape(source))
    decode = functools.partial(read_face, image_shape=shape)
    if isinstance(source, CsvSource) and shape == (48, 48, 1):
        decode = None  # As they are.
    for taken in (split, *source.stand_ins.get(split, ())):
        images, ids, count = [], [], 0
        for block in source.blocks(taken, decode):
            if len(block.labels):
                images.append(block.images)
                ids.append(block.labels)
                count += len(block.labels)
            if limit is not None and count >= limit:
                break
        if count:
            said = [source.note] if source.note else []
            if taken != split:
                said.append(f"too few pictures for `{split}`: `{taken}` is used for it")
            if said:
                warnings.warn(f"{source.name}: {'; '.join(said)}.", stacklevel=4)
            return np.concatenate(images), np.concatenate(ids)
    raise Fer2013FormatError(
        source.name, f"holds no row with the usage {USAGES[split]!r}."
    )
