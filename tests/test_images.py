"""Arrays to pictures and back, and faces out of any picture file."""

import io
import sys
import warnings

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from fer_keras import picture_decoding
from fer_keras.images import (
    checked_images,
    from_uint8,
    read_face,
    read_picture,
    tile,
    to_uint8,
    write_png,
)

SHAPE = (4, 6, 1)


def test_every_grey_value_survives_the_way_to_float_and_back():
    greys = np.arange(256, dtype="uint8")
    floats = from_uint8(greys)
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


def test_every_kind_of_source_gives_the_same_face(tmp_path):
    face = np.random.default_rng(0).integers(0, 256, (48, 48), dtype="uint8")
    path = saved(tmp_path / "face.png", face)
    sources = {
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "open file": io.BytesIO(path.read_bytes()),
        "Pillow image": Image.open(path),
        "array": face,
        "array with a channel": face[..., None],
        "colour": face[..., None].repeat(3, 2),
        "floats": from_uint8(face),
    }
    for name, source in sources.items():
        np.testing.assert_array_equal(read_face(source)[..., 0], face, err_msg=name)


def test_colour_faces_keep_their_colours():
    picture = np.tile(np.array([10, 100, 200], "uint8"), (64, 64, 1))
    assert read_face(picture, (32, 32, 3)).tolist() == picture[:32, :32].tolist()
    grey = np.full((64, 64), 7, "uint8")
    assert (read_face(grey, (32, 32, 3)) == 7).all()
    # ITU-R 601-2 luma.
    assert (read_face(picture) == round(0.299 * 10 + 0.587 * 100 + 0.114 * 200)).all()


@pytest.mark.parametrize("source", [np.zeros(5), np.zeros((4, 4, 2)), None, b"text"])
def test_sources_that_are_no_picture_are_refused(source):
    with pytest.raises(ValueError, match="the given picture: "):
        read_face(source)


def test_large_pictures_are_shrunk_strip_by_strip(tmp_path, monkeypatch):
    ramp = np.add.outer(np.arange(700), np.arange(900)) // 8
    large = np.stack([ramp, 255 - ramp, np.full_like(ramp, 77)], 2).astype("uint8")
    whole = np.asarray(Image.fromarray(large).reduce(4))
    monkeypatch.setattr(picture_decoding, "_STRIP_PIXELS", 10_000)
    picture = read_picture(large, least=(150, 200))
    np.testing.assert_array_equal(picture, whole)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "side.png", large, exif=exif)
    turned = read_picture(path, least=(200, 150))
    np.testing.assert_array_equal(turned, np.rot90(whole, -1))


@pytest.mark.parametrize("name", ["phone.jpg", "scan.png"])
def test_pictures_of_108_megapixels_are_read(tmp_path, name):
    Image.new("L", (12000, 9000), 120).save(tmp_path / name)
    assert (read_face(tmp_path / name) == 120).all()


def test_a_picture_too_large_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    Image.new("RGBA", (40, 30)).save(path)
    monkeypatch.setattr(picture_decoding, "MAX_PICTURE_BYTES", 4799)
    monkeypatch.setattr(Image.Image, "load", lambda image: 1 / 0)
    with pytest.raises(ValueError, match="large.png: .*40 x 30 pixels of RGBA take"):
        read_face(path)
    monkeypatch.setattr(picture_decoding, "MAX_PICTURE_PIXELS", 1199)
    with pytest.raises(ValueError, match="large.png: .*expected at most 1,199"):
        read_face(path)


def test_heic_is_read_where_its_reader_is_installed(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "phone.heic"
    heif.from_pillow(Image.new("RGB", (64, 64), (90, 90, 90))).save(path)
    assert np.ptp(read_face(path)) <= 4 and abs(int(read_face(path).min()) - 90) <= 4


def test_heic_without_its_reader_names_the_package(tmp_path, monkeypatch):
    path = tmp_path / "phone.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match="phone.heic: .*pip install pillow-heif"):
        read_face(path)


def test_only_png_is_written_and_never_under_another_name(tmp_path):
    with pytest.raises(ValueError, match=r"x.jpg: expected a name that ends in .png"):
        write_png(tmp_path / "x.jpg", np.zeros((4, 4, 1), "uint8"))
    assert not list(tmp_path.iterdir())
    assert write_png(tmp_path / "X.PNG", np.zeros((4, 4, 1), "uint8")).is_file()


def test_floats_scaled_to_0_1_are_said():
    unit = np.linspace(0, 1, 24).reshape(SHAPE)
    with pytest.warns(UserWarning, match=r"scaled to \[0, 1\].*images \* 2 - 1"):
        checked_images(unit, SHAPE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for fine in (unit * 2 - 1, np.zeros(SHAPE), np.ones(SHAPE), unit[:0]):
            checked_images(fine, fine.shape)
