"""The judges' files: each beside a card that names its SHA-256."""

import json
from pathlib import Path

from fer_keras.files import sha256_of
from fer_keras.shipped_models import shipped_model

SHIPPED = shipped_model("judges")
"""The folder of the shipped judges."""


def checked_file(name: str, folder: str | Path | None = None) -> tuple[Path, dict]:
    """Returns a judge's file and its card, `NAME.json`.

    Args:
        name: Of the judge.
        folder: Where it is. Default: `SHIPPED`.

    Raises:
        ValueError: Card or file are missing, or the file is not that of the card.
    """
    folder = SHIPPED if folder is None else Path(folder)
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
