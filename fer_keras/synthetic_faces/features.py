"""What an emotion moves: brows, eyes, nose, cheeks and mouth."""

import numpy as np

from fer_keras.synthetic_faces.expression import Expression
from fer_keras.synthetic_faces.head import beard_tone
from fer_keras.synthetic_faces.identity import HEAD_CENTRE, Identity
from fer_keras.synthetic_faces.shapes import (
    ALONG,
    SMALL_CIRCLE,
    Patch,
    band,
    both_sides,
    ellipse,
    mixed,
    shaded,
)

_ALMOND = (1.0 - ALONG**2) ** 0.7
_ROUND = np.sqrt(1.0 - ALONG**2)
_FROM_INNER = (ALONG + 1.0) / 2.0
_TAPERED = (1.0 - 0.55 * _FROM_INNER) * (1.0 - ALONG**8)
_BOW = np.sin(np.pi * _FROM_INNER)


def feature_patches(identity: Identity, expression: Expression) -> list[Patch]:
    """Returns the features of a face that shows an expression, back to front."""
    return [
        *_cheeks(identity, expression),
        *_forehead(identity, expression),
        *_nose(identity, expression),
        *_eyes(identity, expression),
        *_brows(identity, expression),
        *_mouth(identity, expression),
    ]


def _crease(identity: Identity, depth: float) -> float:
    return shaded(identity.skin_tone, 1.0 - 0.45 * depth)


def _cheeks(identity: Identity, expression: Expression) -> list[Patch]:
    level = identity.eye_level + 0.34 - 0.06 * expression.cheek_raise
    patches = []
    if expression.cheek_raise > 0:
        cheek = ellipse(identity.eye_spacing + 0.05, level, 0.17, 0.11)
        tone = shaded(identity.skin_tone, 1.0 + 0.07 * expression.cheek_raise)
        patches += [(side, tone) for side in both_sides(cheek)]
    top = identity.nose_level - 0.05
    bottom = identity.mouth_level - expression.corner_raise * 0.7
    start = identity.nose_width + 0.05
    end = identity.mouth_width * expression.mouth_width + 0.07
    x = start + (end - start) * _FROM_INNER
    y = top + (bottom - top) * _FROM_INNER**1.4
    fold = band(x, y - 0.02 * _BOW, y + 0.035 * _BOW)
    tone = _crease(identity, expression.cheek_folds)
    return patches + [(side, tone) for side in both_sides(fold)]


def _forehead(identity: Identity, expression: Expression) -> list[Patch]:
    patches = []
    if expression.forehead_lines > 0:
        y = identity.hairline + 0.055 - 0.02 * _ROUND
        line = band(ALONG * 0.3, y - 0.014, y + 0.014)
        patches.append((line, _crease(identity, 0.6 * expression.forehead_lines)))
    if expression.frown_lines > 0:
        y = identity.eye_level - 0.5 * identity.brow_gap
        line = np.array([(0.03, y - 0.1), (0.06, y - 0.1), (0.05, y + 0.08)])
        tone = _crease(identity, expression.frown_lines)
        patches += [(side, tone) for side in both_sides(line)]
    return patches


def _nose(identity: Identity, expression: Expression) -> list[Patch]:
    wrinkle = expression.nose_wrinkle
    width = identity.nose_width * (1.0 + 0.25 * wrinkle)
    tip = identity.nose_level - 0.045 * wrinkle
    bridge = identity.eye_level - 0.04
    side = np.array(
        [(0.045, bridge), (0.075, bridge), (width, tip - 0.03), (width, tip)]
    )
    underside = band(ALONG * width, tip - 0.03 * _ROUND, tip + 0.03 * _ROUND)
    nostril = ellipse(0.55 * width, tip + 0.005, 0.3 * width, 0.024)
    lean = 1.0 if np.cos(identity.light_angle) < 0 else -1.0
    patches = [
        (side * (lean, 1.0), _crease(identity, 0.3)),
        (underside, _crease(identity, 0.45)),
        *((one, _crease(identity, 1.3)) for one in both_sides(nostril)),
    ]
    if wrinkle > 0:
        tone = _crease(identity, 0.65 * wrinkle)
        for level, across in ((0.0, 0.085), (0.075, 0.1), (0.15, 0.085)):
            y = identity.eye_level + level + 0.03 * ALONG**2
            patches.append((band(ALONG * across, y - 0.016, y + 0.016), tone))
    return patches


def _eyes(identity: Identity, expression: Expression) -> list[Patch]:
    width, height = identity.eye_width, identity.eye_height
    slope = identity.eye_level + identity.eye_tilt * ALONG
    x = identity.eye_spacing + width * ALONG
    top = slope - height * expression.eye_open * _ALMOND
    bottom = slope + height * expression.lower_lid * _ALMOND
    iris = SMALL_CIRCLE * (0.5 * width, 0.5 * width)
    iris += (identity.eye_spacing, identity.eye_level - 0.01)
    # The lids cover the iris: cut it along them instead of painting skin over it.
    iris[:, 1] = np.clip(
        iris[:, 1], np.interp(iris[:, 0], x, top), np.interp(iris[:, 0], x, bottom)
    )
    lashes = band(x, top - 0.032 * _ROUND - 0.006, top + 0.008)
    lower = band(x, bottom - 0.004, bottom + 0.018 * _ROUND)
    white = mixed(identity.skin_tone, 250.0, 0.75)
    dark = shaded(identity.skin_tone, 0.25)
    patches = []
    for points, tone in (
        (band(x, top, bottom), white),
        (iris, min(identity.iris_tone, 0.5 * white)),
        (lower, shaded(identity.skin_tone, 0.66)),
        (lashes, dark),
    ):
        patches += [(one, tone) for one in both_sides(points)]
    return patches


def _brows(identity: Identity, expression: Expression) -> list[Patch]:
    inner = identity.eye_spacing - 1.1 * identity.eye_width - expression.brow_pinch
    outer = identity.eye_spacing + identity.eye_width
    x = inner + (outer - inner) * _FROM_INNER
    raised = (
        expression.brow_inner * (1.0 - _FROM_INNER) ** 1.3
        + expression.brow_outer * _FROM_INNER**1.3
        + (expression.brow_arch + identity.brow_arch) * _BOW
    )
    y = identity.eye_level - identity.brow_gap - raised
    half = 0.012 + identity.brow_thickness * _TAPERED
    brow = band(x, y - half, y + half)
    tone = beard_tone(identity)
    return [(side, tone) for side in both_sides(brow)]


def _mouth(identity: Identity, expression: Expression) -> list[Patch]:
    width = identity.mouth_width * expression.mouth_width
    x = ALONG * width
    middle = identity.mouth_level - expression.corner_raise * (ALONG**2 - 0.35)
    power = 2.0 + 4.0 * expression.mouth_squareness
    opening = (1.0 - np.abs(ALONG) ** power) ** (1.0 / power)
    top = middle - expression.upper_lip_raise * opening
    lip = identity.lip_fullness * expression.lip_fullness
    above_chin = HEAD_CENTRE + identity.head_height - 0.06 - 1.25 * lip
    drop = min(expression.lower_lip_drop, above_chin - identity.mouth_level)
    bottom = middle + drop * opening
    lips = band(
        x * 1.04, top - 0.014 - lip * opening, bottom + 0.014 + 1.25 * lip * opening
    )
    patches = [*_moustache(identity, width, top - lip)]
    lip_tone = shaded(identity.skin_tone, identity.lip_contrast)
    patches.append((lips, lip_tone))
    dark = shaded(identity.skin_tone, 0.12)
    patches.append((band(x, top - 0.012, bottom + 0.012), dark))
    return patches + _teeth(identity, expression, x, top, bottom)


def _teeth(
    identity: Identity,
    expression: Expression,
    x: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
) -> list[Patch]:
    white = mixed(identity.skin_tone, 252.0, 0.85)
    inside = slice(1, -1)
    height = (bottom - top)[inside]
    x, top, bottom = x[inside], top[inside], bottom[inside]
    patches = []
    if expression.upper_teeth > 0:
        patches.append((band(x, top, top + expression.upper_teeth * height), white))
    if expression.lower_teeth > 0:
        teeth = band(x, bottom - expression.lower_teeth * height, bottom)
        patches.append((teeth, shaded(white, 0.9)))
    return patches


def _moustache(identity: Identity, width: float, lip: np.ndarray) -> list[Patch]:
    if identity.beard not in ("moustache", "full"):
        return []
    x = ALONG * width * 1.05
    moustache = band(x, lip - 0.03 - 0.075 * _ROUND, lip - 0.015 + 0.04 * np.abs(ALONG))
    return [(moustache, mixed(beard_tone(identity), identity.skin_tone, 0.1))]
