"""FER+: what ten annotators saw in each face of FER2013."""

from pathlib import Path

import numpy as np
import pandas as pd

FILE_NAME = "fer2013new.csv"
_USAGES = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}
# In the order of FER2013's labels; contempt, unknown and "no face" have none.
_COLUMNS = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
_OTHERS = ["contempt", "unknown", "NF"]


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

    Reference:
        Barsoum et al., "Training Deep Networks for Facial Expression Recognition with
        Crowd-Sourced Label Distribution" (2016).
    """
    try:
        table = pd.read_csv(path)
        votes = table.loc[table["Usage"] == _USAGES[split], _COLUMNS + _OTHERS]
        votes = votes.to_numpy("int64")
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(
            f"{path} is not FER+'s {FILE_NAME}: expected a CSV file with the columns "
            f"Usage, {', '.join(_COLUMNS + _OTHERS)} ({error})."
        ) from None
    if len(votes) != count:
        raise ValueError(
            f"{path} has {len(votes)} rows of {split}, the data {count} faces: they "
            "are matched by their order."
        )
    most = votes.max(axis=1, keepdims=True)
    alone = (votes == most).sum(axis=1) == 1
    labels = votes.argmax(axis=1)
    return np.where(alone & (labels < len(_COLUMNS)), labels, -1)
