"""Files that a reader sees whole or not at all, their hashes, and a folder's lock."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import filelock


@contextlib.contextmanager
def replaced_file(path: str | Path) -> Iterator[Path]:
    """Gives the path of a new file to write, which then takes the place of `path`.

    The new file stands beside it under a hidden name, is synced to the disk and
    renamed. When an error ends the `with`, it is removed and `path` is as it was.

    Args:
        path: May exist. Its folder must.

    Example:
        >>> with replaced_file("card.json") as aside:
        ...     aside.write_text("{}")
    """
    path = Path(path)
    aside = path.with_name(f".{path.name}.partial")
    try:
        yield aside
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
    _sync_folder(path.parent)


def write_json(path: str | Path, value: Any, indent: int | None = 1) -> None:
    """Writes a value as JSON, wholly or not at all; an earlier file is replaced."""
    text = json.dumps(value, indent=indent, ensure_ascii=False) + "\n"
    with replaced_file(path) as aside:
        aside.write_text(text, "utf-8")


def _sync_folder(folder):
    """Makes a renaming last through a power failure, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def replaced_folder(directory: str | Path, own: Iterable[str]) -> Iterator[Path]:
    """Gives a new empty folder to fill, which then takes the place of `directory`.

    The new folder stands beside it under a hidden name until it is complete. When
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


def sha256_of(path: str | Path) -> str:
    """Returns the SHA-256 of a file in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_of_card(card: Path) -> dict[str, str]:
    """Returns the hashes that a card names; one that was not packed names none."""
    try:
        hashes = json.loads(card.read_text("utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return hashes if isinstance(hashes, dict) else {}


def check_hashes(folder: Path, hashes: dict[str, str]) -> None:
    """Checks the files of a folder.

    Args:
        folder: Where they are.
        hashes: Their SHA-256 by path within the folder.

    Raises:
        ValueError: One is missing or differs.
    """
    for name, expected in hashes.items():
        path = folder / name
        if not path.is_file():
            raise ValueError(f"{folder} is not whole: {name} is missing.")
        if sha256_of(path) != expected:
            raise ValueError(
                f"{path} is not the file that its card describes: fetch {folder} again."
            )


class FolderLock:
    """Holds a folder for this process until it is closed or the process ends.

    The operating system holds the lock, so that a killed run leaves none behind. A
    file beside it tells who holds it.

    Args:
        folder: The folder, made if it is not there.

    Raises:
        ValueError: Another run holds it.
        OSError: The folder cannot be made or written to.

    Example:
        >>> with FolderLock("runs/first"):
        ...     train()
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        holder = self.folder / ".lock-holder.json"
        # Two locks of one process exclude each other too.
        self._lock = filelock.FileLock(self.folder / ".lock", thread_local=False)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
            about = {
                "process": os.getpid(),
                "machine": socket.gethostname(),
                "since": time.strftime("%Y-%m-%d %H:%M:%S"),
            }
            holder.write_text(json.dumps(about), "utf-8")
        except filelock.Timeout:
            raise ValueError(
                f"{self.folder} is in use by another run ({_description(holder)}). "
                "Wait until it ends, or name another folder."
            ) from None
        except OSError as error:
            raise OSError(
                error.errno,
                f"Cannot write to the folder {self.folder} ({error.strerror})",
            ) from error

    def close(self) -> None:
        """Gives the folder free."""
        self._lock.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _description(holder):
    try:
        about = json.loads(holder.read_text("utf-8"))
        return (
            f"process {about['process']} on {about['machine']} since {about['since']}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "which has not said who it is"
