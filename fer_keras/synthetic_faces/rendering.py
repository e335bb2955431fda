"""From an identity and an emotion to pixels."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from fer_keras.emotions import EMOTIONS, emotion_id
from fer_keras.synthetic_faces.arguments import whole_number
from fer_keras.synthetic_faces.expression import expression_of
from fer_keras.synthetic_faces.features import feature_patches
from fer_keras.synthetic_faces.head import glasses_patches, still_patches
from fer_keras.synthetic_faces.identity import Identity
from fer_keras.synthetic_faces.shapes import Patch
from fer_keras.synthetic_faces.streams import NOISE_STREAM, random_stream

SUPERSAMPLING = 4
SMALLEST_SIZE = 16
LARGEST_STRENGTH = 1.5


def render(
    identity: Identity, emotion: str | int, strength: float = 1.0, size: int = 48
) -> np.ndarray:
    """Draws one face.

    Args:
        identity: Who, from `sample_identity`.
        emotion: Name or id.
        strength: How strongly it is shown, over and above the person's own
            expressiveness: 0 draws the neutral face, 1 what `render_all` draws,
            1.5 is the most.
        size: Width and height in pixels, 16 or more.

    Returns:
        uint8 `(size, size, 1)`, 0 to 255.

    Raises:
        ValueError: The emotion is unknown, or a number out of its range.

    Example:
        >>> render(sample_identity(seed=0, index=7), "happy").shape
        (48, 48, 1)
    """
    emotion = emotion_id(emotion)
    _check_strength(strength)
    size = whole_number("size", size, SMALLEST_SIZE)
    scene = _still_scene(identity, size)
    face = _with_emotion(scene, identity, emotion, strength, size)
    return _as_photographed(face[None], identity)[0]


def render_all(identity: Identity, size: int = 48) -> np.ndarray:
    """Draws one person in all seven emotions, in the order of `EMOTIONS`.

    Nothing but the expression differs between the seven: pose, light, background
    and noise belong to the identity.

    Returns:
        uint8 `(7, size, size, 1)`, 0 to 255.

    Raises:
        ValueError: The size is no integer of 16 or more.

    Example:
        >>> render_all(sample_identity(seed=0, index=7)).shape
        (7, 48, 48, 1)
    """
    size = whole_number("size", size, SMALLEST_SIZE)
    scene = _still_scene(identity, size)
    faces = [
        _with_emotion(scene, identity, emotion, 1.0, size)
        for emotion in range(len(EMOTIONS))
    ]
    return _as_photographed(np.stack(faces), identity)


def _check_strength(strength: float) -> None:
    if not 0 <= strength <= LARGEST_STRENGTH:
        raise ValueError(
            f"Expected a strength from 0 (neutral) to {LARGEST_STRENGTH}, "
            f"got {strength!r}."
        )


def _still_scene(identity: Identity, size: int) -> Image.Image:
    canvas = size * SUPERSAMPLING
    column = np.linspace(
        identity.background_top, identity.background_bottom, canvas
    ).astype("uint8")
    rows = np.ascontiguousarray(np.broadcast_to(column[:, None], (canvas, canvas)))
    scene = Image.fromarray(rows)
    _paint(scene, still_patches(identity), identity, turn=0.0)
    return scene


def _with_emotion(
    scene: Image.Image, identity: Identity, emotion: int, strength: float, size: int
) -> np.ndarray:
    face = scene.copy()
    expression = expression_of(emotion, strength * identity.expressiveness)
    patches = feature_patches(identity, expression) + glasses_patches(identity)
    _paint(face, patches, identity, turn=identity.turn)
    return np.asarray(face.reduce(SUPERSAMPLING), dtype="float32")


def _paint(
    image: Image.Image, patches: list[Patch], identity: Identity, turn: float
) -> None:
    half = image.width / 2
    cosine, sine = np.cos(identity.rotation), np.sin(identity.rotation)
    turned = np.array([(cosine, sine), (-sine, cosine)]) * (identity.scale * half)
    origin = np.array([identity.shift_x + 1.0, identity.shift_y + 1.0]) * half
    points = np.concatenate([points for points, _ in patches])
    points[:, 0] += turn
    numbers = (points @ turned + origin).ravel().tolist()
    draw = ImageDraw.Draw(image)
    start = 0
    for polygon, tone in patches:
        end = start + 2 * len(polygon)
        draw.polygon(numbers[start:end], fill=round(tone))
        start = end


def _as_photographed(faces: np.ndarray, identity: Identity) -> np.ndarray:
    size = faces.shape[-1]
    x, y = _grid(size)
    light = 1.0 + identity.light_strength * (
        np.cos(identity.light_angle) * x + np.sin(identity.light_angle) * y
    )
    random = random_stream(NOISE_STREAM, identity.seed, identity.index)
    noise = random.standard_normal((size, size), dtype="float32") * identity.noise
    pixels = np.clip(np.rint(faces * light + noise), 0, 255)
    return pixels.astype("uint8")[..., None]


@lru_cache(maxsize=8)
def _grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    places = (np.arange(size, dtype="float32") + 0.5) * 2 / size - 1
    return places[None, :], places[:, None]
