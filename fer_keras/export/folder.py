"""Folders that a reader sees whole or not at all."""

import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced_folder(directory: str | Path, own: Iterable[str]) -> Iterator[Path]:
    """Gives a new empty folder to fill, which then takes the place of `directory`.

    The new folder stands beside it under a hidden name until it is complete; when
    an error ends the `with`, it is removed and `directory` is as it was.

    Args:
        directory: May be absent, empty, or hold an earlier version.
        own: Names that an earlier version may hold.

    Raises:
        ValueError: `directory` is a file or holds something else.

    Example:
        >>> with replaced_folder("model", {"weights.bin"}) as folder:
        ...     (folder / "weights.bin").write_bytes(weights)
    """
    directory = Path(directory).resolve()
    check_replaceable(directory, own)
    directory.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    aside = directory.with_name(f".{directory.name}.partial-{mark}")
    aside.mkdir()
    try:
        yield aside
        _swap(aside, directory, directory.with_name(f".{directory.name}.old-{mark}"))
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def check_replaceable(directory: Path, own: Iterable[str]) -> None:
    """Raises `ValueError` when something would be lost with a folder."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise ValueError(f"{directory} is a file: expected a folder, or a new name.")
    foreign = sorted({entry.name for entry in directory.iterdir()} - set(own))
    if foreign:
        raise ValueError(
            f"{directory} holds other files ({', '.join(foreign[:3])}"
            f"{', …' if len(foreign) > 3 else ''}), which would be lost: choose a "
            "new folder."
        )


def remove_folder(directory: Path) -> None:
    """Removes a folder; a reader sees it whole until it is gone."""
    removed = directory.with_name(f".{directory.name}.removed-{uuid.uuid4().hex[:8]}")
    os.replace(directory, removed)
    shutil.rmtree(removed, ignore_errors=True)


def mend_folders(parent: Path, name: str) -> None:
    """Removes what a killed process left of folders in `parent`.

    A folder that was taken away to be replaced, and was not, is put back.

    Args:
        parent: Only this process may be writing there.
        name: Regular expression of the folders' names.
    """
    for path in sorted(parent.glob(".*-????????")):
        match = re.fullmatch(
            rf"\.({name})\.(partial|old|removed)-[0-9a-f]{{8}}", path.name
        )
        if match is None or not path.is_dir():
            continue
        if match[2] == "old" and not (parent / match[1]).exists():
            os.replace(path, parent / match[1])
        else:
            shutil.rmtree(path)


def _swap(new: Path, directory: Path, old: Path) -> None:
    # A folder with content cannot be renamed over: for a moment there is none.
    with contextlib.suppress(FileNotFoundError):
        os.replace(directory, old)
    try:
        os.replace(new, directory)
    except BaseException:
        if old.exists():
            os.replace(old, directory)
        raise
    shutil.rmtree(old, ignore_errors=True)
