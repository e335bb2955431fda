"""Which sizes a network may have, and which networks fit together."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import keras


def checked_image_shape(image_shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Returns an image shape as a tuple of height, width and channels.

    Raises:
        ValueError: It is not three positive whole numbers.
    """
    shape = tuple(image_shape)
    if len(shape) != 3 or not all(_is_whole(side, 1) for side in shape):
        raise ValueError(
            "image_shape must be height, width and channels, such as (48, 48, 1); "
            f"got {image_shape!r}."
        )
    return shape


def check_sizes(**sizes: int) -> None:
    """Checks that sizes, given by name, are positive whole numbers.

    Raises:
        ValueError: One of them is not.
    """
    for name, size in sizes.items():
        if not _is_whole(size, 1):
            raise ValueError(
                f"{name} must be a whole number of 1 or more, got {size!r}."
            )


def check_choice(name: str, value: Any, choices: Sequence) -> None:
    """Checks that an option is one of its choices.

    Raises:
        ValueError: It is not.
    """
    if value not in choices:
        raise ValueError(
            f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}."
        )


def check_inverts(encoder: keras.Model, generator: keras.Model) -> None:
    """Checks that an encoder's sizes are those of the generator that it inverts.

    Raises:
        ValueError: Images or latents differ.
    """
    for name in ("image_shape", "latent_dim"):
        ours, theirs = getattr(encoder, name), getattr(generator, name)
        if ours != theirs:
            raise ValueError(
                f"The encoder has {name} {ours}, the generator {theirs}: expected an "
                "encoder trained on this generator."
            )


def _is_whole(number, smallest: int) -> bool:
    whole = isinstance(number, Integral) and not isinstance(number, bool)
    return whole and number >= smallest


def checked_map_shape(
    image_shape: tuple[int, int, int], channels: int
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Returns an image's shape and that of a map at a quarter of its size.

    Raises:
        ValueError: A side is no multiple of 4.
    """
    height, width, _ = shape = checked_image_shape(image_shape)
    if height % 4 or width % 4:
        raise ValueError(
            f"A latent map needs images whose sides are multiples of 4, got {shape}."
        )
    return shape, (height // 4, width // 4, channels)
