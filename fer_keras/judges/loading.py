"""The judges' files: each beside a card that names its SHA-256."""

import json
from pathlib import Path

import keras
import numpy as np

from fer_keras.files import sha256_of
from fer_keras.judges.emotion import EmotionJudge, MiniXceptionJudge
from fer_keras.judges.face_recognition import face_recognition_network
from fer_keras.judges.identity import IDENTITY_JUDGE, IdentityJudge
from fer_keras.judges.judge import Judge
from fer_keras.shipped_models import shipped_model


def load_judge(name: str = "vgg", folder: str | Path | None = None) -> Judge:
    """Loads a judge and checks its file against its card.

    Args:
        name: "vgg", "mini_xception" or "face_recognition"; or another emotion
            classifier `NAME.keras` with its card `NAME.json` in `folder` (see
            `EmotionJudge`).
        folder: Default: the shipped `saved_models/judges`.

    Raises:
        ValueError: The file is missing, differs from its card, or holds something
            else.

    Example:
        >>> embeddings = load_judge("face_recognition").embed(faces)
    """
    path, card = _checked_file(name, Path(folder or shipped_model("judges")))
    if name == IDENTITY_JUDGE:
        with np.load(path) as weights:
            return IdentityJudge(face_recognition_network(weights), card)
    network = keras.saving.load_model(path, compile=False)
    if name == "mini_xception":
        return MiniXceptionJudge(network, card)
    try:
        return EmotionJudge(network, card)
    except (AttributeError, TypeError, KeyError):
        raise ValueError(
            f"{path} is no emotion judge: expected a Keras model from images to "
            "'features' and 'logits'."
        ) from None


def _checked_file(name: str, folder: Path) -> tuple[Path, dict]:
    note = folder / f"{name}.json"
    if not note.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.json"))) or "none"
        raise ValueError(f"No judge {name!r}: {note} is missing. There are: {known}.")
    try:
        card = json.loads(note.read_text("utf-8"))
        path, expected = folder / card["file"], card["sha256"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{note} is not a judge's card: expected JSON with 'file' and 'sha256'."
        ) from None
    if not path.is_file():
        raise ValueError(f"No judge {name!r}: {path} is missing.")
    found = sha256_of(path)
    if found != expected:
        raise ValueError(
            f"{path} is not the judge of its card: SHA-256 {found}, expected "
            f"{expected}. Fetch it again; scores of another judge cannot be compared."
        )
    return path, card
