"""Several versions of a photo beside each other, or one after the other."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fer_keras.files import replaced_file

_GAP, _FONT = 4, 16
_MILLISECONDS = 120


def strip(pictures: Sequence[Image.Image], captions: Sequence[str]) -> np.ndarray:
    """Returns pictures of one size side by side, each under its caption.

    Args:
        pictures: Mode "RGB".
        captions: One for each.

    Returns:
        uint8 `(height, width, 3)`, on white.
    """
    width, height = pictures[0].size
    top = _FONT + 2 * _GAP
    canvas = Image.new(
        "RGB", (len(pictures) * (width + _GAP) - _GAP, top + height), "white"
    )
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(_FONT)
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        left = place * (width + _GAP)
        canvas.paste(picture, (left, top))
        draw.text((left + width / 2, top - _GAP), caption, "black", font, "ms")
    return np.asarray(canvas)


def write_animation(path: str | Path, pictures: Sequence[Image.Image]) -> Path:
    """Writes pictures as one that moves there and back for ever.

    Args:
        path: Ends in `.webp` or `.gif`; an earlier file is replaced.
        pictures: Of one size, mode "RGB".

    Raises:
        ValueError: The path ends in something else.
    """
    path = Path(path)
    if path.suffix not in (".webp", ".gif"):
        raise ValueError(f"{path}: expected a name that ends in .webp or .gif.")
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = [*pictures, *pictures[-2:0:-1]]
    with replaced_file(path) as aside:
        frames[0].save(
            aside,
            format=path.suffix[1:].upper(),
            save_all=True,
            append_images=frames[1:],
            duration=_MILLISECONDS,
            loop=0,
        )
    return path
