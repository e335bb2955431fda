"""Gives the faces in pictures another emotion.

Each picture should show one face that fills it: it is cut to a square, turned
grey and brought to the model's size.

examples:
  fer-keras transfer me.jpg --emotion happy
  fer-keras transfer *.png --emotion all --out faces
  fer-keras transfer me.jpg --emotion happy=0.6,surprise=0.4 --model runs/first
"""

import argparse
import os
import sys
from pathlib import Path

from fer_keras.cli.main import one_line
from fer_keras.cli.start_up import start_tensorflow

OUT = "transferred"
# Pixels of the written picture per pixel of a face.
ZOOM = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="pictures of faces")
    parser.add_argument(
        "--emotion",
        default="all",
        help="a name, an id, weights such as happy=0.6,sad=0.4, or all (default)",
    )
    parser.add_argument("--out", default=OUT, help=f"folder to write to ({OUT})")
    parser.add_argument(
        "--model", help="a SavedModel or a run's folder (default: the shipped model)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace pictures of an earlier call"
    )


def run(options: argparse.Namespace) -> None:
    # What needs no TensorFlow comes first: a misspelt path answers at once.
    from fer_keras.cli.trained_models import saved_model_folder

    folder = saved_model_folder(options.model)
    targets = _targets(options.images, Path(options.out), options.overwrite)

    if not any(source.exists() for source, _ in targets):
        raise ValueError(f"{targets[0][0]}: no such file.")
    start_tensorflow()
    from fer_keras.emotions import parse_emotion
    from fer_keras.export.loaded_model import load_transfer
    from fer_keras.images import read_face, write_png

    model = load_transfer(folder)
    emotion = (
        options.emotion
        if options.emotion == "all"
        else parse_emotion(options.emotion, model.emotions)
    )
    failures = 0
    for source, target in targets:
        try:
            face = read_face(source, model.image_shape)
        except ValueError as error:
            if len(targets) == 1:
                raise
            failures += 1
            print(one_line(f"fer-keras transfer: {error}"), file=sys.stderr)
            continue
        write_png(target, _picture(model, face, emotion))
        print(os.fsencode(target).decode(errors="backslashreplace"))
    if failures:
        raise ValueError(f"{failures} of {len(targets)} pictures could not be read.")


def _picture(model, face, emotion):
    """Returns the transferred face, or for "all" the original beside every emotion."""
    from fer_keras.figures import emotion_grid

    if emotion != "all":
        face = model.transfer(face[None], emotion)[0]
        return face.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)
    transferred = model.transfer_all(face[None])
    return emotion_grid(face[None], transferred, model.emotions, zoom=ZOOM)


def _targets(sources, out: Path, overwrite: bool):
    """Pairs each picture with the file to write; no two share one, none is lost."""
    targets, taken = [], set()
    sources = [Path(source) for source in sources]
    originals = {os.path.realpath(source) for source in sources}
    for source in sources:
        name, number = f"{source.stem}.png", 2
        while name in taken:
            name, number = f"{source.stem}-{number}.png", number + 1
        taken.add(name)
        target = out / name
        if os.path.realpath(target) in originals:
            raise ValueError(
                f"{target} is one of the pictures themselves: name another --out."
            )
        # A link to nothing is something too.
        if os.path.lexists(target) and not overwrite:
            raise ValueError(
                f"{target} exists already. Pass --overwrite, or another --out."
            )
        targets.append((source, target))
    return targets
