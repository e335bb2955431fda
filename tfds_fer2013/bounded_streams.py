"""Byte streams that are read once, forwards, and refuse to be bombs."""

import zipfile
import zlib
from typing import Any

from tfds_fer2013.fer2013_errors import Fer2013FormatError

MAX_BYTES = 1 << 30
"""No stream may give more; the CSV of FER2013 has 0.3 GB."""

_PIECE = 1 << 18
_MAX_GZIP_MEMBERS = 100_000


class ByteStream:
    """A source of bytes with a name for messages, a look ahead and an upper bound.

    Args:
        source: Anything with `read(size)`.
        name: The file, and what is inside it.
    """

    def __init__(self, source: Any, name: str):
        self.name = name
        self._source = source
        self._ahead = b""
        self._given = 0

    def read(self, size: int) -> bytes:
        """Returns up to `size` bytes; `b""` at the end.

        Raises:
            Fer2013FormatError: The source is damaged or has more than `MAX_BYTES`.
        """
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        data = data or self._fetch(size)
        self._given += len(data)
        return data

    def peek(self, size: int) -> bytes:
        """Returns the next `size` bytes (fewer at the end) without taking them."""
        while len(self._ahead) < size:
            piece = self._fetch(size - len(self._ahead))
            if not piece:
                break
            self._ahead += piece
        return self._ahead[:size]

    def tell(self) -> int:
        """Returns how many bytes were read."""
        return self._given

    def skip(self, size: int) -> None:
        """Reads `size` bytes, or as many as there are, and forgets them."""
        while size > 0 and (piece := self.read(min(size, _PIECE))):
            size -= len(piece)

    def _fetch(self, size: int) -> bytes:
        try:
            data = self._source.read(size)
        except (EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise Fer2013FormatError(
                self.name, f"the archive is damaged or cut off ({error})."
            ) from error
        if self._given + len(self._ahead) + len(data) > MAX_BYTES:
            raise Fer2013FormatError(
                self.name, f"holds more than {MAX_BYTES >> 20} MiB: not FER2013."
            )
        return data


class GunzipStream:
    """What a gzip stream holds, checksums verified, in pieces of bounded size.

    `gzip.GzipFile` would do, but takes a fifth longer and reads the header's
    fields a byte at a time, which a hostile header can draw out for minutes.
    """

    def __init__(self, compressed: ByteStream):
        self._compressed = compressed
        self._pending = b""
        self._inflater = _new_inflater()
        self._members = 1

    def read(self, size: int) -> bytes:
        while True:
            if self._inflater.eof and not self._next_member():
                return b""
            packed = self._pending or self._compressed.read(_PIECE)
            if not packed:
                raise EOFError("its end is missing")
            data = self._inflater.decompress(packed, size)
            self._pending = self._inflater.unconsumed_tail or self._inflater.unused_data
            if data:
                return data

    def _next_member(self) -> bool:
        """Whether another gzip member follows, and not padding or a foreign tail."""
        self._pending = self._pending or self._compressed.read(_PIECE)
        if not self._pending.startswith(b"\x1f"):
            return False
        self._members += 1
        if self._members > _MAX_GZIP_MEMBERS:
            raise EOFError(f"more than {_MAX_GZIP_MEMBERS:,} gzip members")
        self._inflater = _new_inflater()
        return True


def _new_inflater():
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
