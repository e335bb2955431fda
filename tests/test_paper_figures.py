"""The paper's figures: PNG files of the right parts."""

import io

import numpy as np
import pytest
from PIL import Image

from fer_keras.figures import (
    before_and_after_figure,
    curves_figure,
    emotions_figure,
    epochs_figure,
    pairs_figure,
    png_of_picture,
)


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
