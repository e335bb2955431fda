"""One run at a time in a folder."""

import json
import os
import socket
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Not on Windows: there two runs are not kept apart.
    fcntl = None

_NAME = ".lock"


class FolderLock:
    """Holds a folder for this process until it is closed or the process ends.

    The operating system holds the lock, so that a killed run leaves none behind; the
    lock's file only tells who holds it.

    Args:
        folder: The folder, made if it is not there.

    Raises:
        ValueError: Another run holds it.
        OSError: The folder cannot be made or written to.

    Example:
        >>> with FolderLock("runs/first"):
        ...     train()
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = (self.folder / _NAME).open("a+")
            self._lock()
            self._sign()
        except OSError as error:
            raise OSError(
                error.errno,
                f"Cannot write to the folder {self.folder} ({error.strerror})",
            ) from error

    def _lock(self):
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read()
            self._file.close()
            raise ValueError(
                f"{self.folder} is in use by another run ({_description(holder)}). "
                "Wait until it ends, or name another folder."
            ) from None

    def _sign(self):
        about = {
            "process": os.getpid(),
            "machine": socket.gethostname(),
            "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        }
        self._file.truncate(0)
        self._file.write(json.dumps(about))
        self._file.flush()

    def close(self):
        """Gives the folder free; the file stays, since others may be opening it."""
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _description(holder):
    try:
        about = json.loads(holder)
        return (
            f"process {about['process']} on {about['machine']} since {about['since']}"
        )
    except (ValueError, KeyError, TypeError):
        return "which has not said who it is"
