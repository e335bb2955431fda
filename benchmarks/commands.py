"""Runs a command and measures what it used, its children included."""

import dataclasses
import os
import subprocess
import time


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a command used.

    Attributes:
        seconds: From start to end.
        cpu_seconds: Of all its processes and threads.
        peak_bytes: The most memory that one of its processes has held.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measured(command: list[str], **environment: str) -> Usage:
    """Runs a command, its output hidden unless it fails.

    Raises:
        RuntimeError: It failed; the message ends with its output.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output[-2000:]}")
    return Usage(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
