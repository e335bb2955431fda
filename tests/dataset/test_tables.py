"""Parquet and .npz as people save faces in them."""

import json

import numpy as np
import pandas as pd
import pyarrow
import pytest
from fer2013_files import picture_bytes, pixel_text, rows
from pyarrow import parquet

from tfds_fer2013.class_names import LABEL_NAMES
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.sources import open_source

IMAGES, LABELS, USAGES = rows(count=21)
SPLIT_OF = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
SPLITS = np.array([SPLIT_OF[usage] for usage in USAGES])


def assert_is_drawn(source, splits=SPLITS):
    assert source.class_names == LABEL_NAMES
    for split in SPLIT_OF.values():
        (block,) = source.blocks(split)
        np.testing.assert_array_equal(block.images, IMAGES[splits == split])
        np.testing.assert_array_equal(block.labels, LABELS[splits == split])


def test_parquet_as_on_hugging_face(tmp_path):
    """A file a split, pictures as structures, class names in an order of their own."""
    names = sorted(LABEL_NAMES)
    about = {"label": {"names": names, "_type": "ClassLabel"}}
    for split, stem in (("train", "train"), ("validation", "valid"), ("test", "test")):
        chosen = split == SPLITS
        encoded = [png(image) for image in IMAGES[chosen]]
        ids = [names.index(LABEL_NAMES[label]) for label in LABELS[chosen]]
        table = pyarrow.table(
            {"image": [{"bytes": data, "path": None} for data in encoded], "label": ids}
        )
        metadata = {b"huggingface": json.dumps({"info": {"features": about}})}
        path = tmp_path / "data" / f"{stem}-00000-of-00001.parquet"
        path.parent.mkdir(exist_ok=True)
        parquet.write_table(table.replace_schema_metadata(metadata), path)
    assert_is_drawn(open_source(tmp_path))


FORMS = ("bytes", "flat", "floats", "signed", "first", "one-hot")


def png(image):
    from tfds_fer2013.grey_png import encode_grey_png

    return encode_grey_png(image)


@pytest.mark.parametrize("form", ["text", "list", "nested", "words"])
def test_parquet_of_pixels(tmp_path, form):
    cells = {
        "text": [pixel_text(image) for image in IMAGES],
        "list": [image.ravel().tolist() for image in IMAGES],
        "nested": [image[..., 0].tolist() for image in IMAGES],
        "words": [png(image) for image in IMAGES],
    }[form]
    labels = [LABEL_NAMES[label] for label in LABELS] if form == "words" else LABELS
    table = pd.DataFrame({"emotion": labels, "pixels": cells, "Usage": USAGES})
    table.to_parquet(tmp_path / "faces")
    assert_is_drawn(open_source(tmp_path / "faces"))
    assert open_source(tmp_path).form == "parquet"


@pytest.mark.parametrize(
    "form", ["bytes", "flat", "floats", "signed", "first", "one-hot"]
)
def test_npz_of_every_shape_and_range(tmp_path, form):
    images = {
        "flat": IMAGES.reshape(21, -1).astype("int64"),
        "floats": IMAGES / np.float32(255),
        "signed": IMAGES / 127.5 - 1,
        "first": IMAGES.transpose(0, 3, 1, 2),
    }.get(form, IMAGES)
    labels = np.eye(7)[LABELS] if form == "one-hot" else LABELS
    arrays = {}
    for split, word in (("train", "train"), ("validation", "val"), ("test", "test")):
        arrays[f"x_{word}"] = images[split == SPLITS]
        arrays[f"y_{word}"] = labels[split == SPLITS]
    np.savez_compressed(tmp_path / "faces.npz", **arrays)
    source = open_source(tmp_path)
    assert_is_drawn(source)
    assert "taken in FER2013's order: angry, disgust" in source.note


def test_npz_without_splits(tmp_path):
    np.savez(tmp_path / "a.npz", images=IMAGES, emotions=LABELS, usage=np.array(USAGES))
    assert_is_drawn(open_source(tmp_path))
    colour = IMAGES.repeat(3, 3)
    names = np.array(["smiling", "not"])
    np.savez(tmp_path / "b.npz", images=colour, labels=LABELS % 2, class_names=names)
    source = open_source(tmp_path / "b.npz")
    assert source.class_names == ("not", "smiling")
    assert "one in 8" in source.note
    blocks = list(source.blocks("train", decode=lambda image: image))
    labels = np.concatenate([block.labels for block in blocks])
    assert blocks[0].images.shape[1:] == (48, 48, 3) and len(labels) == 17
    assert labels[0] == 1


MALFORMED = {
    "no labels": ({"images": IMAGES}, "expected arrays such as x_train"),
    "other lengths": ({"x": IMAGES, "y": LABELS[:3]}, "21 images and 3 labels"),
    "no images": ({"x": LABELS, "y": LABELS}, r"x: is int64 \(21,\): expected images"),
    "float labels": ({"x": IMAGES, "y": LABELS * 0.5}, "expected ids or words"),
    "values": ({"x": IMAGES * 300.0, "y": LABELS}, "has values from 0 to 76500"),
    "objects": ({"x": np.array([None, {}]), "y": LABELS}, "is not a .npz that can be"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_npz_are_refused(tmp_path, name):
    arrays, message = MALFORMED[name]
    np.savez(tmp_path / "faces.npz", **arrays)
    with pytest.raises(Fer2013FormatError, match=message):
        open_source(tmp_path / "faces.npz")


def test_malformed_parquet_is_refused(tmp_path):
    path = tmp_path / "faces.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(Fer2013FormatError, match="columns such as .*, found a"):
        open_source(path)
    table = pd.DataFrame({"image": [picture_bytes(1), b"x"], "label": [0, 1]})
    table.to_parquet(path)
    with pytest.raises(Fer2013FormatError, match="row 2: holds no picture"):
        list(open_source(path).blocks())
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Fer2013FormatError, match="is not a parquet file that can be"):
        open_source(path)
    path.write_bytes(b"PAR1" * 5)
    with pytest.raises(Fer2013FormatError, match="is not a parquet file"):
        open_source(path)
