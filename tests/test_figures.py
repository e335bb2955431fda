"""Pictures of faces with captions."""

import numpy as np
import pytest

from fer_keras.emotions import EMOTIONS
from fer_keras.figures import emotion_grid


def _faces(*shape):
    return np.random.default_rng(0).integers(0, 200, shape).astype("uint8")


@pytest.mark.parametrize("zoom", [1, 3])
@pytest.mark.parametrize("row_names", [None, ["happy", "sad"]])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_face_is_where_it_belongs(zoom, row_names, channels):
    originals = _faces(2, 48, 48, channels)
    transferred = _faces(2, 7, 48, 48, channels) + 55
    grid = emotion_grid(originals, transferred, EMOTIONS, row_names, zoom)
    assert grid.dtype == np.uint8
    margin = 50 if row_names else 0
    assert grid.shape == ((14 + 98) * zoom, (margin + 54 + 7 * 50 - 2) * zoom, channels)
    for row in range(2):
        top = 14 + 50 * row
        lefts = [margin] + [margin + 54 + 50 * column for column in range(7)]
        for left, face in zip(lefts, [originals[row], *transferred[row]], strict=True):
            place = grid[top * zoom : (top + 48) * zoom]
            place = place[:, left * zoom : (left + 48) * zoom]
            assert (place == face.repeat(zoom, 0).repeat(zoom, 1)).all()


def test_captions_are_drawn_over_every_column_and_beside_every_row():
    white = np.full((2, 48, 48, 1), 255, "uint8")
    grid = emotion_grid(white, white[:, None].repeat(7, 1), EMOTIONS, ["fear", "sad"])
    lefts = [50] + [104 + 50 * column for column in range(7)]
    strips = [grid[:14, left : left + 48] for left in lefts]
    assert all(strip.min() < 100 for strip in strips)
    assert grid[:14, :50].min() == 255
    assert grid[14:62, :48].min() < 100
    assert grid[64:112, :48].min() < 100
    assert grid[14:, 50:].min() == 255


def test_long_captions_shrink_into_narrow_columns():
    white = np.full((1, 30, 30, 1), 255, "uint8")
    grid = emotion_grid(white, white[:, None].repeat(2, 1), ["surprise", "neutral"])
    assert grid[:14].min() < 150
    assert (grid[:, 30:36] == 255).all()


def test_float_faces_are_drawn_as_their_grey_levels():
    faces = np.zeros((1, 48, 48, 1), "float32")
    grid = emotion_grid(faces, faces[:, None].repeat(7, 1), EMOTIONS)
    assert (grid[14:, :48] == 128).all()


def test_no_faces():
    none = np.zeros((0, 48, 48, 1), "uint8")
    grid = emotion_grid(none, np.zeros((0, 7, 48, 48, 1), "uint8"), EMOTIONS)
    assert grid.shape[0] == 14


def test_what_does_not_fit():
    faces = _faces(2, 48, 48, 1)
    with pytest.raises(ValueError, match=r"shape \(2, 7, 48, 48, 1\)"):
        emotion_grid(faces, faces[:, None], EMOTIONS)
    with pytest.raises(ValueError, match="Expected 2 row names, got 1"):
        emotion_grid(faces, faces[:, None].repeat(7, 1), EMOTIONS, ["sad"])
