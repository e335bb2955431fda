"""Finds faces in whatever form people have them, by content and not by name."""

import contextlib
import itertools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from tfds_fer2013.class_names import FERPLUS_NAMES, LABEL_NAMES
from tfds_fer2013.csv_header import CSV_NAMES, is_fer2013_header
from tfds_fer2013.face_rows import FaceRows
from tfds_fer2013.fer2013_archive import open_fer2013_csv
from tfds_fer2013.fer2013_csv import iter_fer2013_rows
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.parquet_files import read_parquet
from tfds_fer2013.picture_files import (
    PictureSource,
    is_picture,
    list_files,
    picture_folder,
    picture_zip,
)
from tfds_fer2013.tables import TableSource, read_npz
from tfds_fer2013.tar_member import is_tar
from tfds_fer2013.votes import find_votes, is_votes_header, relabelled
from tfds_fer2013.zip_entries import SafeZip

ACCEPTED = (
    "fer2013.csv, icml_face_data.csv, fer2013.tar.gz, fer2013.tar or the "
    "competition's .zip, under any name; a folder or .zip with a folder of pictures "
    "per class (train/<class>/*.jpg, test/<class>/*.jpg, or <class>/*.jpg); .parquet "
    "or .npz with images and labels; or a folder with one of these"
)
LABELINGS = ("fer2013", "ferplus", "ferplus_soft")
"""FER2013's own labels, FER+'s plurality, FER+'s shares of votes."""

_MAX_FILES = 2_000_000
_MAX_ARCHIVE = 1 << 30
_PARQUET = 3
_FAMILIAR = re.compile("fer.?2013|icml_face|facial-expression", re.IGNORECASE)
_KINDS = (
    (b"%PDF", "a PDF"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"BZh", "a bzip2 file: unpack it first"),
    (b"\xfd7zXZ", "an xz file: unpack it first"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "one NumPy array: labels are missing, save a .npz with both"),
    (b"\x80\x04", "a pickle, which may run any code: save a .npz"),
    (b"\x80\x05", "a pickle, which may run any code: save a .npz"),
    (b"\xff\xd8\xff", "one picture: pass the folder of folders of pictures"),
    (b"\x89PNG", "one picture: pass the folder of folders of pictures"),
    (b"{", "JSON"),
    (b"<", "a web page: the download needs a login"),
)


class CsvSource:
    """FER2013 as its CSV, in whatever it is packed."""

    form, note, stand_ins = "FER2013's CSV", "", {}

    def __init__(self, file: Path, labels: str = "fer2013", votes: Path | None = None):
        self.name = str(file)
        self.class_names = LABEL_NAMES if labels == "fer2013" else FERPLUS_NAMES
        self._file, self._labels, self._votes = file, labels, votes

    def first_pictures(self, count: int) -> list:
        """Returns some pictures."""
        return list(next(iter_fer2013_rows(self._file)).images[:count])

    def blocks(
        self, split: str | None = None, decode: Callable | None = None
    ) -> Iterator[FaceRows]:
        """Yields the rows in the order of the file; see `PictureSource.blocks`.

        Args:
            split: All are read, whichever is asked for.
            decode: Applied to each image, uint8 `(48, 48, 1)`. Default: none is.
        """
        blocks = iter_fer2013_rows(self._file)
        if self._votes is not None:
            soft = self._labels == "ferplus_soft"
            blocks = relabelled(blocks, self._votes, soft)
        for block in blocks:
            chosen = slice(None) if split is None else block.splits == split
            images, labels, splits = (values[chosen] for values in block)
            if decode is not None and len(images):
                images = np.stack([decode(image) for image in images])
            yield FaceRows(images, labels, splits)


def open_source(
    path: str | Path, labels: str = "fer2013"
) -> CsvSource | PictureSource | TableSource:
    """Finds the faces that a path means.

    Args:
        path: A file, whatever its name, or a folder; see `ACCEPTED`.
        labels: One of `LABELINGS`; those of FER+ need `fer2013new.csv` in the folder.

    Returns:
        A source with `name`, `form`, `class_names`, `note`, `first_pictures(count)`
        and `blocks(split, decode)`, which yields `FaceRows`.

    Raises:
        Fer2013NotFoundError: There is none; the message says what is there.
        Fer2013FormatError: What is there is damaged, malformed or something else.

    Example:
        >>> source = open_source("archive.zip")
        >>> source.class_names[:2]
        ('angry', 'disgust')
    """
    path = Path(path).expanduser()
    if labels not in LABELINGS:
        raise ValueError(f"Unknown labels {labels!r}: expected {', '.join(LABELINGS)}.")
    if not path.exists():
        raise Fer2013NotFoundError(f"{path} does not exist. Expected {ACCEPTED}.")
    if not path.is_dir() and not path.is_file():
        raise Fer2013FormatError(str(path), "is neither a file nor a folder.")
    source = _in_folder(path) if path.is_dir() else _in_file(path)
    if labels == "fer2013":
        return source
    if not isinstance(source, CsvSource):
        raise Fer2013FormatError(
            source.name,
            f"FER+ goes by the rows of fer2013.csv; this is {source.form}.",
        )
    votes = find_votes(path if path.is_dir() else path.parent)
    return CsvSource(Path(source.name), labels, votes)


def _in_file(path: Path):
    with path.open("rb") as file:
        start = file.read(1 << 12)
    if start[:4] in (b"PK\3\4", b"PK\5\6"):
        return _in_zip(path)
    if start[:4] == b"PAR1":
        return read_parquet([path], str(path))
    if is_votes_header(start):
        raise Fer2013FormatError(
            str(path), "holds FER+ labels: pass the folder of it and FER2013."
        )
    for magic, kind in _KINDS:
        if start.startswith(magic):
            raise _something_else(path, kind)
    with open_fer2013_csv(path) as stream:
        start = stream.peek(1 << 12)
        line = (start.splitlines() or [b""])[0]
        if b"," not in line or b"\0" in line:
            raise _something_else(path, "text" if _is_text(line) else "other data")
    if not is_fer2013_header(start):
        # Its reader says what is wrong with the line.
        next(iter_fer2013_rows(path))
    return CsvSource(path)


def _is_text(line: bytes) -> bool:
    return line.decode("utf-8", "replace").replace("\t", " ").isprintable()


def _something_else(path, kind) -> Fer2013FormatError:
    return Fer2013FormatError(str(path), f"looks like {kind}. Expected {ACCEPTED}.")


def _in_zip(path: Path):
    try:
        with open_fer2013_csv(path):
            return CsvSource(path)
    except Fer2013FormatError as error:
        with path.open("rb") as raw:
            names = [entry.filename for entry in SafeZip(raw, str(path)).entries]
        if any(name.endswith(".npy") for name in names):
            return read_npz(path)
        pictures = [name for name in names if is_picture(name)]
        if not pictures:
            expected = f"{error.reason} Expected {ACCEPTED}."
            raise Fer2013FormatError(error.file, expected) from None
        return picture_zip(path, pictures)


def _in_folder(folder: Path):
    """Tries what is there, the plainest first: CSV, archives, pictures, tables."""
    files = list(itertools.islice(list_files(folder), _MAX_FILES))
    pictures = [name for name in files if is_picture(name)]
    others = sorted(
        (rank, not _FAMILIAR.search(name), name.count("/"), name)
        for name in set(files) - set(pictures)
        if (rank := _rank(folder / name)) is not None
    )
    problems, zipped_pictures = [], None
    for rank, *_, name in others:
        if rank == _PARQUET:
            break
        try:
            source = _in_file(folder / name)
            if not isinstance(source, PictureSource):
                return source
            zipped_pictures = zipped_pictures or source
        except Fer2013FormatError as error:
            # Under its own name it is what was meant, and its fault is to be told.
            if PurePosixPath(name).name.lower() in (*CSV_NAMES, "fer2013.tar.gz"):
                raise
            problems.append(str(error).partition(" Expected ")[0])
    if pictures:
        try:
            return picture_folder(folder, pictures)
        except Fer2013FormatError as error:
            problems.append(str(error))
    if zipped_pictures:
        return zipped_pictures
    tables = [folder / name for rank, *_, name in others if rank == _PARQUET]
    if tables:
        return read_parquet(tables, str(folder))
    there = ", ".join(sorted(os.listdir(folder))[:5]) or "nothing"
    raise Fer2013NotFoundError(
        f"No faces in {folder}, which holds {there}. Expected {ACCEPTED}."
        + "".join(f" {problem}" for problem in problems[:3])
    )


def _rank(file: Path) -> int | None:
    """Returns when to try a file, by its first bytes; None for never."""
    name = file.name.lower()
    if name in CSV_NAMES:
        return 0
    with contextlib.suppress(OSError), file.open("rb") as opened:
        start = opened.read(1 << 10)
        if is_fer2013_header(start):
            return 0
        if start[:4] == b"PAR1":
            return _PARQUET
        if start[:4] in (b"PK\3\4", b"PK\5\6"):
            return 2
        packed = start[:2] == b"\x1f\x8b" or (len(start) >= 512 and is_tar(start[:512]))
        # Archives of other data sets may lie there too, and take long to look into.
        if name == "fer2013.tar.gz" or (packed and file.stat().st_size < _MAX_ARCHIVE):
            return 1
    return None
