"""Decoding of pictures, however large, in bounded memory."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PICTURE_PIXELS = 178_000_000
"""A picture of more pixels is refused: a 1 kB file can declare gigabytes."""

MAX_PICTURE_BYTES = 1 << 29
"""So is one that takes more memory than this once it is decoded."""

# Pictures are converted to grey or colour a strip of this many pixels at a time.
_STRIP_PIXELS = 1 << 22
_ORIENTATION = 0x0112  # The EXIF tag of the camera's rotation.
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


@contextlib.contextmanager
def open_picture(file: Any) -> Iterator[Image.Image]:
    """Opens a picture as Pillow does, also HEIC, for which Pillow needs a package.

    Args:
        file: A path, or bytes in a file object that can seek.

    Yields:
        The picture, not loaded yet.

    Raises:
        ValueError: It is HEIC and pillow-heif is not installed, or far too large.
        UnidentifiedImageError: No decoder knows it.
    """
    with warnings.catch_warnings():
        # Pillow warns of pictures that we refuse, or read, by rules of our own.
        warnings.filterwarnings("ignore", module="PIL")
        try:
            image = Image.open(file)
        except UnidentifiedImageError:
            if not _is_heif(file):
                raise
            _register_heif()
            image = Image.open(file)
        except Image.DecompressionBombError:
            raise ValueError(
                f"expected at most {MAX_PICTURE_PIXELS:,} pixels: resize the picture "
                "first"
            ) from None
        with image:
            yield image


def _is_heif(file) -> bool:
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return _is_heif(opened)
    file.seek(0)
    start = file.read(12)
    file.seek(0)
    return start[4:8] == b"ftyp" and start[8:] in _HEIF_BRANDS


def _register_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise ValueError(
            "a HEIC picture, which needs the package pillow-heif: pip install "
            "pillow-heif, or save the picture as JPEG"
        ) from None
    pillow_heif.register_heif_opener()


def decoded(
    image: Image.Image, mode: str, least: tuple[int, int] | None = None
) -> Image.Image:
    """Returns a picture upright, in another mode, shrunk where it is much too large.

    Args:
        image: As `Image.open` gives it, not loaded yet.
        mode: "L" or "RGB", which lay transparency on white, or "RGBA".
        least: Height and width that suffice; the result is larger, unless the
            picture is smaller. Default: nothing is shrunk.

    Raises:
        ValueError: It has no pixels, too many, or NaN. Pillow's decoders raise other
            errors on damaged files.
    """
    size = f"{image.width} x {image.height} pixels"
    pixels = image.width * image.height
    if not pixels:
        raise ValueError(f"{size}: it is empty")
    if pixels > MAX_PICTURE_PIXELS:
        raise ValueError(
            f"{size}; expected at most {MAX_PICTURE_PIXELS:,}: resize the picture first"
        )
    if least is not None and image.format == "JPEG":
        # Decoded at a half, a quarter or an eighth where that is enough.
        image.draft(None, _as_stored(least, image)[::-1])
    # Pillow keeps a byte a pixel for one band of 8 bits and four for all others.
    narrow = image.mode in ("1", "L", "P")
    if image.width * image.height * (1 if narrow else 4) > MAX_PICTURE_BYTES:
        raise ValueError(
            f"{size} of {image.mode} take more than {MAX_PICTURE_BYTES >> 20} MiB: "
            "resize the picture first"
        )
    image.load()
    factor = 1
    if least is not None:
        height, width = _as_stored(least, image)
        factor = max(1, min(image.height // height, image.width // width))
    result = _in_strips(image, mode, factor)
    result.getexif()[_ORIENTATION] = image.getexif().get(_ORIENTATION, 1)
    return ImageOps.exif_transpose(result)


def _as_stored(size, image) -> tuple[int, int]:
    """Height and width as they are in the file, which may lie on its side."""
    on_its_side = image.getexif().get(_ORIENTATION, 1) > 4
    return tuple(size)[::-1] if on_its_side else tuple(size)


def _in_strips(image, mode: str, factor: int) -> Image.Image:
    """Converts and shrinks a few rows at a time: no second copy is ever whole."""
    rows = max(_STRIP_PIXELS // image.width // factor, 1) * factor
    boxes = [
        (0, top, image.width, min(top + rows, image.height))
        for top in range(0, image.height, rows)
    ]
    white = _white_of(image, boxes)
    width, height = -(-image.width // factor), -(-image.height // factor)
    result = Image.new(mode, (width, height))
    for box in boxes:
        strip = _in_mode(image.crop(box), mode, white)
        result.paste(strip.reduce(factor), (0, box[1] // factor))
    return result


def _in_mode(image, mode: str, white: float | None) -> Image.Image:
    if white is not None:
        # 16- and 32-bit greys: Pillow's own conversion would clip, not scale.
        values = np.clip(np.asarray(image, "float64") * (255.0 / white), 0, 255)
        return Image.fromarray(np.rint(values).astype("uint8")).convert(mode)
    if is_transparent(image) or image.mode == "P":
        image = image.convert("RGBA")
        if mode == "RGBA":
            return image
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)


def is_transparent(image: Image.Image) -> bool:
    """Returns whether a picture says how much of each pixel is seen."""
    return image.mode.endswith(("A", "a")) or "transparency" in image.info


def _white_of(image, boxes) -> float | None:
    """What stands for white in greys of more than 8 bits, where no file says so."""
    if not image.mode.startswith(("I", "F")):
        return None
    largest = 0.0
    for box in boxes:
        values = np.asarray(image.crop(box), "float64")
        if not np.isfinite(values).all():
            raise ValueError("holds NaN or infinity")
        largest = max(largest, values.max(initial=0))
    if image.mode == "F" and largest <= 1:
        return 1.0
    if image.mode.startswith("I;16") or largest > 255:
        return max(65535.0, largest)
    return 255.0
