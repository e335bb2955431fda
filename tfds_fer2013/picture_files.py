"""Pictures in folders named after their classes, on disk or in a zip."""

import contextlib
import itertools
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from tfds_fer2013.class_names import class_ids
from tfds_fer2013.face_rows import (
    SPLIT_WORDS,
    STAND_INS,
    FaceRows,
    completed_splits,
    scattered,
)
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.grey_png import grey_face
from tfds_fer2013.zip_entries import SafeZip

PICTURE_SUFFIXES = frozenset(
    ".jpg .jpeg .png .bmp .gif .webp .tif .tiff .pgm .ppm .avif .heic .heif".split()
)

MAX_PICTURES = 2_000_000
_MAX_FILE_BYTES = 64 << 20
_BLOCK = 256
_EXPECTED = (
    "folder of its class: expected FOLDER/<class>/<picture> or "
    "FOLDER/train/<class>/<picture>."
)
_OFFICIAL = re.compile(r"(Training|PublicTest|PrivateTest)_", re.IGNORECASE)


class PictureSource:
    """Pictures of known class.

    Args:
        name: The folder or the zip.
        paths: The pictures' paths in it, with "/" between folders.
        opened: Returns a context that yields a function from path to bytes.

    Attributes:
        class_names: The class names in order.
        note: What was decided about the splits, in a sentence, or "".

    Raises:
        Fer2013FormatError: The pictures do not lie in folders of their class.
    """

    form, stand_ins = "pictures in folders", STAND_INS

    def __init__(self, name: str, paths: Sequence[str], opened: Callable):
        self.name = name
        self._opened = opened
        found, skipped = _classified(name, paths)
        self.class_names, ids = class_ids({word for _, _, word in found})
        self._paths = [path for path, _, _ in found]
        labels = np.array([ids[word] for _, _, word in found], np.int64)
        keys = [f"{word}/{PurePosixPath(path).name}" for path, _, word in found]
        splits = _official_splits(self._paths, [split for _, split, _ in found])
        self._splits, self.note = completed_splits(splits, labels, keys)
        self._labels = labels
        self._order = scattered(keys)
        if skipped:
            self.note = "; ".join(filter(None, (self.note, skipped)))

    def first_pictures(self, count: int) -> list[bytes]:
        """Returns the bytes of some pictures from all over the source."""
        with self._opened() as read:
            return [read(self._paths[row]) for row in self._order[:count]]

    def blocks(
        self, split: str | None = None, decode: Callable = grey_face
    ) -> Iterator[FaceRows]:
        """Yields the faces, in an order that mixes the classes.

        Args:
            split: Only this one. Default: all.
            decode: Maps the bytes of a picture to uint8 `(height, width, channels)`.
                Default: grey, 48 x 48.
        """
        rows = self._order
        if split is not None:
            rows = rows[self._splits[rows] == split]
        with self._opened() as read:
            for start in range(0, len(rows), _BLOCK):
                block = rows[start : start + _BLOCK]
                images = [self._decoded(read, row, decode) for row in block]
                yield FaceRows(
                    np.stack(images), self._labels[block], self._splits[block]
                )

    def _decoded(self, read, row, decode) -> np.ndarray:
        path = self._paths[row]
        try:
            return decode(read(path))
        except Fer2013FormatError:
            raise
        # Pillow's decoders raise many kinds of errors on damaged files.
        except Exception as error:
            reason = str(error).removeprefix("the given picture: ")
            raise Fer2013FormatError(
                f"{self.name}: {path}", f"is no picture that can be used ({reason})."
            ) from None


def picture_folder(folder: Path, paths: Sequence[str]) -> PictureSource:
    """Returns the pictures of a folder; for `paths` see `PictureSource`."""

    def read(path: str) -> bytes:
        with open(folder / path, "rb") as file:
            return _within_limit(file.read(_MAX_FILE_BYTES + 1))

    return PictureSource(str(folder), paths, lambda: contextlib.nullcontext(read))


def picture_zip(file: Path, paths: Sequence[str]) -> PictureSource:
    """Returns the pictures of a zip; for `paths` see `PictureSource`."""

    @contextlib.contextmanager
    def opened():
        with file.open("rb") as raw:
            archive = SafeZip(raw, str(file))
            entries = {entry.filename: entry for entry in archive.entries}
            yield lambda path: _within_limit(
                archive.read(entries[path], _MAX_FILE_BYTES + 1)
            )

    return PictureSource(str(file), paths, opened)


def is_picture(path: str) -> bool:
    """Whether a path ends like a picture's, and is none that a system hides."""
    name = PurePosixPath(path)
    return name.suffix.lower() in PICTURE_SUFFIXES and not name.name.startswith(".")


def list_files(folder: Path, depth: int = 5) -> Iterator[str]:
    """Yields the paths of files in a folder, hidden ones left out, sorted by folder."""
    pending = [("", depth)]
    while pending:
        inside, left = pending.pop()
        with os.scandir(folder / inside) as entries:
            entries = sorted(entries, key=lambda entry: entry.name)
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            path = f"{inside}{entry.name}"
            if entry.is_file():
                yield path
            elif left and entry.is_dir():
                pending.append((f"{path}/", left - 1))


def _within_limit(data: bytes) -> bytes:
    if len(data) > _MAX_FILE_BYTES:
        raise ValueError(f"larger than {_MAX_FILE_BYTES >> 20} MiB")
    return data


def _classified(name: str, paths) -> tuple[list[tuple[str, str, str]], str]:
    """Returns path, split or "" and class word of each picture, and what is left out.

    Archives hold the same tree twice at times: then the larger one counts.
    """
    trees, loose = defaultdict(list), []
    for path in itertools.islice(paths, MAX_PICTURES):
        *above, word = PurePosixPath(path).parts[:-1] or ("",)
        if not word or word.lower() in SPLIT_WORDS:
            loose.append(path)
            continue
        split = SPLIT_WORDS.get(above[-1].lower(), "") if above else ""
        trees[tuple(above[:-1] if split else above)].append((path, split, word))
    if not trees:
        raise Fer2013FormatError(f"{name}: {loose[0]}", f"lies in no {_EXPECTED}")
    tree = max(trees, key=lambda tree: (len(trees[tree]), -len(tree)))
    found = trees.pop(tree)
    classes = {word for _, _, word in found}
    for pictures in trees.values():
        if not {word for _, _, word in pictures} & classes:
            raise Fer2013FormatError(
                f"{name}: {pictures[0][0]}",
                f"lies in another depth of folders than {found[0][0]}, not in a "
                f"{_EXPECTED}",
            )
    left_out = len(loose) + sum(map(len, trees.values()))
    if any(split for _, split, _ in found):
        left_out += sum(not split for _, split, _ in found)
        found = [picture for picture in found if picture[1]]
    skipped = f"{left_out:,} pictures elsewhere in it are left out"
    return found, skipped if left_out else ""


def _official_splits(paths, splits) -> list[str]:
    """Names the official split of pictures that bear it in their name."""
    named = [_OFFICIAL.match(PurePosixPath(path).name) for path in paths]
    untold = Counter(
        split for split, match in zip(splits, named, strict=True) if match is None
    )
    # A folder's pictures all tell their split, or the folder's name does.
    return [
        split if untold[split] else SPLIT_WORDS[match[1].lower()]
        for split, match in zip(splits, named, strict=True)
    ]
