"""Brings a face to the place, size and angle that FER2013's faces have."""

import numpy as np
from PIL import Image

from fer_keras.photo.faces import Face
from fer_keras.photo.sampling import crop, similarity

FER2013_POINTS = np.array(
    [[14.90, 18.90], [32.76, 18.75], [23.85, 29.94], [16.77, 36.49], [31.19, 36.35]]
)
"""Where eyes, nose and corners of the mouth lie in FER2013's 48x48 pixels.

Medians over `train`; `docs/photos.md` has the command that measured them.
"""

FER2013_SIDE = 48


def aligning_matrix(face: Face, size: int) -> np.ndarray:
    """Returns the way from the pixels of an aligned face to the photo's, `(2, 3)`."""
    return similarity(FER2013_POINTS * (size / FER2013_SIDE), face.points)


def aligned_face(photo: Image.Image, matrix: np.ndarray, size: int) -> np.ndarray:
    """Returns a face as the model should see it, grey.

    Args:
        photo: Mode "RGB".
        matrix: From `aligning_matrix`.
        size: Side of the model's pictures.

    Returns:
        uint8 `(size, size, 1)`.
    """
    colour = Image.fromarray(crop(photo, matrix, size))
    return np.asarray(colour.convert("L"))[..., None]
