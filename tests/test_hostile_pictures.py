"""Hostile pictures: each gives a face or one clear error, and memory stays bounded."""

import io
import os
import random
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from fer_keras.images import read_face

CASES = 1000
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I", "I;16", "F")
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "ICO")


def _random_image(dice, mode=None):
    mode = mode or dice.choice(_MODES)
    size = (dice.choice((1, 2, 7, 48, 100)), dice.choice((1, 3, 48, 120)))
    values = np.random.default_rng(dice.random().as_integer_ratio()[0] % 2**32)
    if mode in ("I", "F"):
        array = values.uniform(-10, 70000, size[::-1]).astype(
            "int32" if mode == "I" else "float32"
        )
        return Image.fromarray(array)
    if mode == "I;16":
        return Image.fromarray(values.integers(0, 65536, size[::-1]).astype("uint16"))
    rgb = Image.fromarray(values.integers(0, 256, (*size[::-1], 3)).astype("uint8"))
    return rgb.convert("P").convert("PA") if mode == "PA" else rgb.convert(mode)


def _encoded(dice):
    """A picture in a random mode and format, or None where these do not go together."""
    image, kind = _random_image(dice), dice.choice(_FORMATS)
    options = {}
    if kind in ("JPEG", "PNG", "WEBP", "TIFF") and dice.random() < 0.3:
        exif = Image.Exif()
        exif[0x0112] = dice.randrange(0, 12)
        options["exif"] = exif
    buffer = io.BytesIO()
    try:
        image.save(buffer, kind, **options)
    except (OSError, ValueError, KeyError, TypeError, SystemError):
        return None
    return buffer.getvalue()


def _damaged(dice, data):
    """Truncates, flips bytes, splices, or leaves the data as it is."""
    data = bytearray(data)
    kind = dice.randrange(5)
    if kind == 0 and data:
        del data[dice.randrange(len(data)) :]
    elif kind == 1 and data:
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
    elif kind == 2:
        data[dice.randrange(len(data) + 1) :] = dice.randbytes(dice.randrange(200))
    elif kind == 3:
        data = bytearray(dice.randbytes(dice.randrange(400)))
    return bytes(data)


def _png(width, height, payload=b""):
    """A PNG that declares a size and brings whatever payload."""

    def chunk(name, body):
        crc = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(payload))
        + chunk(b"IEND", b"")
    )


def test_a_thousand_generated_pictures(tmp_path):
    dice = random.Random(20260101)
    path = tmp_path / "picture"
    read = refused = 0
    tracemalloc.start()
    while read + refused < CASES:
        data = _encoded(dice)
        if data is None:
            continue
        path.write_bytes(_damaged(dice, data))
        try:
            face = read_face(path)
        except ValueError as error:
            refused += 1
            assert str(path) in str(error)
            assert "\n" not in str(error).strip()
        else:
            read += 1
            assert face.shape == (48, 48, 1)
            assert face.dtype == np.uint8
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read > CASES / 5, "the generator made hardly any picture that reads"
    assert refused > CASES / 5, "the generator made hardly any damaged picture"
    assert peak < 200e6
    assert os.listdir(tmp_path) == ["picture"]


@pytest.mark.parametrize("size", [(60000, 60000), (2**31 - 1, 1), (100_000, 1000)])
def test_declared_sizes_are_refused_before_decoding(tmp_path, size):
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(*size))
    tracemalloc.start()
    with pytest.raises(ValueError, match="bomb.png"):
        read_face(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6


@pytest.mark.parametrize("size", [(0, 0), (0, 10), (10, 0)])
def test_pictures_without_pixels_are_refused(tmp_path, size):
    path = tmp_path / "empty.png"
    path.write_bytes(_png(*size))
    with pytest.raises(ValueError, match="empty.png"):
        read_face(path)


def test_more_pixels_than_the_limit_are_refused_by_their_number(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(_png(30000, 9000))
    with pytest.raises(ValueError, match="large.png: .*at most 178,000,000"):
        read_face(path)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        read_face(tmp_path / "absent.png")
    with pytest.raises(ValueError, match="not a file"):
        read_face(tmp_path)
    # Opening a pipe that nobody writes to would wait for ever.
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="not a file"):
        read_face(tmp_path / "pipe")
    (tmp_path / "text.png").write_text("I am not a picture.")
    with pytest.raises(ValueError, match="not a picture"):
        read_face(tmp_path / "text.png")


@pytest.mark.parametrize(
    "mode", ["L", "RGB", "RGBA", "P", "LA", "CMYK", "I;16", "YCbCr"]
)
def test_every_mode_gives_the_same_face(tmp_path, mode):
    grey = np.tile(np.linspace(20, 230, 48).astype("uint8"), (48, 1))
    image = Image.fromarray(grey)
    if mode == "I;16":
        image = Image.fromarray(grey.astype("uint16") * 257)
    elif mode == "LA":
        image = image.convert("LA")
    elif mode == "P":
        image = image.quantize(256)
    else:
        image = image.convert("RGB").convert(mode)
    name = {"CMYK": "face.tiff", "YCbCr": "face.jpg"}.get(mode, "face.png")
    path = tmp_path / name
    image.save(path)
    difference = np.abs(read_face(path)[..., 0].astype(int) - grey)
    assert difference.max() <= (6 if mode == "YCbCr" else 2)


def test_transparency_is_laid_on_white(tmp_path):
    Image.new("RGBA", (48, 48), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_face(tmp_path / "clear.png") == 255).all()


def test_the_cameras_rotation_is_applied(tmp_path):
    grey = np.zeros((48, 48), "uint8")
    grey[:24] = 200  # bright above
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180 degrees
    Image.fromarray(grey).save(tmp_path / "turned.png", exif=exif)
    face = read_face(tmp_path / "turned.png")
    assert face[:20].max() < 20
    assert face[28:].min() > 180
