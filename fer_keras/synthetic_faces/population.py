"""Whom a seed names: how people differ, and how one is drawn by lot."""

import numpy as np

from fer_keras.synthetic_faces.arguments import whole_number
from fer_keras.synthetic_faces.identity import (
    BEARDS,
    GLASSES,
    HAIR_STYLES,
    HEAD_CENTRE,
    Identity,
)
from fer_keras.synthetic_faces.streams import IDENTITY_STREAM, random_stream

_HAIR_SHARES = (0.08, 0.2, 0.1, 0.14, 0.12, 0.11, 0.12, 0.08, 0.05)
_BEARD_SHARES = (0.7, 0.1, 0.08, 0.12)
_GLASSES_SHARES = (0.76, 0.12, 0.12)

# Lengths inside the head are drawn as parts of it and turned into lengths by
# `_proportioned`, so that no mouth leaves a narrow jaw and no eye a narrow head.
_RANGES = {
    "head_width": (0.58, 0.77),
    "head_height": (0.80, 0.92),
    "jaw_narrowing": (0.08, 0.45),
    "jaw_squareness": (0.0, 1.0),
    "ear_size": (0.08, 0.15),
    "skin_tone": (85.0, 218.0),
    "hair_tone": (15.0, 215.0),
    "hair_volume": (0.04, 0.16),
    "hairline": (0.76, 0.86),
    "eye_spacing": (0.44, 0.51),
    "eye_level": (0.12, 0.23),
    "eye_width": (0.23, 0.28),
    "eye_height": (0.078, 0.108),
    "eye_tilt": (-0.035, 0.035),
    "iris_tone": (15.0, 75.0),
    "brow_gap": (0.18, 0.24),
    "brow_thickness": (0.020, 0.066),
    "brow_arch": (0.0, 0.05),
    "nose_level": (0.50, 0.63),
    "nose_width": (0.08, 0.18),
    "mouth_level": (0.34, 0.43),
    "mouth_width": (0.44, 0.58),
    "lip_fullness": (0.022, 0.070),
    "lip_contrast": (0.55, 0.86),
    "clothes_tone": (20.0, 230.0),
    "turn": (-0.1, 0.1),
    "shift_x": (-0.07, 0.07),
    "shift_y": (-0.05, 0.05),
    "rotation": (-0.13, 0.13),
    "scale": (0.96, 1.12),
    "light_angle": (-np.pi, np.pi),
    "light_strength": (0.0, 0.28),
    "background_top": (15.0, 240.0),
    "background_bottom": (15.0, 240.0),
    "noise": (0.5, 4.5),
    "expressiveness": (0.75, 1.15),
}
_LOW, _HIGH = np.array(list(_RANGES.values())).T


def sample_identity(seed: int, index: int) -> Identity:
    """Returns person number `index` of the population that `seed` names.

    The same two numbers always give the same person, however many are drawn.

    Args:
        seed: Integer of 0 or more.
        index: Integer of 0 or more.

    Raises:
        ValueError: One of them is negative or no integer.

    Example:
        >>> sample_identity(0, 5) == sample_identity(0, 5)
        True
    """
    seed = whole_number("seed", seed)
    index = whole_number("index", index)
    random = random_stream(IDENTITY_STREAM, seed, index)
    choices = random.random(3)
    values = _LOW + (_HIGH - _LOW) * random.random(len(_RANGES))
    traits = dict(zip(_RANGES, values.tolist(), strict=True))
    _proportioned(traits)
    # Hair of the skin's own tone would hide the hairline, and with it the style.
    if abs(traits["hair_tone"] - traits["skin_tone"]) < 45:
        traits["hair_tone"] = max(traits["skin_tone"] - 75, 15.0)
    return Identity(
        seed=seed,
        index=index,
        hair_style=_choose(HAIR_STYLES, _HAIR_SHARES, choices[0]),
        beard=_choose(BEARDS, _BEARD_SHARES, choices[1]),
        glasses=_choose(GLASSES, _GLASSES_SHARES, choices[2]),
        **traits,
    )


def _proportioned(traits: dict[str, float]) -> None:
    width, height = traits["head_width"], traits["head_height"]
    for name in ("eye_spacing", "eye_width", "turn"):
        traits[name] *= width
    for name in ("hairline", "eye_level"):
        traits[name] = HEAD_CENTRE - traits[name] * height
    traits["mouth_level"] = HEAD_CENTRE + height - traits["mouth_level"]
    traits["mouth_width"] *= _jaw_width(
        traits["mouth_level"], width, height, traits["jaw_narrowing"]
    )
    eyes_to_mouth = traits["mouth_level"] - traits["eye_level"]
    traits["nose_level"] = traits["eye_level"] + traits["nose_level"] * eyes_to_mouth


def _jaw_width(
    level: float, head_width: float, head_height: float, jaw_narrowing: float
) -> float:
    y = (level - HEAD_CENTRE) / head_height
    return head_width * (1.0 - jaw_narrowing * y**1.5) * (1.0 - y**2) ** 0.5


def _choose(kinds: tuple[str, ...], shares: tuple[float, ...], chance: float) -> str:
    for kind, share in zip(kinds, shares, strict=True):
        chance -= share
        if chance < 0:
            return kind
    return kinds[-1]
