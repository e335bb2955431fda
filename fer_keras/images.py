"""Pictures as arrays: uint8 against [-1, 1], grids, and picture files."""

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_keras.files import replaced_file
from fer_keras.picture_decoding import decoded, open_picture


def from_uint8(images: np.ndarray) -> np.ndarray:
    """Maps uint8 0..255 to float32 -1..1 (what the networks speak)."""
    return np.asarray(images, "float32") / 127.5 - 1.0


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps float -1..1 to uint8 0..255, rounded, values outside clipped."""
    return np.clip(np.rint((np.asarray(images) + 1.0) * 127.5), 0, 255).astype("uint8")


def checked_images(images: np.ndarray, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Returns images as a batch that the networks understand.

    Args:
        images: uint8 0..255 or float -1..1, `(batch, *image_shape)`; also one
            image, and images of one channel without the channel's axis.
        image_shape: Height, width and channels.

    Returns:
        uint8 or float32 `(batch, *image_shape)`.

    Raises:
        ValueError: Another shape or type, NaN, or values outside the range.

    Warns:
        UserWarning: Float images look like 0..1; see `warn_of_unit_range`.
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
    warn_of_unit_range(images)
    return images.astype("float32")


def warn_of_unit_range(images: np.ndarray) -> None:
    """Warns of float images that were scaled to 0..1 and not to -1..1.

    Faces in [-1, 1] have pixels below 0; where none is, all would be taken for pale.

    Args:
        images: Float, any shape. Images of one value throughout are not judged.
    """
    if images.size and images.min() >= 0 and images.max() > images.min():
        warnings.warn(
            f"Float images from {images.min():.3g} to {images.max():.3g} look as if "
            "scaled to [0, 1]; they are taken as [-1, 1]. Pass uint8 0..255, or "
            "images * 2 - 1.",
            stacklevel=4,
        )


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
    """Writes a picture as a PNG file; a reader never sees half of it.

    Args:
        path: Ends in `.png`. Folders are made, an earlier file is replaced.
        picture: uint8 `(height, width, 1 or 3)`.
        zoom: How often each pixel is repeated in both directions.

    Returns:
        The path.

    Raises:
        ValueError: The path ends in something else.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(
            f"{path}: expected a name that ends in .png: only PNG is written."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = picture[..., 0] if picture.shape[-1] == 1 else picture
    image = Image.fromarray(picture.repeat(zoom, 0).repeat(zoom, 1))
    with replaced_file(path) as aside:
        image.save(aside, format="PNG")
    return path


def read_face(
    source: str | Path | bytes | np.ndarray, image_shape: tuple[int, ...] = (48, 48, 1)
) -> np.ndarray:
    """Reads any picture as one face: its middle, cut to the aspect and resized.

    The rotation that a camera noted (EXIF) is applied, transparency is laid on
    white. Memory is bounded; see `fer_keras.picture_decoding`.

    Args:
        source: The path of a picture in any format that Pillow reads, the bytes of
            one, a file open for reading, a Pillow image, or an array: uint8 0..255
            or float -1..1, `(height, width)` or with 1, 3 or 4 channels.
        image_shape: Height, width and channels of the result; 1 channel is grey, 3
            are colour. Without channels: grey.

    Returns:
        uint8 `(height, width, channels)`.

    Raises:
        ValueError: The source is missing, no picture, damaged or too large.

    Example:
        >>> read_face(np.zeros((96, 80, 3), "uint8")).shape
        (48, 48, 1)
    """
    height, width, channels = (*image_shape, 1)[:3]
    # Three times the result loses nothing that resizing would keep.
    picture = read_picture(source, channels, least=(3 * height, 3 * width))
    fitted = ImageOps.fit(
        Image.fromarray(picture[..., 0] if channels == 1 else picture),
        (width, height),
        Image.Resampling.LANCZOS,
    )
    return np.asarray(fitted, "uint8").reshape(height, width, channels)


def read_picture(
    source: str | Path | bytes | np.ndarray,
    channels: int = 3,
    least: tuple[int, int] | None = None,
) -> np.ndarray:
    """Reads a whole picture, upright, transparency laid on white.

    Args:
        source: As for `read_face`.
        channels: 1 for grey, 3 for colour.
        least: Height and width that suffice. A much larger picture is then shrunk
            by a whole factor while it is read, which bounds the memory.

    Returns:
        uint8 `(height, width, channels)`.

    Raises:
        ValueError: As for `read_face`.
    """
    if channels not in (1, 3):
        raise ValueError(f"Expected 1 (grey) or 3 (colour) channels, got {channels}.")
    with opened_picture(source) as image:
        picture = decoded(image, "L" if channels == 1 else "RGB", least)
    return np.asarray(picture, "uint8").reshape(picture.height, picture.width, channels)


@contextlib.contextmanager
def opened_picture(source: str | Path | bytes | np.ndarray) -> Iterator[Image.Image]:
    """Opens a picture; whatever goes wrong with it inside becomes a `ValueError`.

    Args:
        source: As for `read_face`.

    Yields:
        The Pillow image, not loaded yet.

    Raises:
        ValueError: As for `read_face`.
    """
    name = _name_of(source)
    try:
        with _opened(source) as image:
            yield image
    except FileNotFoundError:
        raise ValueError(f"{name}: no such file.") from None
    except PermissionError:
        raise ValueError(f"{name}: may not be read.") from None
    except UnidentifiedImageError:
        raise ValueError(f"{name}: not a picture that can be read.") from None
    # Pillow's decoders raise many kinds of errors on damaged files.
    except Exception as error:
        raise ValueError(f"{name}: cannot be used ({error}).") from None


def _name_of(source) -> str:
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    return "the given picture"


def _opened(source):
    if isinstance(source, Image.Image):
        return contextlib.nullcontext(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return open_picture(io.BytesIO(source))
    if isinstance(source, (str, os.PathLike)):
        # Opening a pipe that nobody writes to would wait for ever.
        if os.path.exists(source) and not os.path.isfile(source):
            raise ValueError("not a file")
        return open_picture(source)
    if hasattr(source, "read"):
        return open_picture(io.BytesIO(source.read()))
    return contextlib.nullcontext(_image_of_array(np.asarray(source)))


def _image_of_array(values: np.ndarray) -> Image.Image:
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 2 and not (values.ndim == 3 and values.shape[-1] in (3, 4)):
        raise ValueError(
            "expected a path, bytes, a Pillow image or an array (height, width) or "
            f"(height, width, 1, 3 or 4), got {values.dtype} of shape {values.shape}"
        )
    if values.dtype != np.uint8:
        shape = (*values.shape, 1)[:3]
        values = to_uint8(checked_images(values.reshape(1, *shape), shape))
        values = values[0, ..., 0] if shape[-1] == 1 else values[0]
    return Image.fromarray(values)
