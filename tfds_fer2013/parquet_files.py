"""Faces in parquet files, as on Hugging Face or written by pandas."""

import json
import re
from pathlib import Path

from tfds_fer2013.class_names import LABEL_NAMES
from tfds_fer2013.face_rows import SPLIT_WORDS
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.tables import (
    IMAGE_WORDS,
    LABEL_WORDS,
    SPLIT_COLUMNS,
    TableSource,
    check_size,
    splits_of,
)


def read_parquet(paths: list[Path], name: str) -> TableSource:
    """Reads faces from parquet files.

    Columns are known by their names: an image (encoded, also as a structure with
    `bytes`, as on Hugging Face; or pixels as text or list), a label, perhaps `Usage`
    or `split`. Otherwise a file's name tells its split.

    Raises:
        Fer2013FormatError: A file is damaged or has no such columns.
    """
    import pandas as pd
    from pyarrow import parquet

    images, labels, splits, names = [], [], [], None
    for path in paths:
        try:
            metadata = parquet.read_metadata(path)
            groups = range(metadata.num_row_groups)
            size = sum(metadata.row_group(group).total_byte_size for group in groups)
            check_size(path, size, metadata.num_rows)
            columns = _columns(path, metadata.schema.to_arrow_schema().names)
            names = _hugging_face_names(metadata, columns["label"]) or names
            if names is None and columns["label"].strip().lower() == "emotion":
                names = LABEL_NAMES
            table = pd.read_parquet(path, columns=list(columns.values()))
        except Fer2013FormatError:
            raise
        # pyarrow raises many kinds of errors on damaged files.
        except Exception as error:
            raise Fer2013FormatError(
                str(path),
                f"is not a parquet file that can be read ({str(error)[:100]}).",
            ) from None
        images += table[columns["image"]].tolist()
        labels += table[columns["label"]].tolist()
        if "split" in columns:
            splits += splits_of(str(path), table[columns["split"]])
        else:
            word = re.match("[a-z]*", path.stem.lower())[0]
            splits += [SPLIT_WORDS.get(word, "")] * len(table)
    return TableSource(name, "parquet", images, labels, splits, names)


def _columns(path, names) -> dict[str, str]:
    kinds = (
        ("image", IMAGE_WORDS),
        ("label", LABEL_WORDS),
        ("split", SPLIT_COLUMNS),
    )
    columns = {
        kind: name
        for kind, words in kinds
        for name in reversed(names)
        if name.strip().lower() in words
    }
    if not {"image", "label"} <= columns.keys():
        raise Fer2013FormatError(
            str(path),
            "expected columns such as image and label, or pixels and emotion, found "
            f"{', '.join(names)[:200]}.",
        )
    return columns


def _hugging_face_names(metadata, label: str) -> list[str] | None:
    """Returns the class names that the library `datasets` writes beside the schema."""
    try:
        about = json.loads((metadata.metadata or {})[b"huggingface"])
        return about["info"]["features"][label]["names"]
    except (KeyError, TypeError, ValueError):
        return None
