"""Figures: faces under captions, the paper's figures and curves, the right parts."""

import io

import numpy as np
import pytest
from PIL import Image

from fer_keras.emotions import EMOTIONS
from fer_keras.figures import (
    before_and_after_figure,
    curves_figure,
    emotion_grid,
    emotions_figure,
    epochs_figure,
    pairs_figure,
    png_of_picture,
)


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


def _opened(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def _grey(level, *shape):
    return np.full(shape, level, "uint8")


def _share(picture, level):
    return np.mean(picture == level)


def test_epochs_stand_side_by_side_in_rows_of_three():
    levels = (10, 60, 110, 160)
    pictures = [_grey(level, 96, 96, 1) for level in levels]
    picture = _opened(epochs_figure(pictures, ["a", "b", "c", "d"]))
    places = [
        np.argwhere(picture == level).mean(axis=0) for level in (10, 60, 110, 160)
    ]
    assert places[0][1] < places[1][1] < places[2][1]
    assert places[3][0] > places[0][0]
    assert abs(places[3][1] - places[0][1]) < 2


def test_originals_stand_left_of_the_decoded():
    originals, decoded = _grey(40, 64, 48, 48, 1), _grey(200, 64, 48, 48, 1)
    picture = _opened(before_and_after_figure(originals, decoded))
    middle = picture.shape[1] // 2
    assert _share(picture[:, :middle], 40) > 0.8
    assert _share(picture[:, middle:], 200) > 0.8


def test_every_emotion_is_a_cluster_of_its_own():
    levels = np.arange(7, dtype="uint8") * 30 + 5
    edited = np.broadcast_to(levels[None, :, None, None, None], (64, 7, 48, 48, 1))
    picture = _opened(emotions_figure(np.ascontiguousarray(edited), "abcdefg"))
    shares = [_share(picture, level) for level in levels]
    assert min(shares) > 0.05
    assert max(shares) < 1.2 * min(shares)


def test_each_face_stands_above_its_edit():
    sources, edited = _grey(40, 3, 48, 48, 1), _grey(200, 3, 48, 48, 1)
    picture = _opened(pairs_figure(sources, edited, ["a", "b", "c"]))
    rows = [np.argwhere(picture == level)[:, 0] for level in (40, 200)]
    assert rows[0].max() < rows[1].min()


def test_curves_draw_validation_beside_training():
    alone = _opened(curves_figure({"loss": [3.0, 2.0, 1.0]}))
    both = _opened(curves_figure({"loss": [3.0, 2.0, 1.0], "val_loss": [3, 3, 2.9]}))
    assert alone.shape == both.shape
    assert (both < 250).sum() > (alone < 250).sum()
    # NaN, as a diverged loss is logged, is a gap and no error.
    curves_figure({"loss": [np.nan, 2.0, 1.0]})


def test_a_picture_keeps_its_values():
    picture = np.random.default_rng(0).integers(256, size=(9, 7, 1), dtype="uint8")
    np.testing.assert_array_equal(_opened(png_of_picture(picture)), picture[..., 0])


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="one caption for each picture"):
        epochs_figure([_grey(0, 4, 4, 1)], [])
    with pytest.raises(ValueError, match="no metric"):
        curves_figure({})
