"""Runs the whole of it on drawn faces, in five minutes and without a download.

Trains G and D, then E, exports a SavedModel, loads it, gives faces that were not
trained on all seven emotions, and measures how close they come to the truth,
which for drawn faces is known.

example:
  fer-keras demo --out demo
"""

import argparse
import dataclasses
import shutil
import sys
import time
from pathlib import Path

from fer_keras.cli.run_folder import RunFolder
from fer_keras.cli.start_up import start_tensorflow
from fer_keras.config import TrainingOptions

# Found by trying: the narrowest networks whose mouths still open. Twice the
# paper's learning rate and more, since only minutes are spent.
RECIPE = TrainingOptions(
    data="synthetic",
    width=16,
    learning_rate=5e-4,
    epochs=55,
    encoder_epochs=45,
    export_every=100,
)
# Seconds for each phase, so that a slow machine also ends in time.
TIME_LIMITS = {"gan": 165, "encoder": 70}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", default="demo", help="folder to write to (demo)")
    parser.add_argument("--seed", type=int, default=0, help="for all that is drawn")


def run(arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    out = _fresh_folder(Path(arguments.out))
    options = dataclasses.replace(RECIPE, seed=arguments.seed)
    folder = RunFolder.create(out, options, demo=True)
    print("Drawing faces and training on them; this takes minutes.", file=sys.stderr)

    start_tensorflow()
    from fer_keras.cli.training import train_run

    train_run(folder, options, TIME_LIMITS)
    picture = _report(folder)
    print(f"\nDone in {time.monotonic() - started:.0f} s.")
    print(f"Originals beside their seven emotions: {picture}")


def _fresh_folder(out: Path) -> Path:
    """Clears what an earlier demo left; anything else is not ours to remove."""
    if out.is_dir() and any(out.iterdir()):
        ours = (out / "run.json").is_file() and RunFolder(out).record.get("demo")
        if not ours:
            raise ValueError(
                f"{out} exists and is no earlier demo's folder: name another --out."
            )
        shutil.rmtree(out)
    return out


def _report(folder: RunFolder) -> Path:
    """Transfers unseen faces with the exported model and compares with the truth."""
    from fer_keras.data import load_arrays, synthetic_truth
    from fer_keras.export.loaded_model import load_transfer
    from fer_keras.figures import emotion_grid
    from fer_keras.images import write_png
    from fer_keras.metrics import mean_squared_error, structural_similarity

    faces, _ = load_arrays("synthetic", "test")
    truth = synthetic_truth("test")
    model = load_transfer(folder.export / "final")
    transferred = model.transfer_all(faces)
    mean_face = load_arrays("synthetic", "train")[0].mean(axis=0).round()
    guesses = {
        "this model": transferred,
        "the mean face": mean_face.astype("uint8")[None, None],
        "the face unchanged": faces[:, None],
    }
    lines = ["How close 350 unseen faces come to the truth, over all seven emotions:"]
    lines.append(f"{'':20}  error of a grey level (RMS)   structural similarity")
    for name, guess in guesses.items():
        flat = _flat(guess, truth.shape)
        error = mean_squared_error(_flat(truth, truth.shape), flat).mean() ** 0.5
        similarity = structural_similarity(_flat(truth, truth.shape), flat).mean()
        lines.append(f"{name:20}  {error:>27.1f}   {similarity:>21.3f}")
    print("\n" + "\n".join(lines))
    (folder.path / "demo.txt").write_text("\n".join(lines) + "\n")
    grid = emotion_grid(faces[:12], transferred[:12], model.emotions, zoom=2)
    return write_png(folder.path / "emotions.png", grid)


def _flat(images, shape):
    import numpy as np

    return np.broadcast_to(images, shape).reshape(-1, *shape[2:])
