"""Puts the change of a face back into its photo."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fer_keras.photo.faces import Face
from fer_keras.photo.sampling import inverse, moved, spread

# Maps are this many times finer than the model's faces before they are laid on.
_FINER = 4
# Rows of the photo are changed together until they make this many pixels.
_STRIP_PIXELS = 1 << 20
# Pillow's weights of red, green and blue in the grey of a pixel (ITU-R 601).
_LUMA = np.array([0.299, 0.587, 0.114], "float32")
# Changes of so many grey levels begin to take the detail that was there, and leave
# nothing of it: a closed mouth's line has no place in an open mouth.
_DETAIL_FADES, _DETAIL_GONE = 15.0, 50.0


def soft_mask(face: Face, matrix: np.ndarray, size: int) -> np.ndarray:
    """Returns how much of the change each place takes, 0 outside the face.

    Args:
        face: Its outline counts.
        matrix: From the mask's pixels to the photo's.
        size: Side of the mask, pixels.

    Returns:
        float32 `(size, size)`, 0 to 1; 0 along the border.
    """
    outline = moved(face.outline, inverse(matrix))
    mask = Image.new("L", (size, size))
    ImageDraw.Draw(mask).polygon([tuple(point) for point in outline], fill=255)
    # Half of a blurred edge lies inside: the mask starts at 0 on the outline.
    blurred = mask.filter(ImageFilter.GaussianBlur(size / 16))
    inner = _smooth_step(np.asarray(blurred, "float32") / 127.5 - 1)
    places = np.arange(size, dtype="float32")
    ramp = _smooth_step(np.minimum(places, places[::-1]) / (size / 8))
    return inner * np.outer(ramp, ramp)


def _smooth_step(values):
    """0 below 0, 1 above 1, without a corner in between."""
    values = values.clip(0, 1)
    return values * values * (3 - 2 * values)


def put_back(
    photo: Image.Image,
    face: Face,
    matrix: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
) -> None:
    """Changes a face in a photo, in place; other pixels keep their values.

    The difference of the two small faces is enlarged smoothly and added to the
    photo's lightness; hues stay. Detail that the small faces cannot hold stays, but
    fades where much changes.

    Args:
        photo: Mode "RGB" or "RGBA".
        face: The face as it was found.
        matrix: From the small faces' pixels to the photo's.
        before: The aligned face, uint8 `(size, size, 1)`.
        after: The same with another emotion.
    """
    size = len(before) * _FINER
    fine = np.column_stack([matrix[:, :2] / _FINER, matrix[:, 2]])
    mask = soft_mask(face, fine, size)
    before, after = (_enlarged(picture, size) for picture in (before, after))
    change = after - before
    # Around a large change as well: the edges of what was there end in small ones.
    nearby = Image.fromarray(np.abs(change).clip(0, 255).astype("uint8"))
    nearby = nearby.filter(ImageFilter.GaussianBlur(1.5 * _FINER))
    lost = mask * _smooth_step(
        (np.asarray(nearby, "float32") - _DETAIL_FADES) / (_DETAIL_GONE - _DETAIL_FADES)
    )
    corners = moved(np.array([[0, 0], [size, 0], [0, size], [size, size]]), fine)
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)), photo.size).astype(int)
    if left >= right or top >= bottom:
        return
    rows = max(_STRIP_PIXELS // (right - left), 1)
    for start in range(top, bottom, rows):
        box = (left, start, right, min(start + rows, bottom))
        maps = [spread(values, fine, box) for values in (mask * change, lost, before)]
        strip = photo.crop(box)
        pixels = np.array(strip)
        pixels[..., :3] = _changed(pixels[..., :3], *maps)
        photo.paste(Image.fromarray(pixels, strip.mode), box)


def _changed(colours, change, lost, smooth):
    """Returns uint8 colours with another lightness and the same hue.

    Adding to a colour pales what gets lighter, and scaling it makes it gaudy: half of
    each, scaled by a quarter at most. Where red, green or blue would leave 0 to 255,
    the colour becomes paler, so that lightness and hue stay.
    """
    colours = colours.astype("float32")
    grey = colours @ _LUMA
    goal = (grey + change - lost * (grey - smooth)).clip(0, 255)
    tint = (colours - grey[..., None]) * (
        0.5 + 0.5 * (goal / grey.clip(1)).clip(0, 1.25)[..., None]
    )
    above, below = tint.max(axis=-1).clip(1e-3), (-tint.min(axis=-1)).clip(1e-3)
    room = np.minimum((255 - goal) / above, goal / below).clip(0, 1)
    return np.rint(goal[..., None] + room[..., None] * tint).astype("uint8")


def _enlarged(picture, size):
    """A small face as a smooth float32 map `(size, size)`."""
    small = Image.fromarray(picture[..., 0].astype("float32"))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC))
