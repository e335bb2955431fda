"""The results that the paper's authors published as pictures."""

from pathlib import Path

import numpy as np
from PIL import Image

from fer_keras.evaluation.candidates import Candidate

CAVEAT = (
    "The paper's published pictures: 64 faces, all of them training faces of its "
    "networks, of the models here and of the emotion judges; grey values were "
    "stretched to 0..255 over each whole picture when they were saved, so that pixel "
    "errors are upper bounds."
)
_COLUMNS = 8
_FIRST_ROW = 64


class PublishedPictures(Candidate):
    """The 64 published faces, their transfers to seven emotions, and generated faces.

    Args:
        folder: With `test_encoder_original.png`, `test_encoder_0.png` to
            `test_encoder_6.png` and `test_arange_0.png` to `test_arange_6.png`, each
            8 by 8 faces of 48 pixels.
        train: Images and labels of FER2013's training split, where the faces and
            their labels are looked up.

    Attributes:
        images: uint8 `(64, 48, 48, 1)`, the originals.
        labels: int64 `(64,)`, their emotions.
        generated: uint8 `(64, 7, 48, 48, 1)`, generated faces of each emotion.

    Raises:
        ValueError: A picture is missing or of another size, or the faces are not in
            the training split.
    """

    generates = False

    def __init__(self, folder: str | Path, train: tuple[np.ndarray, np.ndarray]):
        super().__init__("paper, published", "published")
        folder = Path(folder)
        self.images = _faces(folder / "test_encoder_original.png")
        self.labels = _labels(self.images, *train)
        self._edits = _series(folder, "test_encoder")
        self.generated = _series(folder, "test_arange")
        self._rows = {face.tobytes(): row for row, face in enumerate(self.images)}

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        try:
            return self._edits[[self._rows[face.tobytes()] for face in images]]
        except KeyError:
            raise ValueError(
                "Only the 64 published faces have published transfers."
            ) from None


def _series(folder: Path, name: str) -> np.ndarray:
    pictures = [_faces(folder / f"{name}_{label}.png") for label in range(7)]
    return np.stack(pictures, axis=1)


def _faces(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            grey = np.asarray(picture.convert("L"))
    except OSError as error:
        raise ValueError(f"{path}: not a picture that can be read ({error}).") from None
    side = _COLUMNS * 48
    if grey.shape != (side, side):
        raise ValueError(
            f"{path}: expected {side} by {side} pixels, got {grey.shape[1]} by "
            f"{grey.shape[0]}."
        )
    cells = grey.reshape(_COLUMNS, 48, _COLUMNS, 48).swapaxes(1, 2)
    return np.ascontiguousarray(cells).reshape(-1, 48, 48, 1)


def _labels(faces, train_images, train_labels) -> np.ndarray:
    """Looks the faces up in the training split: rows 64 to 127 of the file."""
    expected = slice(_FIRST_ROW, _FIRST_ROW + len(faces))
    if np.array_equal(train_images[expected], faces):
        return np.asarray(train_labels[expected], "int64")
    labels = {
        face.tobytes(): label
        for face, label in zip(train_images, train_labels, strict=True)
    }
    try:
        return np.array([labels[face.tobytes()] for face in faces], "int64")
    except KeyError:
        raise ValueError(
            "The published faces are not among the training faces: their emotions "
            "are known only with FER2013's training split as --data."
        ) from None
