"""Gives the faces in photos another emotion.

Faces are found, changed and put back; all else stays as it is, pixel by pixel. Photos
are written as PNG; nothing of a file but its pixels and colour profile travels on.

examples:
  fer-keras transfer me.jpg --emotion happy
  fer-keras transfer party.jpg --emotion surprise --face 2
  fer-keras transfer photos --emotion all --out faces
  fer-keras transfer me.jpg --emotion happy=0.4,surprise=0.2
  fer-keras transfer me.jpg --emotion happy --steps 8 --animate webp
  fer-keras transfer face.png --crop --model runs/first
"""

import argparse
import glob
import os
import sys
from pathlib import Path

from fer_keras.cli.main import one_line

OUT = "transferred"
# Pixels of the written picture per pixel of a cropped face.
ZOOM = 4
# Longer side of the photos in a strip or an animation, pixels.
STRIP_SIDE = 480
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
SUFFIXES += (".heic", ".heif", ".avif")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "images", nargs="+", metavar="PHOTO", help="photos, folders, patterns"
    )
    parser.add_argument(
        "--emotion",
        default="all",
        help="a name, an id, weights such as happy=0.6,sad=0.4, where a sum below 1 "
        "goes part of the way, or all: a strip of every emotion (default)",
    )
    parser.add_argument(
        "--face", type=int, metavar="N", help="only one face; the largest is 1"
    )
    parser.add_argument(
        "--likeness",
        type=float,
        metavar="X",
        help="how much of the faces' own pixels stays, 0 and above (default: the "
        "model's)",
    )
    parser.add_argument(
        "--refine",
        type=int,
        default=0,
        metavar="N",
        help="N steps of descent after E's guess, for a closer face: slow (default 0)",
    )
    parser.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help="a strip of N photos from the face's own emotion to the asked one",
    )
    parser.add_argument(
        "--animate",
        choices=("webp", "gif"),
        help="with --steps: a picture that moves instead of a strip",
    )
    parser.add_argument(
        "--crop",
        action="store_true",
        help="the pictures are faces already: take the middle square, write the face",
    )
    parser.add_argument("--out", default=OUT, help=f"folder to write to ({OUT})")
    parser.add_argument(
        "--model", help="a SavedModel or a run's folder (default: the shipped model)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace pictures of an earlier call"
    )


def run(options: argparse.Namespace) -> None:
    from fer_keras.cli.inference import load_for_inference, load_refined
    from fer_keras.cli.trained_models import saved_model_folder

    # What needs no model comes first: a misspelt path answers at once.
    _check(options)
    folder = saved_model_folder(options.model)
    suffix = f".{options.animate}" if options.animate else ".png"
    sources = _sources(options.images)
    targets = _targets(sources, Path(options.out), suffix, options.overwrite)
    if not any(source.exists() for source in sources):
        raise ValueError(f"{sources[0]}: no such file.")

    if options.refine:
        model = load_refined(options.model, options.refine)
    else:
        model = load_for_inference(folder)
    from fer_keras.emotions import parse_emotion

    if options.emotion != "all":
        options.emotion = parse_emotion(options.emotion, model.emotions)
    change = _change_face if options.crop else _change_photo
    failures = 0
    for source, target in _with_bar(targets):
        try:
            change(model, source, target, options)
        except ValueError as error:
            if len(targets) == 1:
                raise
            failures += 1
            print(one_line(f"fer-keras transfer: {error}"), file=sys.stderr)
            continue
        print(os.fsencode(target).decode(errors="backslashreplace"))
    if failures:
        raise ValueError(f"{failures} of {len(targets)} pictures could not be changed.")


def _check(options):
    if options.crop and (options.face or options.steps):
        raise ValueError(
            "--crop takes a picture for one face: leave out --face/--steps."
        )
    if options.refine < 0:
        raise ValueError(f"--refine must be 0 or more, got {options.refine}.")
    if options.animate and not options.steps:
        raise ValueError("--animate needs --steps, the number of its pictures.")
    if options.steps is not None and options.steps < 2:
        raise ValueError(f"--steps must be 2 or more, got {options.steps}.")
    if options.steps and options.emotion == "all":
        raise ValueError("--steps needs one --emotion.")


def _change_photo(model, source, target, options):
    from fer_keras.photo import Photo

    photo = Photo.read(source)
    try:
        if options.emotion != "all" and not options.steps:
            _changed(model, photo, options.emotion, options).write(target)
            return
        _write_versions(model, photo.reduced(STRIP_SIDE), target, options)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def _write_versions(model, photo, target, options):
    from fer_keras.images import write_png
    from fer_keras.photo.strips import strip, write_animation
    from fer_keras.photo.transfer import part_of

    emotions, captions = list(model.emotions), list(model.emotions)
    if options.steps:
        shares = [step / (options.steps - 1) for step in range(1, options.steps)]
        emotions = [part_of(options.emotion, share, model.emotions) for share in shares]
        captions = [f"{share:.0%}" for share in shares]
    pictures = [photo.colours] + [
        _changed(model, photo, emotion, options).colours for emotion in emotions
    ]
    if options.animate:
        write_animation(target, pictures)
    else:
        write_png(target, strip(pictures, ["original", *captions]))


def _changed(model, photo, emotion, options):
    from fer_keras.photo import transfer_photo

    return transfer_photo(
        model, photo, emotion, options.face, likeness=options.likeness
    ).photo


def _change_face(model, source, target, options):
    """Writes the changed face, or for "all" the original beside every emotion."""
    from fer_keras.figures import emotion_grid
    from fer_keras.images import read_face, write_png
    from fer_keras.photo.transfer import gradation

    face = read_face(source, model.image_shape)[None]
    asked = {} if options.likeness is None else {"likeness": options.likeness}
    if options.emotion == "all":
        faces = model.transfer_all(face, **asked)
        write_png(target, emotion_grid(face, faces, model.emotions, zoom=ZOOM))
    else:
        # Weights that sum to less than 1 go part of the way.
        face = gradation(model, face, options.emotion, **asked)
        write_png(target, face[0], ZOOM)


def _with_bar(targets):
    """A bar for many pictures, where somebody watches."""
    if len(targets) < 2:
        return targets
    from tqdm import tqdm

    return tqdm(targets, unit="picture", disable=None)


def _sources(names):
    """Files, the pictures in folders, and what patterns that no shell took match."""
    sources = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            found = sorted(
                file for file in path.iterdir() if file.suffix.lower() in SUFFIXES
            )
        elif not os.path.lexists(path) and glob.has_magic(name):
            found = sorted(map(Path, glob.glob(name)))
        else:
            found = [path]
        if not found:
            raise ValueError(f"{name}: no pictures there.")
        sources += found
    return sources


def _targets(sources, out: Path, suffix: str, overwrite: bool):
    """Pairs each picture with the file to write; no two share one, none is lost."""
    targets, taken = [], set()
    originals = {os.path.realpath(source) for source in sources}
    for source in sources:
        name, number = f"{source.stem}{suffix}", 2
        while name in taken:
            name, number = f"{source.stem}-{number}{suffix}", number + 1
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
