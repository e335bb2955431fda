"""Files checked against the SHA-256 that a card names."""

import hashlib
from pathlib import Path


def sha256_of(path: str | Path) -> str:
    """Returns the SHA-256 of a file in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_hashes(folder: Path, hashes: dict[str, str]) -> None:
    """Checks the files of a folder.

    Args:
        folder: Where they are.
        hashes: Their SHA-256 by path within the folder.

    Raises:
        ValueError: One is missing or differs.
    """
    for name, expected in hashes.items():
        path = folder / name
        if not path.is_file():
            raise ValueError(f"{folder} is not whole: {name} is missing.")
        if sha256_of(path) != expected:
            raise ValueError(
                f"{path} is not the file that its card describes: fetch {folder} again."
            )
