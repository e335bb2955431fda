"""Pictures of faces with captions."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fer_keras.images import to_uint8

_GAP = 2
# Between the originals and what was made of them.
_WIDE_GAP = 6
_LARGEST_FONT = 10


def emotion_grid(
    originals: np.ndarray,
    transferred: np.ndarray,
    names: Sequence[str],
    row_names: Sequence[str] | None = None,
    zoom: int = 1,
) -> np.ndarray:
    """Draws originals beside all their emotions, a face a row, under captions.

    Args:
        originals: Faces, uint8 or float -1..1, `(rows, height, width, channels)`
            with 1 or 3 channels.
        transferred: `(rows, emotions, height, width, channels)`.
        names: A caption for each emotion.
        row_names: A caption for each row, such as the face's own emotion, drawn
            left of it. Default none.
        zoom: Pixels of the picture per pixel of a face; captions stay sharp.

    Returns:
        uint8 `(picture_height, picture_width, channels)`, on white.

    Raises:
        ValueError: The numbers of faces, emotions and captions do not fit.
    """
    originals, transferred = _grey_levels(originals), _grey_levels(transferred)
    rows, height, width, channels = originals.shape
    names = list(names)
    expected = (rows, len(names), height, width, channels)
    if transferred.shape != expected or channels not in (1, 3):
        raise ValueError(
            f"Expected transferred faces of shape {expected} with 1 or 3 channels, "
            f"got {transferred.shape}."
        )
    if row_names is not None and len(row_names) != rows:
        raise ValueError(f"Expected {rows} row names, got {len(row_names)}.")
    margin = 0 if row_names is None else width + _GAP
    lefts = [margin] + [
        margin + width + _WIDE_GAP + column * (width + _GAP)
        for column in range(len(names))
    ]
    font = _fitting_font(["original", *names, *(row_names or [])], width * zoom, zoom)
    top = (_LARGEST_FONT + 2 * _GAP) * zoom
    size = (lefts[-1] + width) * zoom, top + (rows * (height + _GAP) - _GAP) * zoom
    picture = Image.new("RGB", (size[0], max(size[1], top)), "white")
    draw = ImageDraw.Draw(picture)
    for left, name in zip(lefts, ["original", *names], strict=True):
        place = ((left + width / 2) * zoom, top - zoom)
        draw.text(place, name, "black", font, anchor="md")
    for row in range(rows):
        y = top + row * (height + _GAP) * zoom
        if row_names is not None:
            place = ((margin - 2 * _GAP) * zoom, y + height * zoom / 2)
            draw.text(place, str(row_names[row]), "black", font, anchor="rm")
        for left, face in zip(lefts, [originals[row], *transferred[row]], strict=True):
            picture.paste(_enlarged(face, zoom), (left * zoom, y))
    return np.asarray(picture)[..., :channels]


def _grey_levels(images):
    images = np.asarray(images)
    return images if images.dtype == np.uint8 else to_uint8(images)


def _enlarged(face, zoom):
    height, width, channels = face.shape
    image = Image.fromarray(face[..., 0] if channels == 1 else face)
    return image.resize((width * zoom, height * zoom), Image.Resampling.NEAREST)


def _fitting_font(texts, width, zoom):
    """The largest font in which every caption is no wider than a face."""
    for size in range(_LARGEST_FONT * zoom, 4, -1):
        font = ImageFont.load_default(size)
        if max(font.getlength(str(text)) for text in texts) <= width:
            break
    return font
