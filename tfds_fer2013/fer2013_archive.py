"""Finds FER2013 on disk and streams its CSV out of the archive it came in.

Nothing is unpacked: bytes go from the file through zlib to the reader in pieces
of a megabyte at most, so that no archive, however made, can write a file or fill
the memory.
"""

import contextlib
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tfds_fer2013.bounded_streams import ByteStream, GunzipStream
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.tar_member import CSV_NAMES, is_tar, open_tar_member

TAR_NAME = "fer2013.tar.gz"
COMPETITION_ZIP = (
    "challenges-in-representation-learning-facial-expression-recognition-challenge.zip"
)
ACCEPTED_FILES = (*CSV_NAMES, TAR_NAME, "*.zip (holding one of these)")
"""What may lie in the folder that holds FER2013, in the order of preference."""

_MAX_ZIP_DIRECTORY_BYTES = 4 << 20
_READABLE_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def find_fer2013(path: str | Path) -> Path:
    """Returns the file of FER2013 that a path means.

    Args:
        path: A file (taken as it is, whatever its name), or a folder that holds
            one of `ACCEPTED_FILES` itself or in a folder `fer2013` of its own.

    Raises:
        Fer2013NotFoundError: There is none.
        Fer2013FormatError: The path is a device, a pipe or a socket.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise Fer2013NotFoundError(f"{path} does not exist. {_expectation()}")
    if not path.is_dir():
        if not path.is_file():
            raise Fer2013FormatError(str(path), "is neither a file nor a folder.")
        return path
    for folder in (path, path / "fer2013"):
        for name in (*CSV_NAMES, TAR_NAME):
            if (folder / name).is_file():
                return folder / name
    return _find_zip(path)


@contextlib.contextmanager
def open_fer2013_csv(path: str | Path) -> Iterator[ByteStream]:
    """Opens the CSV in a file or folder of FER2013 for reading once, forwards.

    What the file is follows from its first bytes, not from its name: a zip, a
    gzipped or plain tar, a gzipped or plain CSV.

    Args:
        path: As for `find_fer2013`.

    Yields:
        A stream with `name` (for messages) and `read(size)`, which returns `b""`
        at the end, after the checksums of the archive have been verified.

    Raises:
        Fer2013NotFoundError: There is no such file.
        Fer2013FormatError: The archive is damaged or has no CSV of FER2013 in it.
    """
    file = find_fer2013(path)
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(file.open("rb"))
        if raw.read(4) in (b"PK\3\4", b"PK\5\6"):
            stream = _open_zip_entry(raw, str(file), stack)
        else:
            raw.seek(0)
            stream = ByteStream(raw, str(file))
        yield _unwrapped(stream)


def _unwrapped(stream: ByteStream) -> ByteStream:
    if stream.peek(2) == b"\x1f\x8b":
        stream = ByteStream(GunzipStream(stream), stream.name)
    return open_tar_member(stream) if is_tar(stream.peek(512)) else stream


def _expectation() -> str:
    return (
        "Expected one of these files, or a folder with one of them: "
        f"{', '.join(ACCEPTED_FILES)}."
    )


def _find_zip(folder: Path) -> Path:
    looked_into = []
    zips = sorted(zip_file for zip_file in folder.glob("*.zip") if zip_file.is_file())
    zips.sort(key=lambda zip_file: zip_file.name != COMPETITION_ZIP)
    for zip_file in zips:
        try:
            with zip_file.open("rb") as raw:
                _zip_entry(raw, str(zip_file))
            return zip_file
        except Fer2013FormatError as error:
            looked_into.append(f" {error}")
    raise Fer2013NotFoundError(
        f"No FER2013 in {folder}. {_expectation()}{''.join(looked_into[:3])}"
    )


class _SmallReads:
    """Keeps `zipfile` from taking a directory of gigabytes into memory."""

    def __init__(self, raw):
        self._raw = raw
        self.seek, self.tell = raw.seek, raw.tell
        self.seekable, self.close = raw.seekable, raw.close

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(_MAX_ZIP_DIRECTORY_BYTES if size < 0 else size)
        if size > _MAX_ZIP_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("its list of contents is larger than 4 MiB")
        return data


def _open_zip_entry(raw, name: str, stack: contextlib.ExitStack) -> ByteStream:
    archive, entry = _zip_entry(raw, name)
    with _zip_problems_named(name):
        contents = stack.enter_context(archive.open(entry))
    return ByteStream(contents, f"{name}: {entry.filename}")


@contextlib.contextmanager
def _zip_problems_named(name: str):
    """Gives one face to what `zipfile` raises for files made in malice."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        ArithmeticError,
        LookupError,
        RuntimeError,
        struct.error,
    ) as error:
        raise Fer2013FormatError(
            name, f"is not a zip file that can be read ({error})."
        ) from error


def _zip_entry(raw, name: str) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    with _zip_problems_named(name):
        archive = zipfile.ZipFile(_SmallReads(raw))
    for wanted in (*CSV_NAMES, TAR_NAME):
        for entry in archive.infolist():
            if PurePosixPath(entry.filename).name == wanted and not entry.is_dir():
                _check_entry(entry, name)
                return archive, entry
    raise Fer2013FormatError(
        name, f"holds none of {', '.join((*CSV_NAMES, TAR_NAME))}."
    )


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    if stat.S_ISLNK(entry.external_attr >> 16):
        problem = "is a link, not a file"
    elif entry.flag_bits & 0x1:
        problem = "is encrypted"
    elif entry.compress_type not in _READABLE_ZIP_METHODS:
        problem = "is packed in a way other than deflate"
    else:
        return
    raise Fer2013FormatError(f"{name}: {entry.filename}", f"{problem}.")
