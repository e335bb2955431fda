"""Turns the CSV's text of pixels, `"70 80 82 ..."`, into arrays."""

from collections.abc import Sequence

import numpy as np

IMAGE_SIDE = 48
PIXELS = IMAGE_SIDE * IMAGE_SIDE

_ZERO, _SPACE = np.uint8(ord("0")), np.uint8(ord(" "))


def parse_pixels(fields: Sequence[bytes]) -> np.ndarray | None:
    """Parses many rows of pixels at once, a byte of text at a time for all rows.

    Args:
        fields: The rows, each `PIXELS` numbers of one to three digits with spaces
            between them.

    Returns:
        uint8 `(len(fields), PIXELS)`, or None where any row is otherwise; which
        one and why is for `parse_pixels_carefully` to say.
    """
    # Three spaces in front let every byte be seen with the three before it.
    text = np.frombuffer(b" ".join([b"  ", *fields, b""]), np.uint8)
    is_space = text == _SPACE
    digit = text - _ZERO
    is_digit = digit < 10
    if np.count_nonzero(is_space) + np.count_nonzero(is_digit) != text.size:
        return None
    ones, tens, hundreds, thousands = (
        slice(3 - k, text.size - 1 - k) for k in range(4)
    )
    is_hundred = is_digit[tens] & is_digit[hundreds]
    if (is_digit[ones] & is_hundred & is_digit[thousands]).any():
        return None
    is_end = is_digit[ones] & is_space[4:]
    start = 0
    for field in fields:
        if np.count_nonzero(is_end[start : start + len(field)]) != PIXELS:
            return None
        start += len(field) + 1
    digit *= is_digit
    value = digit[ones].astype(np.uint16)
    value += digit[tens] * np.uint8(10)
    # In "7 0" the 7 is no hundred of the 0.
    value += np.multiply(digit[hundreds] * is_hundred, np.uint8(100), dtype=np.uint16)
    value = value[is_end]
    if value.max() > 255:
        return None
    return value.astype(np.uint8).reshape(-1, PIXELS)


def parse_pixels_carefully(field: bytes) -> np.ndarray:
    """Parses one row of pixels, a number at a time.

    Args:
        field: Numbers with any whitespace between them.

    Returns:
        uint8 `(PIXELS,)`.

    Raises:
        ValueError: The row is malformed; the message says how.
    """
    words = field.split()
    if len(words) != PIXELS:
        raise ValueError(
            f"expected {PIXELS} pixels ({IMAGE_SIDE} x {IMAGE_SIDE}), "
            f"found {len(words)}"
        )
    pixels = np.empty(PIXELS, np.uint8)
    for index, word in enumerate(words):
        digits = word.lstrip(b"+-")
        if not digits.isdigit() or len(word) - len(digits) > 1:
            raise ValueError(f"pixel {index + 1} is {shown(word)}, not a whole number")
        significant = digits.lstrip(b"0")
        value = int(significant[:4] or b"0")
        if value > 255 or (value and word.startswith(b"-")):
            raise ValueError(f"pixel {index + 1} is {shown(word)}, outside 0 to 255")
        pixels[index] = value
    return pixels


def shown(word: bytes) -> str:
    """Returns a field for a message: quoted, and shortened where it is long."""
    text = word.decode("utf-8", "replace")
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
