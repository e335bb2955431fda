"""What an emotion does to a face: brows, lids, nose and mouth as numbers."""

from typing import NamedTuple

import numpy as np

from fer_keras.emotions import EMOTIONS


class Expression(NamedTuple):
    """How far each part of a face is from rest; the defaults are a neutral face.

    Lengths are in halves of the picture, as in `Identity`, and point upwards.

    Args:
        brow_inner: Raise of the brows' inner ends.
        brow_outer: Raise of the brows' outer ends.
        brow_arch: Raise of the brows' middle.
        brow_pinch: How much nearer to each other the inner ends are.
        eye_open: Height of the upper lid in parts of the neutral one.
        lower_lid: Height of the lower lid below the eye's centre, in parts of the
            neutral upper lid; below 0 the eye is a crescent.
        nose_wrinkle: Depth of the wrinkles across the nose, 0 to 1.
        frown_lines: Depth of the lines between the brows, 0 to 1.
        forehead_lines: Depth of the lines across the forehead, 0 to 1.
        cheek_folds: Depth of the folds from the nose to the mouth's corners, 0 to 1.
        cheek_raise: Brightness and height of the cheeks, 0 to 1.
        mouth_width: Width of the mouth in parts of the neutral one.
        corner_raise: Raise of the mouth's corners over its middle.
        upper_lip_raise: How far the upper lip is raised from the closed mouth.
        lower_lip_drop: How far the lower lip is dropped from the closed mouth.
        mouth_squareness: Shape of the opening: 0 an ellipse, 1 a box.
        lip_fullness: Thickness of the lips in parts of the neutral one.
        upper_teeth: How much of the opening the upper teeth fill, 0 to 1.
        lower_teeth: How much of the opening the lower teeth fill, 0 to 1.
    """

    brow_inner: float = 0.0
    brow_outer: float = 0.0
    brow_arch: float = 0.0
    brow_pinch: float = 0.0
    eye_open: float = 1.0
    lower_lid: float = 0.62
    nose_wrinkle: float = 0.0
    frown_lines: float = 0.0
    forehead_lines: float = 0.0
    cheek_folds: float = 0.12
    cheek_raise: float = 0.0
    mouth_width: float = 1.0
    corner_raise: float = 0.0
    upper_lip_raise: float = 0.0
    lower_lip_drop: float = 0.0
    mouth_squareness: float = 0.0
    lip_fullness: float = 1.0
    upper_teeth: float = 0.0
    lower_teeth: float = 0.0


_AT_FULL_STRENGTH = {
    "angry": Expression(
        brow_inner=-0.15,
        brow_outer=0.07,
        brow_pinch=0.07,
        eye_open=0.72,
        lower_lid=0.45,
        frown_lines=1.0,
        cheek_folds=0.25,
        mouth_width=1.08,
        corner_raise=-0.03,
        lip_fullness=0.3,
    ),
    "disgust": Expression(
        brow_inner=-0.10,
        brow_outer=-0.03,
        brow_pinch=0.03,
        eye_open=0.36,
        lower_lid=0.2,
        nose_wrinkle=1.0,
        cheek_folds=1.0,
        cheek_raise=0.5,
        mouth_width=0.95,
        corner_raise=-0.10,
        upper_lip_raise=0.10,
        lower_lip_drop=0.03,
        mouth_squareness=0.7,
        upper_teeth=0.75,
    ),
    "fear": Expression(
        brow_inner=0.15,
        brow_outer=-0.03,
        brow_pinch=0.06,
        eye_open=1.5,
        lower_lid=0.85,
        forehead_lines=0.7,
        mouth_width=1.2,
        corner_raise=-0.06,
        upper_lip_raise=0.03,
        lower_lip_drop=0.13,
        mouth_squareness=1.0,
        lip_fullness=0.6,
        lower_teeth=0.4,
    ),
    "happy": Expression(
        brow_arch=0.03,
        eye_open=0.75,
        lower_lid=-0.05,
        cheek_folds=0.7,
        cheek_raise=1.0,
        mouth_width=1.42,
        corner_raise=0.14,
        lower_lip_drop=0.13,
        lip_fullness=0.7,
        upper_teeth=0.62,
    ),
    "sad": Expression(
        brow_inner=0.13,
        brow_outer=-0.07,
        brow_pinch=0.02,
        eye_open=0.55,
        lower_lid=0.6,
        cheek_folds=0.3,
        mouth_width=0.92,
        corner_raise=-0.14,
        lip_fullness=1.1,
    ),
    "surprise": Expression(
        brow_inner=0.12,
        brow_outer=0.10,
        brow_arch=0.07,
        eye_open=1.5,
        lower_lid=0.95,
        forehead_lines=1.0,
        mouth_width=0.72,
        upper_lip_raise=0.08,
        lower_lip_drop=0.24,
        lip_fullness=0.9,
    ),
    "neutral": Expression(),
}
_NEUTRAL = np.array(Expression())
_DIFFERENCES = np.array([_AT_FULL_STRENGTH[name] for name in EMOTIONS]) - _NEUTRAL
# Beyond these an eye would turn inside out, a lip vanish, teeth leave the mouth.
_LEAST = np.array(
    Expression(*[-np.inf] * len(_NEUTRAL))._replace(
        eye_open=0.2, lower_lid=-0.1, lip_fullness=0.2
    )
)
_MOST = np.array(
    Expression(*[np.inf] * len(_NEUTRAL))._replace(upper_teeth=0.9, lower_teeth=0.7)
)


def expression_of(emotion: int, strength: float) -> Expression:
    """Returns the expression of an emotion, blended with the neutral face.

    Args:
        emotion: Class id.
        strength: 0 is the neutral face, 1 the full emotion; more exaggerates it.
    """
    values = _NEUTRAL + strength * _DIFFERENCES[emotion]
    return Expression(*np.clip(values, _LEAST, _MOST).tolist())
