"""Measures models beside controls that need no model, by fixed judges.

The transfer to every other emotion, the encoder's inversion and generated faces are
scored with 95 % intervals, and models are compared face by face. OUT then holds
report.html (one page with everything, pictures too), evaluation.json and
evaluation.txt. What it means: docs/evaluation.md.

A MODEL is a run's folder, a SavedModel or a .keras file; NAME=PATH names it. The
first is what the others are compared with.

examples:
  fer-keras evaluate runs/first --data fer2013.tar.gz
  fer-keras evaluate paper=runs/paper plus=saved_models/plus --data data --out scores
  fer-keras evaluate runs/first --data data --split validation --sources 100
  fer-keras evaluate plus=saved_models/plus --data data --refine 100
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_keras.cli.start_up import start_tensorflow

OUT = "evaluation"
_PAIRS = "the face above, below it the edit."
_NUMBERS = {
    "sources": (400, 0, "faces of the split to change, a fixed sample; 0: all"),
    "faces-per-class": (400, 10, "generated faces of each emotion"),
    "resamples": (1000, 10, "bootstrap draws behind an interval"),
    "refine": (0, 0, "measure each model again, with N steps of descent on z"),
    "seed": (0, 0, "of the noise"),
}
_PATHS = {
    "judges": "other emotion judges than the shipped ones: NAME.keras with NAME.json",
    "paper-outputs": "the pictures that the paper's authors published, for a table of "
    "their own",
    "ferplus": "FER+'s fer2013new.csv (default: where it stands beside the archive)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
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
    for name, help_text in _PATHS.items():
        parser.add_argument(f"--{name}", metavar="PATH", help=help_text)
    for name, (default, _, help_text) in _NUMBERS.items():
        parser.add_argument(
            f"--{name}",
            type=int,
            default=default,
            metavar="N",
            help=f"{help_text} (default {default})",
        )
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="keeps what the judges see in real faces and controls (default: the "
        "user's cache folder)",
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="look at everything anew"
    )


def run(arguments: argparse.Namespace) -> None:
    _check(arguments)
    paths = named_paths(arguments.models)
    start_tensorflow()
    from fer_keras.evaluation import open_model
    from fer_keras.evaluation.tables import evaluation_text
    from fer_keras.files import write_json

    models = [open_model(path, name) for name, path in paths.items()]
    evaluator, found = _evaluate(arguments, paths, models)
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    text = evaluation_text(found)
    # The numbers are safe before the pictures are made.
    write_json(out / "evaluation.json", found.as_json())
    (out / "evaluation.txt").write_text(text, "utf-8")
    print(text)
    page = _page(paths, models, evaluator, found)
    (out / "report.html").write_text(page, "utf-8")
    print(f"The report: {out / 'report.html'}", file=sys.stderr)


def _check(arguments):
    for name, (_, least, _) in _NUMBERS.items():
        value = getattr(arguments, name.replace("-", "_"))
        if value < least:
            raise ValueError(f"--{name} must be {least} or more, got {value}.")
    for name in _PATHS:
        path = getattr(arguments, name.replace("-", "_"))
        if path and not Path(path).exists():
            raise ValueError(f"{path}: no such file or folder.")


def named_paths(texts: Sequence[str]) -> dict[str, Path]:
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


def _evaluate(options, paths, models):
    """Returns the evaluator and what it found."""
    from fer_keras.data import load_arrays
    from fer_keras.evaluation import (
        PublishedPictures,
        evaluate,
        open_model,
        sha256_of_model,
    )

    steps = options.refine
    refined = [
        open_model(path, f"{name}, {steps} steps of refinement", steps)
        for name, path in paths.items()
        if steps
    ]
    train = load_arrays(options.data, "train")
    folder = options.paper_outputs
    progress = _Progress()
    evaluator = _evaluator(options, train, progress)
    found = evaluate(
        evaluator,
        [*models, *refined],
        PublishedPictures(folder, train) if folder else None,
        setting={
            "title": f"Evaluation: {', '.join(paths)}",
            "source": f"{Path(options.data).name}, {options.split}:",
            "models": {name: sha256_of_model(path) for name, path in paths.items()},
        },
    )
    progress.end()
    return evaluator, found


def _page(paths, models, evaluator, found):
    from fer_keras.evaluation.plots import trade_off_figure
    from fer_keras.evaluation.report import report_page
    from fer_keras.figures import png_of

    entries = {entry.name: entry for entry in found.entries}
    pictures = {
        model.name: _pictures(
            paths[model.name], model, evaluator, entries[model.name].edits
        )
        for model in models
    }
    return report_page(found, png_of(trade_off_figure(found.entries)), pictures)


def _evaluator(options, train, progress):
    from fer_keras.data import describe, load_arrays, synthetic_truth
    from fer_keras.data.ferplus import ferplus_file, plurality_labels
    from fer_keras.evaluation import Evaluator, JudgeSet

    split = load_arrays(options.data, options.split)
    drawn = options.data == "synthetic"
    ferplus = options.ferplus or (None if drawn else ferplus_file(options.data))
    cache = None if options.no_cache else options.cache or _default_cache()
    return Evaluator(
        JudgeSet.load(options.judges, cache),
        split,
        train,
        sources=options.sources,
        faces_per_class=options.faces_per_class,
        resamples=options.resamples,
        seed=options.seed,
        ferplus=ferplus and plurality_labels(ferplus, options.split, len(split[1])),
        emotions=describe(options.data).class_names,
        truth_of=synthetic_truth(options.split).__getitem__ if drawn else None,
        report=progress,
    )


def _default_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "fer_keras" / "evaluation"


def _pictures(path, model, evaluator, record):
    from fer_keras.cli.model_pictures import face_pictures, run_pictures
    from fer_keras.evaluation.showcase import best_median_and_worst
    from fer_keras.figures import pairs_figure

    pictures = list(run_pictures(path).values())
    if not model.edits:
        return pictures
    names, real = evaluator.emotions, evaluator.real
    pictures += face_pictures(model, real.images, real.labels, names).values()
    shown = best_median_and_worst(model, real, evaluator.rows, record)
    for word, edits in shown.items():
        rows = zip(edits.from_labels, edits.to_labels, edits.distances, strict=True)
        captions = [
            f"{names[a]} → {names[b]}\n{distance:.2f}" for a, b, distance in rows
        ]
        png = pairs_figure(edits.sources, edits.edited, captions)
        pictures.append((png, f"The {word} edits by identity distance: {_PAIRS}"))
    return pictures


class _Progress:
    """Says on stderr what is being measured: one line that changes, or a line each."""

    def __init__(self):
        self._terminal = sys.stderr.isatty()
        self._last = None

    def __call__(self, text: str):
        what = text.partition(":")[0]
        if self._terminal:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif what != self._last:
            print(what, file=sys.stderr, flush=True)
        self._last = what

    def end(self):
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
