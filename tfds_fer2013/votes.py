"""FER+: what ten people said of each picture of FER2013.

Reference:
    Barsoum et al., Training Deep Networks for Facial Expression Recognition with
    Crowd-Sourced Label Distribution, ICMI 2016; github.com/microsoft/FERPlus.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfds_fer2013.class_names import FERPLUS_NAMES
from tfds_fer2013.csv_header import column_names
from tfds_fer2013.face_rows import USAGES, FaceRows
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError

FILE_NAME = "fer2013new.csv"
_WHERE = (
    f"{FILE_NAME}, from https://github.com/microsoft/FERPlus, belongs beside FER2013"
)
_EMOTIONS = {  # Column of the file by our name.
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
    "contempt": "contempt",
}
_COLUMNS = [*(_EMOTIONS[name] for name in FERPLUS_NAMES), "unknown", "NF"]

UNKNOWN, NO_FACE, TIE = -1, -2, -3
"""What `plurality` gives for a picture without a label."""


def find_votes(folder: Path) -> Path:
    """Returns the file of votes in a folder or one of its folders.

    Raises:
        Fer2013NotFoundError: There is none.
    """
    for pattern in (FILE_NAME, f"*/{FILE_NAME}", f"*/*/{FILE_NAME}"):
        for path in sorted(folder.glob(pattern)):
            return path
    raise Fer2013NotFoundError(f"No labels of FER+ in {folder}: {_WHERE}.")


def is_votes_header(start: bytes) -> bool:
    """Whether a file that begins with these bytes holds the votes."""
    names = column_names((start.splitlines() or [b""])[0])
    return {"usage", "contempt", "nf"} <= set(names)


def read_votes(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Reads the votes.

    Returns:
        The `Usage` of each row, str `(n,)`, and its votes, int64 `(n, 10)`: the
        emotions in the order of `FERPLUS_NAMES`, unknown, no face.

    Raises:
        Fer2013FormatError: The file is malformed.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, nrows=1_000_000, skipinitialspace=True)
        votes = table[_COLUMNS].to_numpy()
        usages = table["Usage"].to_numpy(str)
    # pandas raises many kinds of errors on malformed files.
    except Exception as error:
        raise Fer2013FormatError(
            str(path), f"holds no votes of FER+ ({str(error)[:100]})."
        ) from None
    if votes.dtype.kind != "i" or votes.min(initial=0) < 0:
        raise Fer2013FormatError(str(path), "expected votes of 0 or more.")
    return usages, votes.astype(np.int64)


def plurality(votes: np.ndarray) -> np.ndarray:
    """Returns the emotion with the most votes.

    Args:
        votes: int64 `(n, 10)`, as from `read_votes`.

    Returns:
        int64 `(n,)`: an id, or `UNKNOWN`, `NO_FACE` or `TIE` where that, or more
        than one column, has the most votes.

    Example:
        >>> plurality(np.array([[0, 0, 0, 6, 0, 0, 4, 0, 0, 0]]))
        array([3])
    """
    most = votes == votes.max(axis=1, keepdims=True)
    labels = most.argmax(axis=1)
    labels[labels == len(FERPLUS_NAMES)] = UNKNOWN
    labels[labels == len(FERPLUS_NAMES) + 1] = NO_FACE
    labels[most.sum(axis=1) > 1] = TIE
    return labels


def soft_labels(votes: np.ndarray) -> np.ndarray:
    """Returns each emotion's share of the votes for emotions.

    Args:
        votes: int64 `(n, 10)`, as from `read_votes`.

    Returns:
        float32 `(n, 8)`; zeros where "unknown" or "no face" has as many votes as
        the leading emotion, or more. Ties between emotions keep their shares.
    """
    emotions, others = np.split(votes, [len(FERPLUS_NAMES)], axis=1)
    kept = emotions.max(axis=1) > others.max(axis=1)
    shares = emotions / np.maximum(emotions.sum(axis=1, keepdims=True), 1)
    return (shares * kept[:, None]).astype(np.float32)


def relabelled(
    blocks: Iterator[FaceRows], path: Path, soft: bool = False
) -> Iterator[FaceRows]:
    """Yields the rows of FER2013 with FER+ labels, without those that have none.

    Args:
        blocks: FER2013 in the order of its CSV.
        path: The file of votes, in the same order.
        soft: Whether labels are shares of votes. Default: ids.

    Raises:
        Fer2013FormatError: The two files do not hold the same rows.
    """
    usages, votes = read_votes(path)
    labels = soft_labels(votes) if soft else plurality(votes)
    kept = labels.any(axis=1) if soft else labels >= 0
    start = 0
    for block in blocks:
        rows = slice(start, start + len(block.labels))
        start = rows.stop
        if usages[rows].tolist() != [USAGES[split] for split in block.splits]:
            raise Fer2013FormatError(
                str(path),
                f"rows {rows.start + 1} to {rows.stop} are others than FER2013's: "
                "FER+ goes by the order of fer2013.csv.",
            )
        chosen = kept[rows]
        yield FaceRows(block.images[chosen], labels[rows][chosen], block.splits[chosen])
    if start != len(votes):
        raise Fer2013FormatError(
            str(path), f"has {len(votes):,} rows, FER2013 {start:,}: expected as many."
        )
