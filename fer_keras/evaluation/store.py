"""Keeps measurements of controls and real faces, which are the same each time."""

import dataclasses
import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

PROTOCOL = "fer_keras-evaluation-1"
"""Names the way of measuring in every result; it changes whenever a score would."""


class MeasurementStore:
    """Arrays in files, each under the hash of all that it depends on.

    Args:
        folder: Where the files are; None keeps nothing.
    """

    def __init__(self, folder: str | Path | None = None):
        self.folder = None if folder is None else Path(folder)

    def fetch(self, kind: type, depends_on: tuple, make: Callable):
        """Returns a record, from its file or else made and kept.

        Args:
            kind: A dataclass whose fields are all arrays.
            depends_on: What the record follows from; strings and numbers.
            make: Makes the record.
        """
        if self.folder is None:
            return make()
        text = repr((PROTOCOL, kind.__name__, *depends_on))
        name = hashlib.sha256(text.encode()).hexdigest()[:32]
        path = self.folder / f"{name}.npz"
        record = _read(kind, path)
        if record is None:
            record = make()
            _write(record, path)
        return record


def _read(kind: type, path: Path):
    names = [field.name for field in dataclasses.fields(kind)]
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return kind(**{name: arrays[name] for name in names})
    # A file that is not there, or that a full disk cut short, is made again.
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write(record, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    np.savez(aside, **dataclasses.asdict(record))
    aside.replace(path)


def default_folder() -> Path:
    """Returns where users keep what programs can make again."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "fer_keras" / "evaluation"
