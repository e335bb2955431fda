"""Streams FER2013's CSV out of the archive it came in.

Nothing is unpacked: bytes go from the file through zlib to the reader in pieces
of a megabyte at most, so that no archive, however made, can write a file or fill
the memory.
"""

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tfds_fer2013.bounded_streams import ByteStream, GunzipStream
from tfds_fer2013.csv_header import CSV_NAMES, is_fer2013_header
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.tar_member import is_tar, open_tar_member
from tfds_fer2013.zip_entries import SafeZip

_ENTRY_SUFFIXES = ("", ".csv", ".txt", ".gz", ".tgz", ".tar")
_MAX_CANDIDATES = 50


@contextlib.contextmanager
def open_fer2013_csv(file: str | Path) -> Iterator[ByteStream]:
    """Opens the CSV in a file of FER2013 for reading once, forwards.

    What the file is follows from its first bytes, not from its name: a zip, a
    gzipped or plain tar, a gzipped or plain CSV. So does what is in an archive.

    Args:
        file: Any file.

    Yields:
        A stream with `name` (for messages) and `read(size)`, which returns `b""`
        at the end, after the checksums of the archive have been verified.

    Raises:
        Fer2013FormatError: The archive is damaged or has no CSV of FER2013 in it.
    """
    file = Path(file)
    if not file.is_file():
        raise Fer2013FormatError(str(file), "is no file.")
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(file.open("rb"))
        if raw.read(4) in (b"PK\3\4", b"PK\5\6"):
            archive = SafeZip(raw, str(file))
            entry = _csv_entry(archive)
            opened = stack.enter_context(archive.open(entry))
            stream = ByteStream(opened, f"{file}: {entry.filename}")
        else:
            raw.seek(0)
            stream = ByteStream(raw, str(file))
        yield _unwrapped(stream)


def _unwrapped(stream: ByteStream) -> ByteStream:
    if stream.peek(2) == b"\x1f\x8b":
        stream = ByteStream(GunzipStream(stream), stream.name)
    return open_tar_member(stream) if is_tar(stream.peek(512)) else stream


def _csv_entry(archive: SafeZip) -> zipfile.ZipInfo:
    """Returns the entry by its name, else the first one by its content."""
    for wanted in (*CSV_NAMES, "fer2013.tar.gz"):
        for entry in archive.entries:
            if PurePosixPath(entry.filename).name.lower() == wanted:
                return entry
    candidates = [
        entry
        for entry in archive.entries
        if PurePosixPath(entry.filename).suffix.lower() in _ENTRY_SUFFIXES
    ]
    for entry in candidates[:_MAX_CANDIDATES]:
        with contextlib.suppress(Fer2013FormatError):
            start = archive.read(entry, 1 << 10)
            if (
                is_fer2013_header(start)
                or start[:2] == b"\x1f\x8b"
                or (len(start) >= 512 and is_tar(start[:512]))
            ):
                return entry
    raise Fer2013FormatError(archive.name, "holds no CSV of FER2013.")
