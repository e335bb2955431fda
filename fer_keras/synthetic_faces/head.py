"""What no emotion moves: head, ears, neck, clothes, hair, beard and glasses."""

import numpy as np

from fer_keras.synthetic_faces.identity import HEAD_CENTRE, Identity
from fer_keras.synthetic_faces.shapes import (
    ALONG,
    CIRCLE,
    Patch,
    band,
    both_sides,
    ellipse,
    mixed,
    shaded,
)

_ACROSS = np.linspace(-1.0, 1.0, 17)
_OVER_THE_TOP = np.linspace(np.pi, 2 * np.pi, 17)


def still_patches(identity: Identity) -> list[Patch]:
    """Returns what lies behind the features, from back to front."""
    return [
        *_hair_behind(identity),
        *_body(identity),
        *_skull(identity),
        *_beard(identity),
        *_hair_in_front(identity),
    ]


def glasses_patches(identity: Identity) -> list[Patch]:
    """Returns the frames, which lie over the eyes."""
    if identity.glasses == "none":
        return []
    width, height = identity.eye_width + 0.075, identity.eye_height + 0.085
    circle = CIRCLE
    if identity.glasses == "square":
        circle = np.sign(CIRCLE) * np.abs(CIRCLE) ** 0.5
    outer = ellipse(
        identity.eye_spacing, identity.eye_level + 0.02, width, height, circle
    )
    inner = ellipse(
        identity.eye_spacing,
        identity.eye_level + 0.02,
        width - 0.035,
        height - 0.035,
        circle,
    )
    # One polygon with a seam, so that the eye inside the frame stays as it is.
    frame = np.concatenate([outer, outer[:1], inner[:1], inner[::-1]])
    tone = 20.0 if identity.skin_tone > 125 else 235.0
    gap = identity.eye_spacing - width
    bridge = np.array([(-gap, -0.02), (gap, -0.02), (gap, 0.02), (-gap, 0.02)])
    bridge[:, 1] += identity.eye_level
    return [*((side, tone) for side in both_sides(frame)), (bridge, tone)]


def _skull(identity: Identity) -> list[Patch]:
    ear = ellipse(
        identity.head_width + 0.015,
        identity.eye_level + 0.12,
        identity.ear_size * 0.6,
        identity.ear_size * 1.3,
    )
    skin = identity.skin_tone
    outline = _outline(identity)
    # A brighter middle is what makes the flat shape round.
    middle = outline * (0.8, 0.84) + (0.0, 0.015)
    return [
        *((side, shaded(skin, 0.8)) for side in both_sides(ear)),
        (outline, shaded(skin, 0.9)),
        (middle, skin),
    ]


def _outline(identity: Identity) -> np.ndarray:
    x, y = CIRCLE.T
    power = 1.0 - 0.35 * identity.jaw_squareness * (y > 0)
    width = np.sign(x) * np.abs(x) ** power
    width = width * (1.0 - identity.jaw_narrowing * np.maximum(y, 0.0) ** 1.5)
    return np.stack(
        [width * identity.head_width, y * identity.head_height + HEAD_CENTRE], axis=1
    )


def _body(identity: Identity) -> list[Patch]:
    neck = np.array([(-0.36, 0.4), (0.36, 0.4), (0.40, 1.3), (-0.40, 1.3)])
    shoulders = np.array(
        [(-1.6, 1.06), (-0.42, 0.88), (0, 1.1), (0.42, 0.88), (1.6, 1.06)]
        + [(1.6, 1.6), (-1.6, 1.6)]
    )
    return [
        (neck, shaded(identity.skin_tone, 0.72)),
        (shoulders, identity.clothes_tone),
    ]


def _hair_behind(identity: Identity) -> list[Patch]:
    width = identity.head_width * (1 + identity.hair_volume) + 0.04
    tone = shaded(identity.hair_tone, 0.85)
    if identity.hair_style == "curly":
        curls = 1.0 + 0.05 * np.cos(8 * np.arctan2(CIRCLE[:, 1], CIRCLE[:, 0]))
        points = CIRCLE * curls[:, None] * (width + 0.14, 0.78) + (0.0, -0.2)
        return [(points, tone)]
    lengths = {"bob": 0.62, "long": 1.5}
    if identity.hair_style not in lengths:
        return []
    end = lengths[identity.hair_style]
    points = np.array(
        [(-0.8, -0.5), (0.8, -0.5), (1.04, 0.1), (1.1, end), (-1.1, end), (-1.04, 0.1)]
    )
    return [(points * (width, 1.0), tone)]


def _hair_in_front(identity: Identity) -> list[Patch]:
    if identity.hair_style == "bald":
        return []
    over = 1.0 + identity.hair_volume
    sides = {"bob": 0.1, "long": 0.1, "curly": 0.0, "cap": -0.48}
    side = sides.get(identity.hair_style, -0.12)
    outer = np.stack(
        [
            np.cos(_OVER_THE_TOP) * identity.head_width * over,
            np.sin(_OVER_THE_TOP) * identity.head_height * over + HEAD_CENTRE,
        ],
        axis=1,
    )
    ends = np.array([(1.0, side), (-1.0, side)]) * (identity.head_width * over, 1.0)
    hairline = np.stack(
        [-_ACROSS * identity.head_width * 0.97, _hairline(identity, -_ACROSS, side)],
        axis=1,
    )
    points = np.concatenate([outer, ends[:1], hairline, ends[1:]])
    if identity.hair_style != "cap":
        return [(points, identity.hair_tone)]
    brim = band(
        ALONG * identity.head_width * 1.04,
        -0.57 - 0.06 * (1 - ALONG**2),
        -0.47 - 0.06 * (1 - ALONG**2),
    )
    return [
        (points, identity.clothes_tone),
        (brim, shaded(identity.clothes_tone, 0.6)),
    ]


def _hairline(identity: Identity, x: np.ndarray, side: float) -> np.ndarray:
    line = identity.hairline
    if identity.hair_style == "receding":
        middle = line - 0.03 - 0.14 * np.exp(-(((np.abs(x) - 0.5) / 0.25) ** 2))
    elif identity.hair_style == "parted":
        lean = 1.0 if identity.turn > 0 else -1.0
        middle = line - 0.05 + 0.17 * np.clip(lean * x + 0.35, 0.0, 1.0)
    elif identity.hair_style == "fringe":
        middle = line + 0.05 + 0.025 * np.cos(14 * x)
    elif identity.hair_style == "cap":
        middle = np.full_like(x, -0.52)
    else:
        middle = np.full_like(x, line)
    return middle + (side - middle) * np.abs(x) ** 7


def _beard(identity: Identity) -> list[Patch]:
    if identity.beard not in ("full", "goatee"):
        return []
    tone = mixed(beard_tone(identity), identity.skin_tone, 0.15)
    if identity.beard == "goatee":
        chin = HEAD_CENTRE + identity.head_height
        return [(ellipse(0.0, chin - 0.1, 0.19, 0.11), tone)]
    outline = _outline(identity)
    jaw = outline[outline[:, 1] > 0.18]
    right_to_left = np.argsort(-np.arctan2(jaw[:, 0], jaw[:, 1]))
    x = ALONG * jaw[:, 0].max()
    cheek = identity.mouth_level - 0.12 - 0.3 * np.maximum(np.abs(ALONG) - 0.55, 0)
    return [(np.concatenate([jaw[right_to_left], np.stack([x, cheek], axis=1)]), tone)]


def beard_tone(identity: Identity) -> float:
    """Returns the tone of brows and beard: darker than the skin, so that it shows."""
    return min(identity.hair_tone, 0.5 * identity.skin_tone)
