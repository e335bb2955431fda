"""What a benchmark ran on."""

import contextlib
import os
import platform
import subprocess
import time
from importlib import metadata
from pathlib import Path

_PACKAGES = ("tensorflow", "keras", "torch")


def machine() -> dict:
    """Returns processor, memory, GPU, versions, date and load of this machine."""
    versions = {"Python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        "gpu": _gpu(),
        "versions": versions,
        "date": time.strftime("%Y-%m-%d"),
        "load_average": os.getloadavg(),
    }


def _processor():
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpu():
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip().replace("\n", ", ")
