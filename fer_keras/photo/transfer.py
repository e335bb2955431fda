"""Gives the faces of a photo another emotion."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fer_keras.emotions import Emotion, emotion_weights
from fer_keras.photo.alignment import aligned_face, aligning_matrix
from fer_keras.photo.blending import put_back
from fer_keras.photo.faces import Face
from fer_keras.photo.pictures import Photo


@dataclasses.dataclass(frozen=True, eq=False)
class TransferredPhoto:
    """What `transfer_photo` gives.

    Args:
        photo: Of the size of the original; `photo.array()` are its pixels.
        faces: Those that were changed, with boxes and landmarks in the photo.
        before: What the model saw, uint8 `(faces, size, size, 1)`.
        after: What it made of it.
    """

    photo: Photo
    faces: list[Face]
    before: np.ndarray
    after: np.ndarray


def transfer_photo(
    model: Any,
    photo: Any,
    emotion: Emotion,
    face: int | None = None,
    source: Emotion | None = None,
    likeness: float | None = None,
) -> TransferredPhoto:
    """Changes the emotion of the faces in a photo; pixels outside them stay.

    Args:
        model: An `EmotionTransfer`, or anything else with its `transfer`,
            `reconstruct`, `emotions` and `image_shape`.
        photo: A `Photo`, or what `Photo.read` reads.
        emotion: A name, an id, weights by name, or a list with one of these per face.
            Weights that sum to less than 1 are the strength: `{"happy": 0.4}` goes
            four tenths of the way from the face's own emotion.
        face: Which one, counted from 1, the largest. Default: all.
        source: The faces' own emotions, where strength starts. Default: for each the
            one that the model rebuilds it with best.
        likeness: How much of the faces' own pixels stays; see `EmotionTransfer`.
            Default: the model's.

    Raises:
        ValueError: The photo cannot be read or shows no face, or not so many.

    Example:
        >>> result = transfer_photo(model, "party.jpg", {"happy": 0.6}, face=1)
        >>> result.photo.write("happier.png")
    """
    photo = photo if isinstance(photo, Photo) else Photo.read(photo)
    size = _side_of(model)
    faces = chosen_faces(photo, face)
    matrices = [aligning_matrix(found, size) for found in faces]
    colours = photo.colours
    before = np.stack([aligned_face(colours, matrix, size) for matrix in matrices])
    after = gradation(model, before, emotion, source, likeness)
    picture = photo.picture.copy()
    for found, matrix, *pair in zip(faces, matrices, before, after, strict=True):
        put_back(picture, found, matrix, *pair)
    changed = Photo(picture, photo.profile)
    return TransferredPhoto(changed, faces, before, after)


def chosen_faces(photo: Photo, face: int | None = None) -> list[Face]:
    """Returns all faces of a photo, or a list of the one asked for.

    Raises:
        ValueError: There is none, or fewer than asked for.
    """
    faces = photo.faces
    if not faces:
        raise ValueError(
            "no face was found. If the picture is nothing but a face, pass --crop "
            "(in Python: read_face and transfer)."
        )
    if face is None:
        return faces
    if not 1 <= face <= len(faces):
        raise ValueError(
            f"there is no face {face}: expected 1 to {len(faces)}, the largest first."
        )
    return [faces[face - 1]]


def gradation(
    model: Any,
    faces: np.ndarray,
    emotion: Emotion,
    source: Emotion | None = None,
    likeness: float | None = None,
) -> np.ndarray:
    """Returns faces with an emotion, or part of the way to it.

    Part of the way, the label goes from the face's own emotion to the asked one, and
    the first half of the way also fades from the face itself to the model's: a model
    rebuilds no face exactly, and strength 0 is the face itself.

    Args:
        model: As for `transfer_photo`.
        faces: uint8 `(faces, size, size, 1)`.
        emotion: As for `transfer_photo`.
        source: As for `transfer_photo`.
        likeness: As for `transfer_photo`.

    Returns:
        uint8, of the shape of `faces`.
    """
    count, names = len(faces), model.emotions
    goal = emotion_weights(emotion, count, names)
    strengths = _strengths(emotion, count)
    asked = {} if likeness is None else {"likeness": likeness}
    if (strengths == 1).all():
        return model.transfer(faces, goal, **asked)
    own = (
        _own_emotions(model, faces)
        if source is None
        else emotion_weights(source, count, names)
    )
    share = strengths[:, None].astype("float32")
    after = model.transfer(faces, own + share * (goal - own), **asked)
    fade = np.minimum(2 * strengths, 1)[:, None, None, None]
    mixed = faces + fade * (after.astype("float64") - faces)
    return np.rint(mixed).astype("uint8")


def part_of(emotion: Emotion, share: float, names: Sequence[str]) -> dict[str, float]:
    """Returns an emotion with a part of its strength.

    Args:
        emotion: A name, an id or weights by name.
        share: 0 to 1.
        names: The class names in order.

    Example:
        >>> part_of("happy", 0.5, EMOTIONS)
        {'happy': 0.5}
    """
    strength = _strengths(emotion, 1)[0] * share
    weights = emotion_weights(emotion, 1, names)[0]
    return {
        name: float(strength * weight)
        for name, weight in zip(names, weights, strict=True)
        if weight
    }


def _strengths(emotion, count):
    """One number from 0 to 1 per face: weights that sum to less than 1."""
    if isinstance(emotion, Mapping):
        return np.full(count, min(sum(emotion.values()), 1.0))
    if isinstance(emotion, (list, tuple)):
        return np.concatenate([_strengths(one, 1) for one in emotion])
    return np.ones(count)


def _own_emotions(model, faces):
    """Label weights of the emotion that rebuilds each face best, `(faces, classes)`."""
    errors = [
        np.square(model.reconstruct(faces, name).astype("float32") - faces)
        for name in model.emotions
    ]
    errors = np.stack(errors, axis=1).mean(axis=(2, 3, 4))
    return np.eye(len(model.emotions), dtype="float32")[errors.argmin(axis=1)]


def _side_of(model):
    height, width, channels = model.image_shape
    if height != width or channels != 1:
        raise ValueError(
            "Photos need a model of square grey faces, got one of "
            f"{' x '.join(map(str, model.image_shape))}."
        )
    return height
