import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from fer2013_files import csv_bytes, csv_lines, rows, tar_bytes, zip_bytes

import tfds_fer2013
from tfds_fer2013.fer2013_csv import iter_fer2013_rows
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError

ROOT = Path(tfds_fer2013.__file__).parent.parent
NAMES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


class DatasetTest(tfds.testing.DatasetBuilderTestCase):
    """What TFDS itself asks of a data set, on the drawn faces in `dummy_data`."""

    DATASET_CLASS = tfds_fer2013.Builder
    SPLITS = {"train": 7, "validation": 3, "test": 3}


def build(manual_dir, data_dir, **config):
    builder = tfds.builder("tfds_fer2013", data_dir=data_dir)
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(manual_dir=manual_dir, **config)
    )
    return builder


def as_set(images, labels):
    pairs = [
        (image.tobytes(), int(label))
        for image, label in zip(images, labels, strict=True)
    ]
    return sorted(pairs)


def loaded(split, data_dir):
    pairs = tfds.as_numpy(
        tfds.load("tfds_fer2013", split=split, data_dir=data_dir, as_supervised=True)
    )
    images, labels = zip(*pairs, strict=True)
    assert {(image.shape, image.dtype.name) for image in images} == {
        ((48, 48, 1), "uint8")
    }
    return as_set(images, labels)


def test_features_splits_and_metadata(tmp_path):
    info = tfds.builder("tfds_fer2013", data_dir=tmp_path).info
    assert info.name == "tfds_fer2013"
    assert isinstance(info.features["image"], tfds.features.Image)
    assert info.features["image"].shape == (48, 48, 1)
    assert info.features["image"].dtype == np.uint8
    assert info.features["label"].names == NAMES
    assert info.supervised_keys == ("image", "label")
    assert "Goodfellow" in info.citation
    assert "35,887" in info.description


@pytest.mark.parametrize("form", ["fer2013.csv", "fer2013.tar.gz", "competition.zip"])
def test_what_is_loaded_is_what_the_file_holds(tmp_path, form):
    content = csv_bytes(count=12)
    if form == "fer2013.tar.gz":
        content = tar_bytes({"fer2013/fer2013.csv": content})
    elif form == "competition.zip":
        content = zip_bytes({"icml_face_data.csv": content})
    manual_dir = tmp_path / "manual"
    manual_dir.mkdir()
    (manual_dir / form).write_bytes(content)
    build(manual_dir, tmp_path / "data")
    images, labels, _ = rows(count=12)
    for place, split in enumerate(("train", "validation", "test")):
        expected = as_set(images[place::3], labels[place::3])
        assert loaded(split, tmp_path / "data") == expected


@pytest.mark.parametrize("fault", ["a pixel less", "a split less", "cut off"])
def test_a_malformed_file_leaves_nothing_behind(tmp_path, fault):
    lines = csv_lines(count=9)
    if fault == "a pixel less":
        lines[-1] = lines[-1].replace(" ", "", 1)
        reason = r"fer2013.csv, line 10: expected 2304 pixels \(48 x 48\), found 2303"
    elif fault == "a split less":
        lines = [line for line in lines if not line.endswith("PublicTest")]
        reason = "holds no row with the usage 'PublicTest'"
    else:
        lines[-1] = lines[-1][:-3]
        reason = "line 10: unknown usage 'PrivateT', .*cut off"
    manual_dir = tmp_path / "manual"
    manual_dir.mkdir()
    (manual_dir / "fer2013.csv").write_text("\n".join(lines))
    with pytest.raises(Fer2013FormatError, match=reason):
        build(manual_dir, tmp_path / "data")
    left = [path.name for path in (tmp_path / "data").rglob("*") if path.is_file()]
    # Where TFDS notes which configuration is the default.
    assert left == ["metadata.json"]


@pytest.mark.parametrize("folder", ["missing", "empty", "other"])
def test_absent_files_give_the_instructions(tmp_path, folder):
    if folder != "missing":
        (tmp_path / folder).mkdir()
    if folder == "other":
        (tmp_path / folder / "cats.csv").write_text("cats")
    with pytest.raises(Fer2013NotFoundError) as caught:
        build(tmp_path / folder, tmp_path / "data")
    for name in ("kaggle.com", "fer2013.tar.gz", "fer2013.csv", "icml_face_data.csv"):
        assert name in str(caught.value)
    assert ".zip" in str(caught.value)


def run(*command, **options):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, **options
    )


def test_the_command_line_builds_and_user_code_loads(tmp_path):
    manual_dir = tmp_path / "manual"
    manual_dir.mkdir()
    shutil.copy(ROOT / "tfds_fer2013/dummy_data/fer2013.tar.gz", manual_dir)
    tfds_command = Path(sys.executable).with_name("tfds")
    built = run(
        tfds_command,
        *("build", "tfds_fer2013", "--manual_dir", manual_dir),
        *("--data_dir", tmp_path / "data"),
        cwd=ROOT,
    )
    assert built.returncode == 0, built.stderr
    assert [path.name for path in (tmp_path / "data/tfds_fer2013").glob("f*")] == [
        "fer2013"
    ]
    code = (
        "import sys, tensorflow_datasets as tfds, tfds_fer2013\n"
        "assert not any(name.startswith('fer_keras') for name in sys.modules)\n"
        f"data = tfds.load('tfds_fer2013', data_dir={str(tmp_path / 'data')!r})\n"
        "print({split: len(data[split]) for split in sorted(data)})"
    )
    loading = run(
        *(sys.executable, "-c", code),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert loading.stdout == "{'test': 3, 'train': 7, 'validation': 3}\n", (
        loading.stderr
    )


@pytest.mark.fer2013
def test_the_real_archive_through_tfds_equals_the_file(tmp_path, fer2013_dir):
    builder = build(fer2013_dir, tmp_path)
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert sizes == {"train": 28709, "validation": 3589, "test": 3589}
    blocks = list(iter_fer2013_rows(fer2013_dir / "fer2013.tar.gz"))
    for split in sizes:
        pairs = [block.of_split(split) for block in blocks]
        images, labels = (np.concatenate(part) for part in zip(*pairs, strict=True))
        assert loaded(split, tmp_path) == as_set(images, labels)
