"""Streams the CSV of FER2013 out of a tar that may be hostile.

`tarfile` parses the headers; the members' bytes never pass through it, and
nothing is extracted, so that a member's name, kind and declared size can do no
harm.
"""

import tarfile
from pathlib import PurePosixPath

from tfds_fer2013 import bounded_streams
from tfds_fer2013.bounded_streams import ByteStream
from tfds_fer2013.csv_header import CSV_NAMES, is_fer2013_header
from tfds_fer2013.fer2013_errors import Fer2013FormatError

_MAX_MEMBERS = 1000
_HEADER_BYTES = 1 << 10
_MAX_HEADER_BYTES = 1 << 20
_PLAIN_TYPES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


def is_tar(block: bytes) -> bool:
    """Whether a stream that begins with these 512 bytes is a tar."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.EOFHeaderError:  # Zeros: a tar with nothing in it.
        return True
    except (tarfile.TarError, ValueError):
        return False
    return True


def open_tar_member(stream: ByteStream) -> ByteStream:
    """Goes forward to the CSV in a tar and returns it as a stream.

    Args:
        stream: The tar, at its beginning.

    Raises:
        Fer2013FormatError: There is no such member, it is no plain file, or the
            tar cannot be read.
    """
    headers = _Headers(stream)
    try:
        member = _find(headers)
    except Fer2013FormatError:
        raise
    # What `tarfile` raises for headers made in malice is not only its own errors.
    except (
        tarfile.TarError,
        ValueError,
        ArithmeticError,
        LookupError,
        RecursionError,
    ) as error:
        raise Fer2013FormatError(
            stream.name, f"is not a tar that can be read ({error})."
        ) from error
    name = f"{stream.name}: {member.name}"
    if member.type not in _PLAIN_TYPES or member.offset_data != stream.tell():
        raise Fer2013FormatError(name, "is a link, device or folder, not a plain file.")
    if member.size > bounded_streams.MAX_BYTES:
        raise Fer2013FormatError(
            name, f"declares {member.size:,} bytes, far more than FER2013 has."
        )
    return ByteStream(_Contents(stream, member.size), name)


def _find(headers: "_Headers") -> tarfile.TarInfo:
    archive = tarfile.TarFile(fileobj=headers)
    for _ in range(_MAX_MEMBERS):
        headers.allowance = _MAX_HEADER_BYTES
        member = archive.next()
        if member is None:
            raise Fer2013FormatError(headers.stream.name, "holds no CSV of FER2013.")
        if PurePosixPath(member.name).name.lower() in CSV_NAMES:
            return member
        if member.type in _PLAIN_TYPES and is_fer2013_header(
            headers.stream.peek(min(member.size, _HEADER_BYTES))
        ):
            return member
    raise Fer2013FormatError(
        headers.stream.name,
        f"holds no CSV of FER2013 among its first {_MAX_MEMBERS} members.",
    )


class _Headers:
    """A tar as `tarfile` sees it: headers of bounded size, seeking only forwards."""

    def __init__(self, stream: ByteStream):
        self.stream = stream
        self.allowance = _MAX_HEADER_BYTES
        self.tell = stream.tell

    def read(self, size: int) -> bytes:
        self.allowance -= size
        if size < 0 or self.allowance < 0:
            raise ValueError("a header larger than 1 MiB")
        pieces = []
        while size > 0 and (piece := self.stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def seek(self, position: int) -> None:
        if position < self.stream.tell():
            raise ValueError("a member of negative size")
        self.stream.skip(position - self.stream.tell())


class _Contents:
    """The bytes of one member, followed by a reading of the archive to its end."""

    def __init__(self, stream: ByteStream, size: int):
        self._stream = stream
        self._left = size

    def read(self, size: int) -> bytes:
        if self._left:
            data = self._stream.read(min(size, self._left))
            if not data:
                raise EOFError("the file in it ends too soon")
            self._left -= len(data)
            return data
        # The checksum of a gzipped tar stands at its end.
        self._stream.skip(bounded_streams.MAX_BYTES)
        return b""
