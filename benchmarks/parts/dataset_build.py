"""Building the TFDS dataset, and reading the file without TFDS.

The real archive when FER2013_DIR names its folder, else a CSV of drawn faces.
"""

import os
import sys
import tempfile

from benchmarks.commands import measured
from benchmarks.measuring import Spread

TITLE = "Dataset"
_SPLITS = {"Training": 28709, "PublicTest": 3589, "PrivateTest": 3589}


def measure(options):
    splits = {name: count // 10 for name, count in _SPLITS.items()}
    with tempfile.TemporaryDirectory() as folder:
        source = os.environ.get("FER2013_DIR")
        drawn = source is None
        if drawn:
            source = folder
            _python(
                "from fer_keras.synthetic_faces import write_csv; "
                f"write_csv({folder + '/fer2013.csv'!r}, {splits})"
            )
        read = (
            "from fer_keras.data import load_arrays; "
            f"[load_arrays({source!r}, split) "
            "for split in ('train', 'validation', 'test')]"
        )
        build = (
            "from tensorflow_datasets.scripts.cli.main import launch_cli; launch_cli()"
        )
        runs = {
            "tfds build": [
                *("-c", build, "build", "tfds_fer2013", "--overwrite"),
                *("--manual_dir", source, "--data_dir", f"{folder}/built"),
            ],
            "load_arrays, every split": ["-c", read],
            "only its imports": ["-c", "import fer_keras.data"],
        }
        rounds = 1 if options.quick else 3
        used = {
            name: [measured([sys.executable, *command]) for _ in range(rounds)]
            for name, command in runs.items()
        }
    return {
        "source": "drawn faces, a tenth of FER2013's number" if drawn else "FER2013",
        "runs": {
            name: {
                "cpu_seconds": Spread.of([each.cpu_seconds for each in usages]),
                "seconds": Spread.of([each.seconds for each in usages]),
                "peak_bytes": max(each.peak_bytes for each in usages),
            }
            for name, usages in used.items()
        },
    }


def _python(code):
    measured([sys.executable, "-c", code])


def report(result):
    lines = [
        f"Of {result['source']}.",
        "",
        "| | CPU seconds | seconds | peak memory, GiB |",
        "|---|---|---|---|",
    ]
    for name, found in result["runs"].items():
        lines.append(
            f"| {name} | {found['cpu_seconds'].text('.1f')} | "
            f"{found['seconds'].text('.1f')} | {found['peak_bytes'] / 2**30:.2f} |"
        )
    return lines
