import numpy as np
import pytest
from PIL import Image

from fer_keras.photo.sampling import (
    crop,
    inverse,
    moved,
    similarity,
    spread,
    square_at,
)


def test_a_similarity_is_found_again():
    points = np.array([[0.0, 0], [4, 0], [1, 3], [2, 5]])
    turned = 2 * points @ np.array([[0.0, 1], [-1, 0]]) + (7, -3)
    matrix = similarity(points, turned)
    np.testing.assert_allclose(matrix, [[0, -2, 7], [2, 0, -3]], atol=1e-12)
    np.testing.assert_allclose(moved(turned, inverse(matrix)), points, atol=1e-12)


def test_points_in_one_place_have_no_scale():
    with pytest.raises(ValueError, match="different places"):
        similarity(np.ones((5, 2)), np.zeros((5, 2)))


def test_colours_are_kept():
    matrix = square_at(np.array([12.0, 9.0]), side=8, angle=1, size=8)
    flat = crop(Image.new("RGB", (20, 30), (1, 2, 3)), matrix, 8)
    assert flat.shape == (8, 8, 3) and (flat == (1, 2, 3)).all()


@pytest.mark.parametrize("angle", [0, 0.5, np.pi / 2, np.pi])
@pytest.mark.parametrize("side", [12, 96])
def test_a_ramp_is_read_at_the_right_place(angle, side):
    ramp = np.arange(200.0)[None].repeat(200, 0)
    matrix = square_at(np.array([100.0, 100.0]), side, angle, 24)
    cut = crop(Image.fromarray(ramp.astype("uint8")), matrix, 24)
    middles = np.stack(np.meshgrid(*2 * [np.arange(24) + 0.5]), -1).reshape(-1, 2)
    expected = moved(middles, matrix)[:, 0].reshape(24, 24) - 0.5
    assert np.abs(cut - expected).max() < 1.5


def test_beyond_the_photo_its_border_goes_on():
    photo = Image.new("L", (10, 10), 77)
    for middle in ([0.0, 0.0], [10.0, 5.0], [-40.0, 60.0]):
        assert (crop(photo, square_at(np.array(middle), 30, 0.3, 16), 16) == 77).all()


def test_a_map_is_laid_where_it_was_cut():
    values = np.zeros((16, 16), "float32")
    values[4, 10] = 1
    matrix = square_at(np.array([50.0, 40.0]), 64, 0, 16)
    laid = spread(values, matrix, (10, 0, 90, 80))
    assert laid.shape == (80, 80)
    top, left = np.unravel_index(laid.argmax(), laid.shape)
    # Pixel (10, 4) spans four pixels from 18 + 40 and 8 + 16.
    assert 58 <= left + 10 < 62 and 24 <= top < 28
    assert not laid[:16].any()
