"""Grey faces as arrays: uint8 against [-1, 1], grids, and picture files."""

import contextlib
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# A picture of more pixels than this is refused before it is decoded: a 1 kB
# file can declare gigabytes.
MAX_PICTURE_PIXELS = 64_000_000


def to_float(images: np.ndarray) -> np.ndarray:
    """Maps uint8 0..255 to float32 -1..1 (what the networks speak)."""
    return np.asarray(images, "float32") / 127.5 - 1.0


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps float -1..1 to uint8 0..255, rounded, values outside clipped."""
    return np.clip(np.rint((np.asarray(images) + 1.0) * 127.5), 0, 255).astype("uint8")


def checked_images(images, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Returns images as a batch that the networks understand.

    Args:
        images: uint8 0..255 or float -1..1, `(batch, *image_shape)`; also one
            image, and images of one channel without the channel's axis.
        image_shape: Height, width and channels.

    Returns:
        uint8 or float32 `(batch, *image_shape)`.

    Raises:
        ValueError: Another shape or type, NaN, or values outside the range.
    """
    shape = tuple(image_shape)
    expected = f"Expected images of shape (batch, {', '.join(map(str, shape))})"
    try:
        images = np.asarray(images)
    except ValueError:
        raise ValueError(f"{expected}, got images of different shapes.") from None
    if shape[-1] == 1 and shape[:2] in (images.shape, images.shape[1:]):
        images = images[..., None]
    if images.shape == shape:
        images = images[None]
    if images.ndim != 4 or images.shape[1:] != shape:
        raise ValueError(f"{expected}, got {images.shape}.")
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"Expected uint8 images 0..255 or float images -1..1, got {images.dtype}."
        )
    if not np.isfinite(images).all():
        raise ValueError("Images hold NaN or infinity.")
    if images.size and (images.min() < -1.001 or images.max() > 1.001):
        raise ValueError(
            f"Float images must lie in [-1, 1], got {images.min():.3g} to "
            f"{images.max():.3g}. For 0..255 pass uint8."
        )
    return images.astype("float32")


def tile(images: np.ndarray, columns: int, gap: int = 0) -> np.ndarray:
    """Tiles a batch into one picture, row by row.

    Args:
        images: uint8 `(batch, height, width, channels)`, 1 or 3 channels.
        columns: Images per row; the last row is filled up with white.
        gap: White pixels between neighbours.

    Returns:
        uint8 `(rows * (height + gap) - gap, columns * (width + gap) - gap, channels)`.
    """
    batch, height, width, channels = images.shape
    rows = -(-batch // columns)
    cells = np.full((rows * columns, height + gap, width + gap, channels), 255, "uint8")
    cells[:batch, :height, :width] = images
    cells = cells.reshape(rows, columns, height + gap, width + gap, channels)
    picture = cells.swapaxes(1, 2).reshape(
        rows * (height + gap), columns * (width + gap), channels
    )
    return picture[: picture.shape[0] - gap, : picture.shape[1] - gap]


def write_png(path: str | Path, picture: np.ndarray, zoom: int = 1) -> Path:
    """Writes a uint8 picture `(height, width, 1 or 3)` as a PNG file.

    The file is written aside and renamed, so that a reader never sees half of it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = picture[..., 0] if picture.shape[-1] == 1 else picture
    image = Image.fromarray(picture)
    if zoom > 1:
        image = image.resize(
            (image.width * zoom, image.height * zoom), Image.Resampling.NEAREST
        )
    aside = path.with_name(f".{path.name}.partial")
    try:
        image.save(aside, format="PNG")
        return aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def read_face(path: str | Path, size: tuple[int, int] = (48, 48)) -> np.ndarray:
    """Reads any picture as one grey face.

    The rotation that a camera noted (EXIF) is applied, transparency is laid on
    white, the middle square (of the asked aspect) is cut out and resized.

    Args:
        path: A picture in any format that Pillow reads.
        size: Height and width of the result.

    Returns:
        uint8 `(height, width, 1)`.

    Raises:
        ValueError: The file is missing, is no picture, is damaged or too large.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: not a file.")
    try:
        with _no_warnings(), Image.open(path) as opened:
            if opened.width * opened.height > MAX_PICTURE_PIXELS:
                raise ValueError(
                    f"{opened.width} x {opened.height} pixels; expected at most "
                    f"{MAX_PICTURE_PIXELS:,}: resize the picture first"
                )
            grey = _grey(ImageOps.exif_transpose(opened))
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file.") from None
    except UnidentifiedImageError:
        raise ValueError(f"{path}: not a picture that can be read.") from None
    except PermissionError:
        raise ValueError(f"{path}: may not be read.") from None
    # Pillow's decoders raise many kinds of errors on damaged files.
    except Exception as error:
        raise ValueError(f"{path}: cannot be used ({error}).") from None
    height, width = size
    fitted = ImageOps.fit(grey, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(fitted, "uint8")[..., None]


@contextlib.contextmanager
def _no_warnings():
    """Pillow warns of pictures that we refuse, or read, by rules of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        # 16- and 32-bit greys: Pillow's own conversion would clip, not scale.
        values = np.asarray(image, "float64")
        if not np.isfinite(values).all():
            raise ValueError("holds NaN or infinity")
        white = _white_value(image.mode, values.max(initial=0))
        values = np.clip(values * (255.0 / white), 0, 255)
        return Image.fromarray(np.rint(values).astype("uint8"))
    if image.mode in ("P", "PA", "LA", "RGBA", "La", "RGBa") or (
        "transparency" in image.info
    ):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("L")


def _white_value(mode: str, largest: float) -> float:
    """What stands for white in greys of more than 8 bits, where no file says so."""
    if mode == "F" and largest <= 1:
        return 1.0
    if mode.startswith("I;16") or largest > 255:
        return max(65535.0, largest)
    return 255.0
