"""What a model must know of its data: the classes' names and the images' shape."""

import dataclasses
from typing import Any

import numpy as np

from fer_keras.images import read_picture

_DEFAULT_SIZE = (48, 48)
_MAX_SIDE = 128
_LOOKED_AT = 32


@dataclasses.dataclass(frozen=True)
class DataInfo:
    """What a model must know of its data.

    Attributes:
        form: What the source is, for messages.
        class_names: The class names in the order of the labels.
        image_shape: Height, width and channels.
        note: What was decided about splits and labels, in a sentence, or "".
    """

    form: str
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    note: str = ""


def found_image_shape(source: Any) -> tuple[int, int, int]:
    """Returns the shape that fits a source's pictures, after a look at some of them.

    Pictures of one size of up to 128 pixels keep it, cut to multiples of 4; others
    become 48 x 48, as in FER2013. Grey ones have one channel, also where a file stores
    them as colours.

    Args:
        source: A source of `tfds_fer2013.sources.open_source`.
    """
    sizes, colour = set(), False
    for picture in source.first_pictures(_LOOKED_AT):
        try:
            pixels = read_picture(picture, channels=3, least=(_MAX_SIDE, _MAX_SIDE))
        except ValueError:
            continue  # Reading it whole names the file.
        sizes.add(pixels.shape[:2])
        # JPEG may shift grey by a few levels between the channels.
        colour |= bool(np.ptp(pixels.astype("int16"), axis=2).mean() > 2)
    size = sizes.pop() if len(sizes) == 1 else _DEFAULT_SIZE
    if not 8 <= min(size) <= max(size) <= _MAX_SIDE:
        size = _DEFAULT_SIZE
    return (*(side - side % 4 for side in size), 3 if colour else 1)
