"""The faces of a photo with their landmarks."""

import dataclasses
import math

import numpy as np
from PIL import Image

from fer_keras.photo.detection import bundled_model, detect
from fer_keras.photo.sampling import crop, moved, square_at

# Side of the landmark network's input, and how far it looks beyond the face.
_SIDE, _MARGIN = 192, 1.5

# Corners of each eye, the tip of the nose, corners of the mouth, by MediaPipe's
# numbers; left and right as seen.
_LEFT_EYE, _RIGHT_EYE, _NOSE, _MOUTH = [33, 133], [362, 263], [1], [61, 291]

# The outline of the face, from the top of the forehead clockwise.
_OUTLINE = (
    [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378]
    + [400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21]
    + [54, 103, 67, 109]
)


@dataclasses.dataclass(frozen=True, eq=False)
class Face:
    """A face that was found in a photo.

    Args:
        landmarks: The 468 points of MediaPipe's face mesh, x and y in pixels of the
            photo, float32 `(468, 2)`.
        score: How sure the network is, 0 to 1.
    """

    landmarks: np.ndarray
    score: float

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the landmarks, whole pixels of the photo."""
        low, high = self.landmarks.min(axis=0), self.landmarks.max(axis=0)
        return (*map(int, np.floor(low)), *map(int, np.ceil(high)))

    @property
    def points(self) -> np.ndarray:
        """Eyes, tip of the nose and corners of the mouth, `(5, 2)`."""
        eyes = [self.landmarks[eye].mean(axis=0) for eye in (_LEFT_EYE, _RIGHT_EYE)]
        return np.stack([*eyes, *self.landmarks[_NOSE + _MOUTH]])

    @property
    def outline(self) -> np.ndarray:
        """The face's outline from forehead to chin, a polygon `(36, 2)`."""
        return self.landmarks[_OUTLINE]

    @property
    def area(self) -> float:
        """Of the box, square pixels."""
        return float(np.prod(np.ptp(self.landmarks, axis=0)))


def find_faces(photo: Image.Image) -> list[Face]:
    """Finds the faces of a photo, the largest first.

    Args:
        photo: Mode "RGB".

    Reference:
        Kartynnik et al. (2019), Real-time facial surface geometry from monocular video
        on mobile GPUs.
    """
    faces = []
    for found in detect(photo):
        low, high, left_eye, right_eye = found.reshape(4, 2)
        side = _MARGIN * (high - low).max()
        face = _mesh(photo, (low + high) / 2, side, left_eye, right_eye)
        # Once more, now that its place is better known: turned faces gain by it.
        low, high = face.landmarks.min(axis=0), face.landmarks.max(axis=0)
        side = _MARGIN * (high - low).max()
        face = _mesh(photo, (low + high) / 2, side, *face.points[:2])
        if face.score > 0.5 and not any(_same(face, other) for other in faces):
            faces.append(face)
    return sorted(faces, key=lambda face: -face.area)


def _mesh(photo, middle, side, left_eye, right_eye):
    angle = math.atan2(right_eye[1] - left_eye[1], right_eye[0] - left_eye[0])
    matrix = square_at(middle, max(side, 1.0), angle, _SIDE)
    square = crop(photo, matrix, _SIDE)
    values, score = bundled_model("face_landmark")(square[None].astype("float32") / 255)
    points = values.reshape(-1, 3)[:, :2].astype("float64")
    certainty = 1 / (1 + math.exp(-float(np.clip(score.ravel()[0], -80, 80))))
    return Face(moved(points, matrix).astype("float32"), certainty)


def _same(one, other):
    """Whether two finds are one face: their middles are closer than half a face."""
    distance = np.linalg.norm(one.points.mean(axis=0) - other.points.mean(axis=0))
    return distance < 0.5 * math.sqrt(min(one.area, other.area))
