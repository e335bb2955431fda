"""Measures everything that `make bench` promises, prints it and writes JSON.

examples:
  python -m benchmarks.run
  python -m benchmarks.run --quick --only training inference
  python -m benchmarks.run --readme        # also puts the figures into the README
"""

import argparse
import dataclasses
import importlib
import json
import os
import time
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.options import Options
from benchmarks.readme import replace_figures

# In this order: what others compare with comes first.
PARTS = (
    "training",
    "step_profile",
    "inference",
    "start_up",
    "scaling",
    "gpu",
)
_FOLDER = Path(__file__).parent


def main(arguments=None):
    asked = _parse(arguments)
    options = Options(
        quick=asked.quick, precisions=tuple(asked.precision), batch=asked.batch
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Else the first candidate's process takes all of a GPU's memory.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    results = {"machine": machine(), "options": dataclasses.asdict(options)}
    lines = [f"Measured on {_sentence(results['machine'])}."]
    print(lines[0], flush=True)
    for name in asked.only:
        if name == "gpu" and not results["machine"]["gpu"]:
            print("\nNo GPU here: its part is left out.", flush=True)
            continue
        part = importlib.import_module(f"benchmarks.parts.{name}")
        results[name] = part.measure(options)
        section = ["", f"### {part.TITLE}", "", *part.report(results[name])]
        print("\n".join(section), flush=True)
        lines += section
        _write(asked.out, results)
    print(f"\n{asked.out}")
    if asked.readme:
        replace_figures(_FOLDER / "README.md", lines)


def _parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: minutes")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--precision", nargs="+", default=["float32", "mixed_bfloat16"], metavar="NAME"
    )
    parser.add_argument("--batch", type=int, default=64)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    parser.add_argument(
        "--out", type=Path, default=_FOLDER / "results" / f"{stamp}.json"
    )
    parser.add_argument(
        "--readme", action="store_true", help="put the figures into README.md"
    )
    return parser.parse_args(arguments)


def _sentence(found):
    versions = ", ".join(
        f"{name} {found['versions'][name]}" for name in found["versions"]
    )
    loads = found["load_average"]
    return (
        f"{found['processor']}, {found['cores']} cores, {found['memory_gib']:.0f} GiB"
        f"{', ' + found['gpu'] if found['gpu'] else ''}; {versions}; load before the "
        f"start {loads[0]:.1f}; {found['date']}"
    )


def _write(path, results):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2, default=dataclasses.asdict) + "\n")


if __name__ == "__main__":
    main()
