"""The files that hold an interrupted run: whole or not there, checked by a digest.

A file is a first line that names the format, the length of a JSON header, the header
(what is in the file, in order, and what it belongs to), the arrays' bytes one after
another, and a SHA-256 digest of everything before it.
"""

import hashlib
import json
import math
import re
import struct
from pathlib import Path

import numpy as np

from fer_keras.files import replaced_file

_FIRST_LINE = b"fer-keras checkpoint 1\n"
_LENGTH = struct.Struct("<Q")
_SUFFIX = ".checkpoint"
_DIGEST_SIZE = hashlib.sha256().digest_size


class DamagedCheckpointError(ValueError):
    """A checkpoint's file is torn or changed: it is not what was written.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str | Path, message: str):
        super().__init__(message)
        self.path = path


def write_checkpoint(path: Path, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Writes a checkpoint that is there wholly or not at all, whenever power fails.

    Args:
        path: The file, replaced if it exists.
        header: Anything that JSON can hold.
        arrays: What to keep, by name.

    Raises:
        OSError: The file cannot be written; what was there before is still there.
    """
    listing = [[name, a.dtype.name, list(a.shape)] for name, a in arrays.items()]
    text = json.dumps({**header, "arrays": listing}).encode()
    try:
        with replaced_file(path) as aside, aside.open("wb") as file:
            digest = hashlib.sha256()
            for part in _parts(text, arrays):
                digest.update(part)
                file.write(part)
            file.write(digest.digest())
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path} could not be written ({error.strerror}). The checkpoints before "
            "it are as they were",
        ) from error


def read_checkpoint(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Reads a checkpoint and checks its digest.

    Returns:
        Its header and arrays.

    Raises:
        DamagedCheckpointError: The file is not what was written.
        ValueError: It has another format than this version writes.
        OSError: It cannot be read.
    """
    header, data, start = _checked_parts(path, path.read_bytes())
    arrays = {}
    for name, dtype, shape in header["arrays"]:
        count = math.prod(shape)
        array = np.frombuffer(data, np.dtype(dtype), count, start)
        arrays[name] = array.reshape(shape)
        start += array.nbytes
    return header, arrays


def _parts(text, arrays):
    yield _FIRST_LINE
    yield _LENGTH.pack(len(text))
    yield text
    for array in arrays.values():
        yield memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))


def _checked_parts(path, data):
    """Returns the header, all bytes, and where the arrays begin."""
    start = len(_FIRST_LINE) + _LENGTH.size
    line, _, _ = data[:64].partition(b"\n")
    if line + b"\n" != _FIRST_LINE and re.fullmatch(rb"fer-keras checkpoint \d+", line):
        raise ValueError(
            f"{path} begins with {line.decode()!r}, but this version of fer-keras "
            f"reads {_FIRST_LINE.decode().strip()!r}: go on with the version that "
            "wrote it."
        )
    content = memoryview(data)[:-_DIGEST_SIZE]
    whole = data.startswith(_FIRST_LINE) and len(content) >= start
    if not whole or hashlib.sha256(content).digest() != data[-_DIGEST_SIZE:]:
        raise DamagedCheckpointError(
            path,
            f"{path} is damaged: its {len(data)} bytes do not have the digest that "
            "they were written with.",
        )
    (length,) = _LENGTH.unpack_from(data, len(_FIRST_LINE))
    return json.loads(data[start : start + length]), data, start + length


def checkpoint_path(folder: Path, epoch: int, step: int) -> Path:
    """Returns the file for the state before a step of an epoch, both from 0."""
    return folder / f"epoch-{epoch:05d}-step-{step:07d}{_SUFFIX}"


def list_checkpoints(folder: str | Path) -> list[Path]:
    """Returns the checkpoints of a folder, the newest first."""
    return sorted(Path(folder).glob(f"epoch-*-step-*{_SUFFIX}"), reverse=True)


def newest_checkpoint(
    folder: str | Path,
) -> tuple[Path, dict, dict, list[DamagedCheckpointError]] | None:
    """Reads the newest checkpoint that is whole.

    Args:
        folder: Where the checkpoints of a run lie.

    Returns:
        Its path, header and arrays, and the errors of the damaged ones after it;
        None where there is no checkpoint.

    Raises:
        DamagedCheckpointError: All are damaged.
    """
    damaged = []
    for path in list_checkpoints(folder):
        try:
            return path, *read_checkpoint(path), damaged
        except DamagedCheckpointError as error:
            damaged.append(error)
    if damaged:
        message = " ".join(str(error) for error in damaged)
        raise DamagedCheckpointError(
            damaged[0].path, f"{message} None before it is whole."
        )
    return None


def set_aside(damaged: Path) -> None:
    """Renames a damaged checkpoint, so that it is neither read nor counted."""
    damaged.rename(damaged.with_suffix(".damaged"))


def remove_unfinished(folder: Path) -> None:
    """Removes what a run that was killed while it wrote has left."""
    for path in folder.glob(f".*{_SUFFIX}.partial"):
        path.unlink()
