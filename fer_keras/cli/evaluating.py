"""An evaluation assembled from its options: data, judges, models, pictures."""

import hashlib
import sys
from pathlib import Path

import numpy as np

from fer_keras.cli.model_pictures import face_pictures, run_pictures
from fer_keras.data import load_arrays, synthetic_truth
from fer_keras.evaluation import (
    Evaluator,
    JudgePanel,
    MeasurementStore,
    PublishedTransfers,
    evaluate,
    open_candidate,
)
from fer_keras.evaluation.opening import model_path
from fer_keras.evaluation.report import report_page
from fer_keras.evaluation.showcase import best_and_worst
from fer_keras.evaluation.store import default_folder
from fer_keras.paper_figures import pairs_figure


def evaluate_models(options, paths: dict[str, Path]):
    """Returns the evaluation and its page."""
    models = [open_candidate(path, name) for name, path in paths.items()]
    refined = _refined(paths, options.refine) if options.refine else []
    train = load_arrays(options.data, "train")
    published = (
        PublishedTransfers(options.paper_outputs, train)
        if options.paper_outputs
        else None
    )
    progress = _Progress()
    evaluator = _evaluator(options, train, progress)
    evaluation = evaluate(
        evaluator,
        [*models, *refined],
        published,
        options.train_on_generated,
        setting={
            "title": f"Evaluation: {', '.join(paths)}",
            "source": f"{Path(options.data).name}, {options.split}:",
            "models": {
                name: digest_of(model_path(path)) for name, path in paths.items()
            },
        },
    )
    progress.end()
    pictures = {
        model.name: _pictures(paths[model.name], model, evaluator, evaluation)
        for model in models
    }
    return evaluation, report_page(evaluation, pictures)


def _refined(paths, steps):
    return [
        open_candidate(path, f"{name}, {steps} steps of refinement", steps)
        for name, path in paths.items()
    ]


def _evaluator(options, train, progress) -> Evaluator:
    rows, split = _limited(load_arrays(options.data, options.split), options.limit)
    _, validation = _limited(load_arrays(options.data, "validation"), options.limit)
    truth_of = None
    if options.data == "synthetic":
        truth = synthetic_truth(options.split)[rows]
        truth_of = truth.__getitem__
    folder = None if options.no_cache else options.cache or default_folder()
    return Evaluator(
        JudgePanel.from_folder(options.judges),
        split,
        train,
        validation,
        faces_per_class=options.faces_per_class,
        resamples=options.resamples,
        store=MeasurementStore(folder),
        truth_of=truth_of,
        seed=options.seed,
        report=progress,
    )


def _limited(split, limit):
    """Returns rows spread evenly over every emotion, and the faces there."""
    images, labels = split
    count = min(limit or len(labels), len(labels))
    places = np.linspace(0, len(labels), count, endpoint=False).astype(int)
    rows = np.sort(np.argsort(labels, kind="stable")[places])
    return rows, (images[rows], labels[rows])


def _pictures(path, model, evaluator, evaluation):
    pictures = list(run_pictures(path).values())
    if not model.edits:
        return pictures
    names = evaluation.setting["emotions"]
    real = evaluator.real
    pictures += face_pictures(model, real.images, real.labels, names).values()
    (entry,) = (found for found in evaluation.entries if found.name == model.name)
    best_and_worst_edits = best_and_worst(model, real, entry.edits)
    for edits, word in zip(best_and_worst_edits, ("best", "worst"), strict=True):
        captions = [
            f"{names[source]} → {names[target]}"
            for source, target in zip(edits.from_labels, edits.to_labels, strict=True)
        ]
        png = pairs_figure(edits.sources, edits.edited, captions)
        pictures.append((png, f"The {word} transfers, by target and identity."))
    return pictures


def digest_of(path: Path) -> str:
    """Returns the SHA-256 of a file, or of all files of a folder with their names."""
    found = hashlib.sha256()
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    for file in files:
        if file.is_file():
            found.update(file.name.encode())
            with file.open("rb") as opened:
                found.update(hashlib.file_digest(opened, "sha256").digest())
    return found.hexdigest()


class _Progress:
    """Says on the terminal what is being measured, on one line; else not at all."""

    def __init__(self):
        self._shown = sys.stderr.isatty()

    def __call__(self, text: str):
        if self._shown:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def end(self):
        self("")
