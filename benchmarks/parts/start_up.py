"""From the command `fer-keras transfer` to its first picture."""

import sys
import tempfile

from benchmarks.commands import measured
from benchmarks.measuring import Spread, ratios

TITLE = "Start-up"
_COMMAND = ["-m", "fer_keras.cli.main"]


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        _python(
            "from benchmarks.candidates.transfers import export_untrained; "
            f"export_untrained({folder + '/model'!r}); "
            "import numpy; from fer_keras.images import write_png; "
            f"write_png({folder + '/face.png'!r}, "
            "numpy.full((48, 48, 1), 128, 'uint8'))"
        )
        runs = {
            "fer-keras --help": [*_COMMAND, "--help"],
            "import tensorflow": ["-c", "import tensorflow"],
            "fer-keras transfer": [
                *(
                    *_COMMAND,
                    "transfer",
                    f"{folder}/face.png",
                    "--crop",
                    "--emotion",
                    "happy",
                ),
                *("--model", f"{folder}/model", "--out", folder + "/out"),
                "--overwrite",
            ],
        }
        used = {name: [] for name in runs}
        for _ in range(max(options.rounds // 3, 2)):
            for name, command in runs.items():
                used[name].append(measured([sys.executable, *command]))
    seconds = {name: [each.seconds for each in usages] for name, usages in used.items()}
    return {
        "seconds": {name: Spread.of(values) for name, values in seconds.items()},
        "cpu_seconds": {
            name: Spread.of([each.cpu_seconds for each in usages])
            for name, usages in used.items()
        },
        "transfer_over_tensorflow": ratios(
            seconds["fer-keras transfer"], seconds["import tensorflow"]
        ),
        "peak_bytes": max(each.peak_bytes for each in used["fer-keras transfer"]),
    }


def _python(code):
    measured([sys.executable, "-c", code])


def report(result):
    lines = ["| command | seconds | CPU seconds |", "|---|---|---|"]
    for name, seconds in result["seconds"].items():
        cpu = result["cpu_seconds"][name]
        lines.append(f"| `{name}` | {seconds.text('.2f')} | {cpu.text('.2f')} |")
    return [
        *lines,
        "",
        f"A transfer takes {result['transfer_over_tensorflow'].text('.2f')} times as "
        f"long as importing TensorFlow alone, and {result['peak_bytes'] / 2**30:.2f} "
        "GiB at most.",
    ]
