"""Arrays to pictures and back, and faces out of any picture file."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from fer_keras.images import (
    MAX_PICTURE_PIXELS,
    checked_images,
    read_face,
    tile,
    to_float,
    to_uint8,
    write_png,
)

SHAPE = (4, 6, 1)


def test_every_grey_value_survives_the_way_to_float_and_back():
    greys = np.arange(256, dtype="uint8")
    floats = to_float(greys)
    assert floats.dtype == np.float32
    np.testing.assert_array_equal(floats[[0, 51, 255]], np.float32([-1, -0.6, 1]))
    np.testing.assert_array_equal(to_uint8(floats), greys)


def test_floats_are_rounded_and_clipped():
    values = [-7.0, -1.0, 0.0, 0.4 / 127.5, 0.6 / 127.5, 1.0, 1.3]
    # 0.0 lies halfway between 127 and 128; halves go to the even number.
    np.testing.assert_array_equal(to_uint8(values), [0, 0, 128, 128, 128, 255, 255])


@pytest.mark.parametrize("given", [(4, 6), (4, 6, 1), (1, 4, 6), (1, 4, 6, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_one_image_becomes_a_batch(given, dtype):
    images = checked_images(np.ones(given, dtype), SHAPE)
    assert images.shape == (1, *SHAPE) and images.dtype == dtype


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_batches_with_and_without_channel_axis(count):
    images = np.random.default_rng(0).integers(0, 256, (count, *SHAPE), dtype="uint8")
    np.testing.assert_array_equal(checked_images(images, SHAPE), images)
    np.testing.assert_array_equal(checked_images(images[..., 0], SHAPE), images)


def test_colour_images_need_their_channels():
    assert checked_images(np.ones((4, 6, 3)), (4, 6, 3)).shape == (1, 4, 6, 3)
    with pytest.raises(ValueError, match=r"\(batch, 4, 6, 3\), got \(5, 4, 6\)"):
        checked_images(np.ones((5, 4, 6)), (4, 6, 3))


def test_other_floats_and_tensors_become_float32():
    for dtype in ("float16", "float64"):
        assert checked_images(np.ones((2, *SHAPE), dtype), SHAPE).dtype == np.float32
    assert checked_images(tf.zeros((2, *SHAPE)), SHAPE).dtype == np.float32
    assert checked_images([np.zeros(SHAPE), np.ones(SHAPE)], SHAPE).dtype == np.float32


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 6, 4, 1)), r"\(batch, 4, 6, 1\), got \(2, 6, 4, 1\)"),
        (np.zeros((2, 4, 6, 3)), r"\(batch, 4, 6, 1\), got \(2, 4, 6, 3\)"),
        (np.zeros((1, 2, 4, 6, 1)), r"got \(1, 2, 4, 6, 1\)"),
        (np.zeros(5), r"got \(5,\)"),
        (None, r"got \(\)"),
        (7, r"got \(\)"),
        ([np.zeros((4, 6)), np.zeros((4, 5))], "got images of different shapes"),
        (np.zeros(SHAPE, "int64"), "uint8 images 0..255 or float.*got int64"),
        (np.zeros(SHAPE, bool), "got bool"),
        (np.full(SHAPE, np.nan), "NaN or infinity"),
        (np.full(SHAPE, -np.inf), "NaN or infinity"),
        (np.full(SHAPE, 255.0), r"in \[-1, 1\], got 255 to 255. For 0..255 pass"),
        (np.full(SHAPE, -1.1), r"in \[-1, 1\], got -1.1 to -1.1"),
    ],
)
def test_refused_images(images, message):
    with pytest.raises(ValueError, match=message):
        checked_images(images, SHAPE)


def test_tile_places_images_row_by_row():
    images = np.arange(1, 6, dtype="uint8")[:, None, None, None] * np.ones(
        (1, 2, 3, 1), "uint8"
    )
    picture = tile(images, columns=3, gap=1)
    assert picture.shape == (5, 11, 1) and picture.dtype == np.uint8
    rows = [[1, 1, 1, 255, 2, 2, 2, 255, 3, 3, 3]] * 2 + [[255] * 11]
    rows += [[4, 4, 4, 255, 5, 5, 5, 255, 255, 255, 255]] * 2
    np.testing.assert_array_equal(picture[..., 0], rows)
    assert tile(images, columns=5).shape == (2, 15, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_written_png_reads_back(tmp_path, channels):
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, channels), dtype="uint8")
    path = write_png(tmp_path / "new" / "folder" / "face.png", picture, zoom=2)
    read = np.asarray(Image.open(path)).reshape(8, 12, channels)
    np.testing.assert_array_equal(read, picture.repeat(2, 0).repeat(2, 1))
    assert [file.name for file in path.parent.iterdir()] == ["face.png"]


def saved(path, values, mode=None, **options):
    Image.fromarray(np.asarray(values), mode).save(path, **options)
    return path


def test_read_face_keeps_a_face_of_the_right_size(tmp_path):
    face = np.random.default_rng(0).integers(0, 256, (48, 48), dtype="uint8")
    read = read_face(saved(tmp_path / "face.png", face))
    np.testing.assert_array_equal(read, face[..., None])


def test_read_face_cuts_out_the_middle_of_the_asked_aspect(tmp_path):
    wide = np.zeros((48, 96), "uint8")
    wide[:, 24:72] = 200
    assert read_face(saved(tmp_path / "wide.png", wide)).min() == 200
    assert read_face(tmp_path / "wide.png", (24, 48)).shape == (24, 48, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.full((8, 8), 51, "uint8"), 51),
        (np.full((8, 8, 3), 51, "uint8"), 51),
        # Black, three quarters transparent, on white.
        (np.tile(np.array([0, 0, 0, 64], "uint8"), (8, 8, 1)), 191),
        (np.tile(np.array([51, 255], "uint8"), (8, 8, 1)), 51),
        (np.full((8, 8), 51 * 257, "uint16"), 51),
        # 16 bits, and nearly black: not to be mistaken for 8 bits.
        (np.full((8, 8), 255, "uint16"), 1),
    ],
)
def test_read_face_of_every_kind_of_png(tmp_path, values, expected):
    face = read_face(saved(tmp_path / "face.png", values), (8, 8))
    assert face.shape == (8, 8, 1) and face.dtype == np.uint8
    assert set(face.ravel().tolist()) == {expected}


@pytest.mark.parametrize(
    ("value", "expected"), [(0.2, 51), (51.0, 51), (51 * 257.0, 51)]
)
def test_read_face_of_float_pictures(tmp_path, value, expected):
    path = saved(tmp_path / "face.tiff", np.full((8, 8), value, "float32"))
    assert set(read_face(path, (8, 8)).ravel().tolist()) == {expected}


def test_read_face_applies_the_cameras_rotation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # Rotate by 90 degrees clockwise to see it upright.
    top_dark = np.zeros((16, 16), "uint8")
    top_dark[8:] = 255
    path = saved(tmp_path / "turned.png", top_dark, exif=exif)
    upright = read_face(path, (16, 16))[..., 0]
    np.testing.assert_array_equal(upright, np.rot90(top_dark, -1))


def test_refused_pictures_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"absent.png: no such file"):
        read_face(tmp_path / "absent.png")
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(ValueError, match=r"text.png: not a picture"):
        read_face(tmp_path / "text.png")
    path = saved(tmp_path / "nan.tiff", np.full((8, 8), np.nan, "float32"))
    with pytest.raises(ValueError, match=r"nan.tiff: .*NaN"):
        read_face(path)
    whole = saved(tmp_path / "cut.png", np.eye(48, dtype="uint8")).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut.png: "):
        read_face(tmp_path / "cut.png")


def test_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    side = int(MAX_PICTURE_PIXELS**0.5) + 1
    path = tmp_path / "large.png"
    Image.new("1", (side, side)).save(path)
    assert path.stat().st_size < 100_000
    with pytest.raises(ValueError, match=r"large.png: .*expected at most 64,000,000"):
        read_face(path)
