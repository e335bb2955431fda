"""Reads entries of a zip that may be hostile; nothing is extracted."""

import contextlib
import stat
import struct
import zipfile
from typing import IO, Any

from tfds_fer2013.fer2013_errors import Fer2013FormatError

# The list of 35,887 pictures takes 4 MB.
_MAX_ZIP_DIRECTORY_BYTES = 12 << 20
_READABLE_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class SafeZip:
    """A zip whose list of contents is bounded and whose errors name it.

    Args:
        raw: The file, open for reading.
        name: The file's name, for messages.

    Raises:
        Fer2013FormatError: It cannot be read.
    """

    def __init__(self, raw: Any, name: str):
        self.name = name
        with self._problems_named():
            self._archive = zipfile.ZipFile(_SmallReads(raw))
        self.entries = [
            entry
            for entry in self._archive.infolist()
            if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
        ]

    def open(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        """Opens an entry for reading.

        Raises:
            Fer2013FormatError: It is a link, encrypted, or packed in a rare way.
        """
        if stat.S_ISLNK(entry.external_attr >> 16):
            problem = "is a link, not a file"
        elif entry.flag_bits & 0x1:
            problem = "is encrypted"
        elif entry.compress_type not in _READABLE_ZIP_METHODS:
            problem = "is packed in a way other than deflate"
        else:
            with self._problems_named():
                return self._archive.open(entry)
        raise Fer2013FormatError(f"{self.name}: {entry.filename}", f"{problem}.")

    def read(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        """Returns the first bytes of an entry, at most `limit`."""
        with self.open(entry) as opened, self._problems_named():
            return opened.read(limit)

    @contextlib.contextmanager
    def _problems_named(self):
        """Gives one face to what `zipfile` raises for files made in malice."""
        try:
            yield
        except (
            zipfile.BadZipFile,
            EOFError,
            OSError,
            ValueError,
            ArithmeticError,
            LookupError,
            RuntimeError,
            struct.error,
            zipfile.zlib.error,
        ) as error:
            raise Fer2013FormatError(
                self.name, f"is not a zip file that can be read ({error})."
            ) from error


class _SmallReads:
    """Keeps `zipfile` from taking a directory of gigabytes into memory."""

    def __init__(self, raw):
        self._raw = raw
        self.seek, self.tell = raw.seek, raw.tell
        self.seekable, self.close = raw.seekable, raw.close

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(_MAX_ZIP_DIRECTORY_BYTES if size < 0 else size)
        if size > _MAX_ZIP_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("its list of contents is larger than 12 MiB")
        return data
