"""Faces in tables, and in NumPy's .npz."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tfds_fer2013.class_names import LABEL_NAMES, class_ids
from tfds_fer2013.face_rows import (
    SPLIT_WORDS,
    STAND_INS,
    FaceRows,
    completed_splits,
)
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.grey_png import grey_face

IMAGE_WORDS = frozenset("image images img pixels face faces x data".split())
LABEL_WORDS = frozenset("label labels emotion emotions target targets y".split())
SPLIT_COLUMNS = frozenset(("usage", "split"))
_MAX_ROWS = 1_000_000
_MAX_BYTES = 1 << 31
_BLOCK = 256
_OWN_ORDER = "the labels 0 to 6 are taken in FER2013's order: " + ", ".join(LABEL_NAMES)


class TableSource:
    """Faces in memory that came out of a table.

    Args:
        name: The file or folder.
        form: What it is, for messages.
        images: A sequence of uint8 `(height, width, channels)`, encoded bytes, or the
            CSV's text of pixels.
        labels: Ids `(n,)`, weights `(n, classes)`, or words `(n,)`.
        splits: A split or "" for each row.
        names: The class names in the order of the ids, where they are known.

    Attributes:
        class_names: The class names in order.
        note: What was decided about labels and splits, in a sentence, or "".
    """

    stand_ins = STAND_INS

    def __init__(
        self,
        name: str,
        form: str,
        images: Sequence,
        labels: Sequence,
        splits: Sequence[str],
        names: Sequence[str] | None = None,
    ):
        self.name, self.form = name, form
        labels = np.asarray(labels)
        if len(images) != len(labels) or not len(labels):
            raise Fer2013FormatError(
                name, f"holds {len(images)} images and {len(labels)} labels."
            )
        self._images = images
        self.class_names, self._labels, said = _named(name, labels, names)
        keys = [str(row) for row in range(len(labels))]
        self._splits, note = completed_splits(splits, self._labels, keys)
        self.note = "; ".join(filter(None, (said, note)))

    def first_pictures(self, count: int) -> list:
        """Returns some pictures from all over the table."""
        step = max(1, len(self._images) // count)
        return [
            _as_picture(self._images[row]) for row in range(0, len(self._images), step)
        ]

    def blocks(
        self, split: str | None = None, decode: Callable = grey_face
    ) -> Iterator[FaceRows]:
        """Yields the faces in the table's order; see `PictureSource.blocks`."""
        rows = np.arange(len(self._labels))
        if split is not None:
            rows = rows[self._splits == split]
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            faces = [self._decoded(row, decode) for row in block]
            yield FaceRows(np.stack(faces), self._labels[block], self._splits[block])

    def _decoded(self, row, decode) -> np.ndarray:
        try:
            return decode(_as_picture(self._images[row]))
        # Pillow's decoders raise many kinds of errors on damaged files.
        except Exception as error:
            reason = str(error).removeprefix("the given picture: ")
            raise Fer2013FormatError(
                f"{self.name}, row {row + 1}",
                f"holds no picture that can be used ({reason}).",
            ) from None


def read_npz(path: Path) -> TableSource:
    """Reads faces from a .npz, such as one with `x_train`, `y_train`, `x_test`, ….

    Names of arrays are taken apart at underlines: a word for images or labels, and
    one for the split where there are several.

    Raises:
        Fer2013FormatError: It has no such arrays, or others than of numbers.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            check_size(path, sum(info.file_size for info in file.zip.infolist()))
            arrays = {key: file[key] for key in file.files}
    except Fer2013FormatError:
        raise
    # NumPy raises many kinds of errors on damaged files.
    except Exception as error:
        raise Fer2013FormatError(
            str(path), f"is not a .npz that can be read ({str(error)[:100]})."
        ) from None
    images, labels, usages, names = {}, {}, {}, None
    for key, array in arrays.items():
        words = re.findall(r"[a-z]+", key.lower())
        split = next((SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS), "")
        if key.lower() in ("class_names", "names", "classes"):
            names = list(map(str, array.ravel()))
        elif SPLIT_COLUMNS & set(words):
            usages[""] = array
        elif LABEL_WORDS & set(words):
            labels[split] = array
            names = LABEL_NAMES if "emotion" in words and names is None else names
        elif IMAGE_WORDS & set(words):
            images[split] = _as_faces(f"{path}: {key}", array)
    if not images or images.keys() != labels.keys():
        raise Fer2013FormatError(
            str(path),
            "expected arrays such as x_train, y_train, x_test and y_test, or images "
            f"and labels, found {', '.join(arrays) or 'none'}.",
        )
    splits = [split for split, array in images.items() for _ in array]
    if "" in usages and set(splits) == {""}:
        splits = splits_of(str(path), usages[""])
    return TableSource(
        str(path),
        "npz",
        [face for array in images.values() for face in array],
        np.concatenate(list(labels.values())),
        splits,
        names,
    )


def check_size(path: str | Path, size: int, rows: int = 0) -> None:
    """Raises `Fer2013FormatError` for a table that is far too large."""
    if size > _MAX_BYTES or rows > _MAX_ROWS:
        raise Fer2013FormatError(
            str(path), f"holds {size:,} bytes and {rows:,} rows: not FER2013."
        )


def splits_of(name: str, usages: Iterable) -> list[str]:
    """Returns the splits that words such as "Training" or "test" name."""
    words = [str(usage).strip().lower() for usage in usages]
    unknown = set(words) - SPLIT_WORDS.keys()
    if unknown:
        raise Fer2013FormatError(
            name,
            f"names an unknown split {min(unknown)!r:.40}: expected train or test.",
        )
    return [SPLIT_WORDS[word] for word in words]


def _named(name, labels, names) -> tuple[tuple[str, ...], np.ndarray, str]:
    """Returns class names, ids in their order, and what was taken for granted."""
    if labels.ndim == 2:
        labels = labels.argmax(axis=1)
    if labels.ndim == 1 and labels.dtype.kind in "OU":
        words = [str(label) for label in labels]
        ordered, ids = class_ids(words)
        return ordered, np.array([ids[word] for word in words], np.int64), ""
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise Fer2013FormatError(
            name, f"labels are {labels.dtype} {labels.shape}: expected ids or words."
        )
    count = int(labels.max()) + 1
    if names is not None and count <= len(names):
        ordered, ids = class_ids(map(str, names))
        order = np.array([ids[str(word)] for word in names], np.int64)
        return ordered, order[labels], ""
    if count == len(LABEL_NAMES):
        return LABEL_NAMES, labels.astype(np.int64), _OWN_ORDER
    return tuple(map(str, range(count))), labels.astype(np.int64), ""


def _as_faces(name: str, array: np.ndarray) -> np.ndarray:
    """Returns an array of images as uint8 `(n, height, width, channels)`."""
    side = int(array.shape[-1] ** 0.5) if array.ndim == 2 else 0
    if array.ndim == 2 and side * side == array.shape[1]:
        array = array.reshape(-1, side, side)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = array.transpose(0, 2, 3, 1)
    if array.ndim != 4 or array.shape[3] not in (1, 3) or array.dtype.kind not in "uif":
        raise Fer2013FormatError(
            name, f"is {array.dtype} {array.shape}: expected images."
        )
    if array.dtype == np.uint8 or not array.size:
        return array
    low, high = float(array.min()), float(array.max())
    if array.dtype.kind == "f" and low >= -1 and high <= 1:
        array = array * 255.0 if low >= 0 else (array + 1) * 127.5
    elif not (low >= 0 and high <= 255):
        raise Fer2013FormatError(name, f"has values from {low:g} to {high:g}.")
    return np.rint(array).astype(np.uint8)


def _as_picture(value):
    """Returns what a cell holds as bytes or uint8 `(height, width, channels)`."""
    if isinstance(value, dict):
        value = value.get("bytes")
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        value = np.array(value.split(), np.int64)
    if not isinstance(value, np.ndarray):
        raise ValueError(f"a {type(value).__name__}")
    while value.dtype == object:
        value = np.stack(value.tolist())
    if value.ndim < 3:
        value = value.reshape(1, *value.shape)
        return _as_faces("it", value)[0]
    return _as_faces("it", value[None])[0]
