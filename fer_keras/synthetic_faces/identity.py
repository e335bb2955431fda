"""Who a drawn face is: everything about it that no emotion changes."""

from dataclasses import dataclass

HAIR_STYLES = (
    "bald",
    "short",
    "receding",
    "parted",
    "fringe",
    "bob",
    "long",
    "curly",
    "cap",
)
BEARDS = ("none", "moustache", "goatee", "full")
GLASSES = ("none", "round", "square")

HEAD_CENTRE = 0.08
"""Height of the head's middle, in halves of the picture, downwards."""


@dataclass(frozen=True)
class Identity:
    """One drawn person, under one light, in front of one background.

    Lengths are in halves of the picture: the picture spans -1 to 1 both ways, y
    pointing down, before the pose is applied. Tones are grey values, 0 to 255.

    Args:
        seed: Seed of the population.
        index: Number of this person in it.
        hair_style: One of `HAIR_STYLES`.
        beard: One of `BEARDS`.
        glasses: One of `GLASSES`.
        head_width: Half the width of the head, at the cheekbones.
        head_height: Half the height of the head.
        jaw_narrowing: How much narrower the chin is, 0 (not at all) to 1.
        jaw_squareness: 0 (oval) to 1 (square).
        ear_size: Half the height of an ear.
        skin_tone: Grey value of the skin.
        hair_tone: Grey value of hair, brows and beard.
        hair_volume: How far the hair stands off the head, in parts of its size.
        hairline: Height of the hairline over the middle of the forehead.
        eye_spacing: Distance of an eye's centre from the middle of the face.
        eye_level: Height of the eyes.
        eye_width: Half the width of an eye.
        eye_height: How far the upper lid is open in a neutral face.
        eye_tilt: How much the outer corner is lower than the inner.
        iris_tone: Grey value of the iris.
        brow_gap: Distance of the brow above the eye's centre.
        brow_thickness: Thickness of the brow.
        brow_arch: How much the brow is bent upwards.
        nose_level: Height of the nose's tip.
        nose_width: Half the width of the nose.
        mouth_level: Height of the mouth.
        mouth_width: Half the width of the neutral mouth.
        lip_fullness: Thickness of a lip.
        lip_contrast: Tone of the lips in parts of the skin's.
        clothes_tone: Grey value of what is worn.
        turn: Head turned to one side: shift of the features over the head.
        shift_x: Where the head is, to the right.
        shift_y: Where the head is, downwards.
        rotation: Tilt of the head in radians.
        scale: Size of the whole head.
        light_angle: Where the light comes from, in radians.
        light_strength: How much brighter that side is, in parts.
        background_top: Grey value of the background's upper edge.
        background_bottom: Grey value of the background's lower edge.
        noise: Standard deviation of the camera's noise, in grey values.
        expressiveness: How strongly this person shows any emotion.
    """

    seed: int
    index: int
    hair_style: str
    beard: str
    glasses: str
    head_width: float
    head_height: float
    jaw_narrowing: float
    jaw_squareness: float
    ear_size: float
    skin_tone: float
    hair_tone: float
    hair_volume: float
    hairline: float
    eye_spacing: float
    eye_level: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    iris_tone: float
    brow_gap: float
    brow_thickness: float
    brow_arch: float
    nose_level: float
    nose_width: float
    mouth_level: float
    mouth_width: float
    lip_fullness: float
    lip_contrast: float
    clothes_tone: float
    turn: float
    shift_x: float
    shift_y: float
    rotation: float
    scale: float
    light_angle: float
    light_strength: float
    background_top: float
    background_bottom: float
    noise: float
    expressiveness: float
