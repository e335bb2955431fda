"""Makes the paper's figures from a run: samples over epochs, originals and happy
faces, the same faces in all seven emotions, and the curves of the training.

RUN is a run's folder; from a SavedModel or a .keras file come figures 6 and 7.

examples:
  fer-keras figures runs/first
  fer-keras figures saved_models/plus --data fer2013.tar.gz --out figures
"""

import argparse
import sys
from pathlib import Path

from fer_keras.cli.run_folder import RunFolder
from fer_keras.cli.start_up import start_tensorflow
from fer_keras.config import TrainingOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's folder, or a model")
    parser.add_argument(
        "--data", metavar="PATH", help="the faces to change (default: the run's data)"
    )
    parser.add_argument(
        "--split",
        default="test",
        choices=("test", "validation", "train"),
        help="the faces to change (default test)",
    )
    parser.add_argument(
        "--out", metavar="DIR", help="default: figures in the run's folder"
    )


def run(arguments: argparse.Namespace) -> None:
    path = Path(arguments.run)
    if not path.exists():
        raise ValueError(f"{path}: no such file or folder.")
    data = arguments.data or _data_of(path)
    out = Path(arguments.out or (path / "figures" if path.is_dir() else "figures"))

    start_tensorflow()
    from fer_keras.cli.model_pictures import face_pictures, run_pictures
    from fer_keras.data import describe, load_arrays
    from fer_keras.evaluation import open_model

    pictures = run_pictures(path)
    model = open_model(path)
    if model.edits:
        info = describe(data)
        faces = load_arrays(data, arguments.split, image_shape=info.image_shape)
        pictures |= face_pictures(model, *faces, info.class_names)
    else:
        print("No encoder yet: figures 6 and 7 need one.", file=sys.stderr)
    out.mkdir(parents=True, exist_ok=True)
    for name, (png, caption) in pictures.items():
        (out / name).write_bytes(png)
        print(f"{out / name}  {caption}")


def _data_of(path: Path) -> str:
    if not (path / "run.json").is_file():
        raise ValueError(f"{path} is no run's folder: name the faces with --data.")
    return RunFolder.open(path).options(TrainingOptions).data
