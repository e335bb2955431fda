"""Drawn faces in FER2013's CSV form."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

from fer_keras.synthetic_faces.arguments import whole_number
from fer_keras.synthetic_faces.datasets import dataset_labels
from fer_keras.synthetic_faces.population import sample_identity
from fer_keras.synthetic_faces.rendering import render

USAGES = ("Training", "PublicTest", "PrivateTest")


def write_csv(
    path: str | os.PathLike,
    splits: Mapping[str, int],
    seed: int = 0,
    overwrite: bool = False,
) -> Path:
    """Writes drawn faces as a file of the form of `fer2013.csv`.

    The columns are `emotion,pixels,Usage`. The rows are those of
    `dataset_arrays(total, seed)` in order, the splits one after the other as in
    `splits`, so that no person is in two splits and `truth_arrays(total, seed)` is
    the truth of the whole file. The file is written aside and renamed: nobody sees
    half of it.

    Args:
        path: File to write, in a folder that exists.
        splits: Number of faces by usage, `Training`, `PublicTest` or `PrivateTest`.
        seed: Integer of 0 or more.
        overwrite: Whether an existing file may be replaced.

    Returns:
        The path.

    Raises:
        ValueError: The file exists and may not be replaced, its folder does not
            exist, a usage is unknown, or a number is out of its range.

    Example:
        >>> write_csv("faces.csv", {"Training": 700, "PublicTest": 70})
    """
    path = Path(path)
    seed = whole_number("seed", seed)
    usages = _usage_of_each_row(splits)
    if path.exists() and not overwrite:
        raise ValueError(
            f"{path} exists already: give another path, or overwrite=True to "
            "replace it."
        )
    if not path.parent.is_dir():
        raise ValueError(f"The folder {path.parent} does not exist: make it first.")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", newline="", encoding="ascii") as file:
            _write_rows(file, usages, seed)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _usage_of_each_row(splits: Mapping[str, int]) -> list[str]:
    if not isinstance(splits, Mapping):
        raise ValueError(
            'Expected splits as {"Training": 700, ...}, a number of faces by usage, '
            f"got {splits!r}."
        )
    usages = []
    for usage, count in splits.items():
        if usage not in USAGES:
            raise ValueError(
                f"Unknown usage {usage!r}: expected one of {', '.join(USAGES)}."
            )
        usages += [usage] * whole_number(f"the number of {usage} faces", count)
    if not usages:
        raise ValueError("Expected at least one face in the splits, got none.")
    return usages


def _write_rows(file, usages: list[str], seed: int) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("emotion", "pixels", "Usage"))
    digits = [str(value) for value in range(256)]
    labels = dataset_labels(len(usages), seed).tolist()
    for index, (usage, label) in enumerate(zip(usages, labels, strict=True)):
        pixels = render(sample_identity(seed, index), label).ravel().tolist()
        row = " ".join([digits[value] for value in pixels])
        writer.writerow((label, row, usage))
