"""FER+: what most of ten annotators saw in each face of FER2013."""

from pathlib import Path

import numpy as np

from fer_keras.emotions import EMOTIONS
from tfds_fer2013.face_rows import USAGES
from tfds_fer2013.votes import FILE_NAME, plurality, read_votes


def ferplus_file(data: str | Path) -> Path | None:
    """Returns `fer2013new.csv` in a folder or beside an archive, where it is there."""
    data = Path(data)
    path = (data if data.is_dir() else data.parent) / FILE_NAME
    return path if path.is_file() else None


def plurality_labels(path: str | Path, split: str, count: int) -> np.ndarray:
    """Returns the label that most annotators gave each face of a split.

    Args:
        path: FER+'s `fer2013new.csv`, whose rows are in FER2013's order.
        split: "train", "validation" or "test".
        count: Number of faces of the split.

    Returns:
        int64 `(count,)`, FER2013's ids; -1 where two labels have most votes, or none
        of the seven.

    Raises:
        ValueError: The file is another one, or its rows are not those of the split.
    """
    usages, votes = read_votes(Path(path))
    votes = votes[usages == USAGES[split]]
    if len(votes) != count:
        raise ValueError(
            f"{path} has {len(votes)} rows of {split}, the data {count} faces: they "
            "are matched by their order."
        )
    labels = plurality(votes)
    return np.where((labels >= 0) & (labels < len(EMOTIONS)), labels, -1)
