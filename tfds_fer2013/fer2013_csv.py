"""Reads the rows of FER2013's CSV, fast and in bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfds_fer2013.bounded_streams import ByteStream
from tfds_fer2013.class_names import LABEL_NAMES
from tfds_fer2013.csv_header import COLUMNS, column_names, unquoted
from tfds_fer2013.face_rows import USAGES, FaceRows
from tfds_fer2013.fer2013_archive import open_fer2013_csv
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.pixel_text import (
    IMAGE_SIDE,
    parse_pixels,
    parse_pixels_carefully,
    shown,
)

# Larger blocks fall out of the processor's caches, smaller ones spend their time
# in calls.
_BLOCK_BYTES = 1 << 20
_MAX_LINE_BYTES = 1 << 16
_MAX_LINES = 1_000_000
_LABELS = {str(label).encode(): label for label in range(len(LABEL_NAMES))}
_SPLITS = {usage.encode(): split for split, usage in USAGES.items()}


def iter_fer2013_rows(path: str | Path) -> Iterator[FaceRows]:
    """Reads FER2013 from its CSV, packed or not.

    The columns `emotion`, `pixels` and `Usage` may stand in any order, among
    others, with spaces around their names; fields may be quoted, lines may end in
    CRLF, empty lines and a byte order mark are passed over.

    Args:
        path: The file; see `fer2013_archive.open_fer2013_csv`.

    Yields:
        Blocks of about 100 rows.

    Raises:
        Fer2013NotFoundError: There is no such file.
        Fer2013FormatError: A row is malformed or the archive damaged; the message
            names file, line and reason.

    Example:
        >>> next(iter_fer2013_rows("fer2013.tar.gz")).images.shape[1:]
        (48, 48, 1)
    """
    with open_fer2013_csv(path) as stream:
        parser, found = None, False
        for number, lines in _blocks_of_lines(stream):
            if parser is None:
                parser = _RowParser(lines[0], stream.name)
                number, lines = number + 1, lines[1:]
            rows = parser.parse(lines, number)
            if rows is not None:
                found = True
                yield rows
        if not found:
            raise Fer2013FormatError(stream.name, "holds no rows.")


def _blocks_of_lines(stream: ByteStream) -> Iterator[tuple[int, list[bytes]]]:
    """Yields lists of lines, each with the number of its first line.

    Lines keep their line break, so that one without can be told: the last, which
    may have been cut off.
    """
    number, rest = 1, b""
    while data := stream.read(_BLOCK_BYTES):
        lines = (rest + data).splitlines(keepends=True)
        # A final "\r" may be half of a "\r\n".
        rest = lines.pop() if not lines[-1].endswith(b"\n") else b""
        for index, line in enumerate((*lines, rest)):
            if len(line) > _MAX_LINE_BYTES:
                raise Fer2013FormatError(
                    stream.name,
                    f"is longer than {_MAX_LINE_BYTES >> 10} KiB, which no row of "
                    "FER2013 is.",
                    number + index,
                )
        if lines:
            yield number, lines
            number += len(lines)
        if number > _MAX_LINES:
            raise Fer2013FormatError(
                stream.name, f"has more than {_MAX_LINES:,} lines: not FER2013."
            )
    if rest:
        yield number, [rest]


class _RowParser:
    """Parses rows by what the CSV's first line says of its columns."""

    def __init__(self, header: bytes, file: str):
        names = column_names(header)
        self._file = file
        self._columns = len(names)
        for column in COLUMNS:
            if names.count(column) != 1:
                raise Fer2013FormatError(
                    file,
                    f"expected one column named {column!r} among the names in this "
                    f"line, found {shown(header.strip())}.",
                    1,
                )
        self._label, self._pixels, self._usage = map(names.index, COLUMNS)

    def parse(self, lines: list[bytes], first_number: int) -> FaceRows | None:
        """Parses lines, of which the first has this number; None if all are empty."""
        pixels, labels, splits, numbers = [], [], [], []
        for number, line in enumerate(lines, first_number):
            if not line.isspace():
                try:
                    text, label, split = self._fields(line)
                except ValueError as error:
                    raise self._error(error, number, line) from None
                pixels.append(text)
                labels.append(label)
                splits.append(split)
                numbers.append(number)
        if not pixels:
            return None
        images = parse_pixels(pixels)
        if images is None:
            images = np.empty((len(pixels), IMAGE_SIDE * IMAGE_SIDE), np.uint8)
            for index, number in enumerate(numbers):
                try:
                    images[index] = parse_pixels_carefully(pixels[index])
                except ValueError as error:
                    line = lines[number - first_number]
                    raise self._error(error, number, line) from None
        return FaceRows(
            images.reshape(-1, IMAGE_SIDE, IMAGE_SIDE, 1),
            np.array(labels, np.int64),
            np.array(splits),
        )

    def _fields(self, line: bytes) -> tuple[bytes, int, str]:
        fields = [field.strip() for field in line.split(b",")]
        if b'"' in line:
            fields = [unquoted(field) for field in fields]
        if len(fields) != self._columns:
            raise ValueError(f"expected {self._columns} fields, found {len(fields)}")
        label = _LABELS.get(fields[self._label])
        if label is None:
            raise ValueError(
                f"unknown emotion {shown(fields[self._label])}, expected 0 to "
                f"{len(_LABELS) - 1}"
            )
        split = _SPLITS.get(fields[self._usage])
        if split is None:
            raise ValueError(
                f"unknown usage {shown(fields[self._usage])}, expected one of "
                f"{', '.join(USAGES.values())}"
            )
        return fields[self._pixels], label, split

    def _error(self, reason, number: int, line: bytes) -> Fer2013FormatError:
        cut_off = "" if line.endswith((b"\n", b"\r")) else " (the file may be cut off)"
        return Fer2013FormatError(self._file, f"{reason}{cut_off}.", number)
