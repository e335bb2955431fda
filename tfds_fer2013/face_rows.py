"""Faces as every reader yields them, and which of them belong to which split."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

USAGES = {
    "train": "Training",
    "validation": "PublicTest",
    "test": "PrivateTest",
}
"""Each split and the word for it in the CSV's column `Usage`."""

SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "fer2013train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "publictest": "validation",
    "fer2013valid": "validation",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
    "fer2013test": "test",
}
"""What people call the splits, in lower case."""

STAND_INS = {"validation": ("test", "train"), "test": ("train",)}
"""Which split is shown instead, where pictures are too few for a split of its own."""

# One in eight, as in FER2013: 3,589 of 28,709.
_HELD_OUT = 8


class FaceRows(NamedTuple):
    """Neighbouring rows of a source, in its order.

    Attributes:
        images: uint8 `(n, height, width, channels)`, 0 to 255.
        labels: int64 `(n,)`, ids; or float32 `(n, classes)`, weights that sum to 1.
        splits: str `(n,)`, keys of `USAGES`.
    """

    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray

    def of_split(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns the images and the labels of one split."""
        chosen = self.splits == split
        return self.images[chosen], self.labels[chosen]


def scattered(keys: Sequence[str]) -> np.ndarray:
    """Returns an order that looks random and follows from the keys alone."""
    marks = [hashlib.sha1(key.encode("utf-8", "replace")).digest() for key in keys]
    return np.array(sorted(range(len(keys)), key=marks.__getitem__), np.int64)


def completed_splits(
    splits: Sequence[str], labels: np.ndarray, keys: Sequence[str]
) -> tuple[np.ndarray, str]:
    """Gives every row a split where a source has not all three.

    What is held out is kept for `test`, and one in eight of each class of the rest
    becomes what is missing. Which ones follows from the keys alone.

    Args:
        splits: A split or "" for each row.
        labels: Class ids, int64 `(n,)`.
        keys: Names of the rows, such as paths.

    Returns:
        The splits, str `(n,)`, and what was decided, in a sentence, or "".
    """
    splits = np.array(splits, dtype="U10")
    found = set(splits.tolist())
    if found >= set(USAGES):
        return splits, ""
    said = []
    if "test" not in found and "validation" in found:
        splits[splits == "validation"] = "test"
        said.append("all of `validation` serves as `test`")
    elif "test" in found and "validation" not in found:
        said.append("all of `test` is `test`")
    splits[splits == ""] = "train"
    for split in ("test", "validation"):
        if split not in splits:
            chosen = _one_in_eight(splits, labels, keys)
            splits[chosen] = split
            if len(chosen):
                said.append(
                    f"one in {_HELD_OUT} of each class of `train` serves as `{split}` "
                    f"({len(chosen):,} of {len(splits):,} pictures)"
                )
    return splits, ", ".join(said)


def _one_in_eight(splits, labels, keys) -> np.ndarray:
    order = scattered(keys)
    order = order[splits[order] == "train"]
    chosen = [order[:0]]
    for label in np.unique(labels):
        rows = order[labels[order] == label]
        chosen.append(rows[: len(rows) // _HELD_OUT])
    return np.concatenate(chosen)
