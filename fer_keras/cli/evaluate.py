"""Measures models beside controls that need no model, by fixed judges.

Generated faces, the encoder's inversion and the transfer to every other emotion are
scored with 95 % intervals, and models are compared face by face. OUT then holds
report.html (one page with everything, pictures too), evaluation.json and
evaluation.txt. What it means: docs/evaluation.md.

A MODEL is a run's folder, a SavedModel or a .keras file; NAME=PATH names it. The
first is what the others are compared with.

examples:
  fer-keras evaluate runs/first --data fer2013.tar.gz
  fer-keras evaluate paper=runs/paper plus=saved_models/plus --data data --out scores
  fer-keras evaluate runs/first --data data --split validation --limit 500
  fer-keras evaluate plus=saved_models/plus --data data --limit 500 --refine 100
"""

import json
import sys
from pathlib import Path

from fer_keras.cli.quiet_tensorflow import start_tensorflow

OUT = "evaluation"


def add_arguments(parser):
    parser.add_argument("models", nargs="+", metavar="MODEL", help="what to measure")
    parser.add_argument(
        "--data",
        required=True,
        metavar="PATH",
        help="FER2013: its archive, its CSV, a folder with one, a TFDS data "
        "directory, or synthetic for drawn faces",
    )
    parser.add_argument(
        "--split",
        default="test",
        choices=("test", "validation", "train"),
        help="the faces to measure on (default test)",
    )
    parser.add_argument("--out", default=OUT, metavar="DIR", help=f"default {OUT}")
    parser.add_argument(
        "--judges", metavar="DIR", help="other judges than the shipped ones"
    )
    parser.add_argument(
        "--paper-outputs",
        metavar="DIR",
        help="the pictures that the paper's authors published, for a row of their own",
    )
    parser.add_argument(
        "--train-on-generated",
        action="store_true",
        help="also train a classifier on each row's faces: minutes a row",
    )
    parser.add_argument(
        "--faces-per-class",
        type=int,
        default=1000,
        metavar="N",
        help="generated faces of each emotion (default 1000)",
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=0,
        metavar="N",
        help="so many faces of the split, spread over it, to try things; 0: all",
    )
    parser.add_argument(
        "--resamples",
        type=int,
        default=1000,
        metavar="N",
        help="bootstrap draws behind an interval (default 1000)",
    )
    parser.add_argument(
        "--refine",
        type=int,
        default=0,
        metavar="N",
        help="measure each model again, with N steps of descent on z after E's guess",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default 0)")
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="keeps what is the same each time (default: the user's cache folder)",
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="measure everything anew"
    )


def run(arguments):
    _check(arguments)
    start_tensorflow()
    from fer_keras.cli.evaluating import evaluate_models

    evaluation, page = evaluate_models(arguments, named_paths(arguments.models))
    from fer_keras.evaluation.text_tables import evaluation_text

    text = evaluation_text(evaluation)
    record = json.dumps(evaluation.as_json(), indent=1, allow_nan=False) + "\n"
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("evaluation.json", record),
        ("evaluation.txt", text),
        ("report.html", page),
    ):
        (out / name).write_text(content, "utf-8")
    print(text)
    print(f"The report: {out / 'report.html'}", file=sys.stderr)


def _check(arguments):
    for name, least in (
        ("faces_per_class", 10),
        ("limit", 0),
        ("resamples", 10),
        ("seed", 0),
        ("refine", 0),
    ):
        value = getattr(arguments, name)
        if value < least:
            flag = f"--{name.replace('_', '-')}"
            raise ValueError(f"{flag} must be {least} or more, got {value}.")
    for name in ("judges", "paper_outputs"):
        folder = getattr(arguments, name)
        if folder and not Path(folder).is_dir():
            raise ValueError(f"{folder}: no such folder.")


def named_paths(texts) -> dict[str, Path]:
    """Returns the models' paths by name, from `PATH` and `NAME=PATH`.

    Raises:
        ValueError: There is nothing at a path, or two models have one name.
    """
    found = {}
    for text in texts:
        path, (before, sign, after) = Path(text), text.partition("=")
        name = path.stem if path.suffix == ".keras" else path.resolve().name
        if not path.exists() and sign:
            name, path = before, Path(after)
        if not path.exists():
            raise ValueError(f"{path}: no such file or folder.")
        if name in found:
            raise ValueError(
                f"Two models are called {name!r}: name them, as in first={path}."
            )
        found[name] = path
    return found
