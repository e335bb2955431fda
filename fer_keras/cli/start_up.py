"""What a command does before its work: start TensorFlow, look at the machine."""

import os
import re
import sys
import tempfile
from pathlib import Path

_CPU_INFORMATION = Path("/proc/cpuinfo")
# They are written before any setting of TensorFlow's holds, on every machine
# without a GPU; what else it says, such as why a GPU goes unused, is passed on.
_NOTES = re.compile(
    r"before absl::InitializeLog|oneDNN custom operations are on"
    r"|Could not find cuda drivers|failed call to cuInit"
    r"|optimized to use available CPU instructions|in other operations, rebuild"
)


def check_backend() -> None:
    """Raises `ValueError` when Keras is told to use another backend than TensorFlow."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ValueError(
            f"The environment variable KERAS_BACKEND is {backend!r}, and this package "
            "needs TensorFlow: unset it, or set KERAS_BACKEND=tensorflow."
        )


def start_tensorflow() -> None:
    """Imports TensorFlow and looks for its devices.

    Raises:
        ValueError: Keras is told to use another backend.
    """
    check_backend()
    # Whatever ~/.keras/keras.json says.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow as tf

            # Physical ones: a strategy may still configure the logical ones.
            tf.config.list_physical_devices()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            notes.seek(0)
            for line in notes.read().decode(errors="replace").splitlines():
                if not _NOTES.search(line):
                    print(line, file=sys.stderr)


def resolved_precision(precision: str, information: Path = _CPU_INFORMATION) -> str:
    """Returns the precision that "auto" stands for on this processor, or the given one.

    Args:
        precision: Keras' name of it, or "auto".
        information: Linux' description of the processor; without one, and where it
            names no features, nothing is known.
    """
    if precision != "auto":
        return precision
    return "mixed_bfloat16" if "amx_bf16" in _features(information) else "float32"


def precision_warning(
    precision: str, information: Path = _CPU_INFORMATION
) -> str | None:
    """Returns what speaks against a precision on this processor, or None.

    Args:
        precision: Keras' name of it.
        information: As for `resolved_precision`.
    """
    features = _features(information)
    if precision != "mixed_bfloat16" or not features or "amx_bf16" in features:
        return None
    return (
        "Without a GPU, float32 is faster here than mixed_bfloat16: this processor has "
        "no AMX (amx_bf16), and a step took 1.6 times as long on such a one "
        "(benchmarks/README.md)."
    )


def _features(information):
    if not information.is_file():
        return set()
    lines = information.read_text("utf-8", errors="replace").splitlines()
    return {
        feature
        for line in lines
        if line.startswith("flags")
        for feature in line.partition(":")[2].split()
    }
