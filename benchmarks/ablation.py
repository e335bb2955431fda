"""What each option of the better recipe gives: added one at a time, at equal steps.

Every row is the row before it and what its name says, trained on FER2013's `train` for
as many epochs from the same seed. `fer-keras evaluate` then measures all rows on
`validation`, and a table of its scores is printed. Runs that are finished are not
trained again, so that it can be stopped and called again.

`gan` are options of G and D. `transfer` are those of E, for the G of one run.

examples:
  python -m benchmarks.ablation gan --data fer2013.tar.gz --epochs 5
  python -m benchmarks.ablation gan --data fer2013.tar.gz --epochs 5 --seed 1 --jobs 4
  python -m benchmarks.ablation transfer --gan runs/plus --data fer2013.tar.gz
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
from pathlib import Path

# name -> options of `fer-keras train`, each row's with those of the rows before it.
_GAN_ROWS = {
    "paper": [],
    "kernel 4, latent 256": ["--kernel-size", "4", "--latent-dim", "256"],
    "+ projection": ["--projection"],
    "+ conditional normalization": ["--conditioning", "normalization"],
    "+ shared augmentation": ["--augment"],
    "+ average of G, 0.999": ["--average-decay", "0.999"],
    "+ balance 0.5": ["--balance", "0.5"],
    "+ classifier, 1": ["--classifier-weight", "1"],
}
_ENCODER_ROWS = {
    "E on faces alone": ["--objective", "image"],
    "+ E(G(z|y)) = z": ["--objective", "both"],
    "+ D's features, 100": ["--feature-weight", "100"],
}
_COLUMNS = {
    "gan": {
        "kernel distance ↓": ("generation", "kernel_distance"),
        "Fréchet distance ↓": ("generation", "frechet_distance"),
        "label accuracy ↑": ("generation", "label_accuracy"),
        "coverage ↑": ("generation", "coverage"),
    },
    "transfer": {
        "inversion SSIM ↑": ("inversion", "structural_similarity"),
        "squared error ↓": ("inversion", "mean_squared_error"),
        "relative hit ↑": ("transfer", "relative_hit"),
        "rank 1 ↑": ("transfer", "rank_1"),
        "headline ↑": ("transfer", "headline"),
    },
}


def main(arguments=None):
    asked = _parse(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Else the first of several processes takes all of a GPU's memory.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    rows = _gan_runs(asked) if asked.what == "gan" else _transfer_runs(asked)
    _check_setting(asked.runs, rows)
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        trained = {
            name: pool.submit(_trained, asked.runs / _folder(name), options)
            for name, options in rows.items()
        }
    folders = {name: run.result() for name, run in trained.items()}
    record = _evaluated(asked, folders)
    print("\n".join(table(record, asked.what, rows)))


def _parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("gan", "transfer"))
    parser.add_argument("--data", required=True, metavar="PATH", help="FER2013")
    parser.add_argument("--gan", metavar="PATH", help="for transfer: whose G")
    parser.add_argument("--epochs", type=int, default=5, help="of each row")
    parser.add_argument("--width", type=int, default=64, help="of the GAN")
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--strategy", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="rows trained at a time")
    parser.add_argument("--limit", type=int, default=0, help="faces to measure on")
    parser.add_argument(
        "--faces-per-class", type=int, default=1000, help="generated ones, likewise"
    )
    parser.add_argument("--refine", type=int, default=0, help="see `evaluate`")
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"))
    asked = parser.parse_args(arguments)
    if (asked.what == "transfer") != bool(asked.gan):
        parser.error("--gan goes with transfer, and that with it")
    if asked.refine and asked.what == "gan":
        parser.error("--refine goes with transfer: G alone has no guess to refine")
    asked.runs = asked.runs / f"{asked.what}-{asked.seed}"
    return asked


def _check_setting(folder, rows):
    """Refuses to go on with runs of other options."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "rows.json"
    if file.is_file() and json.loads(file.read_text()) != rows:
        raise SystemExit(f"{file} has other options: name another folder with --runs.")
    file.write_text(json.dumps(rows, indent=1) + "\n")


def _shared(asked):
    names = ("data", "precision", "strategy", "seed")
    return [f"--{name}={getattr(asked, name)}" for name in names]


def _added_up(rows, before):
    """Yields each row's name with its options and those of the rows before it."""
    for name, options in rows.items():
        before = [*before, *options]
        yield name, before


def _gan_runs(asked):
    shared = ["--phase=gan", f"--epochs={asked.epochs}", f"--width={asked.width}"]
    return dict(_added_up(_GAN_ROWS, [*shared, *_shared(asked)]))


def _transfer_runs(asked):
    shared = ["--phase=encoder", "--gan", asked.gan, f"--encoder-epochs={asked.epochs}"]
    return dict(_added_up(_ENCODER_ROWS, [*shared, *_shared(asked)]))


def _trained(folder, options):
    """Trains a row unless it is done; returns its folder."""
    if (folder / "export" / "final").is_dir():
        return folder
    log = folder.with_suffix(".log")
    begun = ["--resume", str(folder)] if folder.is_dir() else None
    command = [sys.executable, "-m", "fer_keras.cli.main", "train"]
    with log.open("a") as said:
        status = subprocess.call(
            [*command, *(begun or ["--run", str(folder), *options])],
            stdout=said,
            stderr=said,
        )
    if status:
        raise SystemExit(f"{folder.name} has failed: {log}")
    print(f"trained: {folder}", file=sys.stderr, flush=True)
    return folder


def _evaluated(asked, folders):
    out = asked.runs / "evaluation"
    command = [sys.executable, "-m", "fer_keras.cli.main", "evaluate"]
    command += [f"{path.name}={path}" for path in folders.values()]
    command += ["--data", asked.data, "--split", "validation", "--out", str(out)]
    command += [f"--sources={asked.limit}", f"--refine={asked.refine}"]
    command += [f"--faces-per-class={asked.faces_per_class}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads((out / "evaluation.json").read_text())


def _folder(name):
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")


def table(record: dict, what: str, rows) -> list[str]:
    """Returns an evaluation's models as rows of Markdown, with 95 % half-intervals.

    Args:
        record: What `fer-keras evaluate` writes to evaluation.json.
        what: "gan" or "transfer".
        rows: Names of the rows.
    """
    names = {_folder(name): name.replace("|", "\\|") for name in rows}
    columns = _COLUMNS[what]
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for entry in record["entries"]:
        if entry["kind"] == "model":
            cells = (_cell(entry["scores"][a][b]) for a, b in columns.values())
            folder, comma, refined = entry["name"].partition(",")
            name = f"{names[folder]}{comma}{refined}"
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _cell(score):
    return f"{score['estimate']:.4g} ±{(score['high'] - score['low']) / 2:.2g}"


if __name__ == "__main__":
    main()
