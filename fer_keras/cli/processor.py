"""What to know of this machine's processor before a long training."""

from pathlib import Path

_INFORMATION = Path("/proc/cpuinfo")


def precision_warning(precision: str, information: Path = _INFORMATION) -> str | None:
    """Returns what speaks against a precision on this processor, or None.

    Args:
        precision: Keras' name of it.
        information: Linux' description of the processor; where it is missing or names
            no features, nothing is known.
    """
    if precision != "mixed_bfloat16" or not information.is_file():
        return None
    lines = information.read_text("utf-8", errors="replace").splitlines()
    features = {
        feature
        for line in lines
        if line.startswith("flags")
        for feature in line.partition(":")[2].split()
    }
    if not features or "amx_bf16" in features:
        return None
    return (
        "Without a GPU, float32 is faster here than mixed_bfloat16: this processor has "
        "no AMX (amx_bf16), and a step took 1.6 times as long on such a one "
        "(benchmarks/README.md)."
    )
