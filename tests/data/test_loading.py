import gzip
import inspect

import numpy as np
import pytest
import tensorflow_datasets as tfds

import tfds_fer2013
from fer_keras import synthetic_faces
from fer_keras.data import (
    load_arrays,
    load_dataset,
    read_fer2013,
    synthetic_truth,
)
from fer_keras.data import loading as data
from fer_keras.emotions import EMOTIONS
from tfds_fer2013.fer2013_csv import LABEL_NAMES
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError

USAGES = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}


def drawn(count=9):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, 48, 48, 1), np.uint8)
    return images, generator.integers(0, 7, count)


@pytest.fixture
def csv_file(tmp_path):
    """Nine rows, of the three usages in turn."""
    lines = ["emotion,pixels,Usage"]
    for index, (image, label) in enumerate(zip(*drawn(), strict=True)):
        pixels = " ".join(map(str, image.ravel().tolist()))
        lines.append(f"{label},{pixels},{list(USAGES.values())[index % 3]}")
    path = tmp_path / "manual" / "fer2013.csv"
    path.parent.mkdir()
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def tfds_dir(csv_file, tmp_path):
    builder = tfds_fer2013.Builder(data_dir=tmp_path / "data")
    config = tfds.download.DownloadConfig(manual_dir=csv_file.parent)
    builder.download_and_prepare(download_config=config)
    return tmp_path / "data"


def assert_split(arrays, split, any_order=False):
    place = list(USAGES).index(split)
    images, labels = (array[place::3] for array in drawn())
    assert arrays[0].dtype == np.uint8
    assert arrays[1].dtype == np.int64
    if any_order:
        order = np.argsort([image.tobytes() for image in images])
        images, labels = images[order], labels[order]
        order = np.argsort([image.tobytes() for image in arrays[0]])
        arrays = arrays[0][order], arrays[1][order]
    np.testing.assert_array_equal(arrays[0], images)
    np.testing.assert_array_equal(arrays[1], labels)


def test_the_label_names_are_the_emotions():
    assert LABEL_NAMES == EMOTIONS


@pytest.mark.parametrize("split", USAGES)
def test_read_fer2013_gives_a_split_in_the_order_of_the_file(csv_file, split):
    assert_split(read_fer2013(csv_file, split), split)
    assert_split(read_fer2013(str(csv_file.parent), split), split)


@pytest.mark.parametrize("split", USAGES)
def test_every_source_gives_the_same_arrays(csv_file, tfds_dir, split):
    archive = csv_file.with_name("fer2013.csv.gz")
    archive.write_bytes(gzip.compress(csv_file.read_bytes()))
    assert_split(load_arrays(csv_file, split), split)
    assert_split(load_arrays(csv_file.parent, split), split)
    assert_split(load_arrays(str(archive), split), split)
    version = tfds_dir / "tfds_fer2013" / "1.0.0"
    for folder in (tfds_dir, str(tfds_dir), version.parent, version):
        assert_split(load_arrays(folder, split), split, any_order=True)


def test_arrays_pass_through():
    images, labels = drawn()
    assert np.shares_memory(load_arrays((images, labels))[0], images)
    assert load_arrays([images, labels.tolist()])[1].tolist() == labels.tolist()


def test_a_limit_gives_the_first_faces_of_any_source(csv_file, tfds_dir):
    for source in (csv_file, tfds_dir, drawn(), "synthetic"):
        whole, first = load_arrays(source, "test", 9), load_arrays(source, "test", 2)
        for array, start in zip(whole, first, strict=True):
            np.testing.assert_array_equal(start, array[:2])
    assert len(load_arrays(csv_file, "test", 100)[0]) == 3
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="limit of 1 or more"):
            load_arrays(drawn(), limit=wrong)


def test_no_more_faces_are_drawn_than_asked_for(monkeypatch):
    asked = []
    drawing = synthetic_faces.dataset_arrays
    monkeypatch.setattr(
        synthetic_faces,
        "dataset_arrays",
        lambda count, seed: asked.append(count) or drawing(count, seed=seed),
    )
    assert len(load_arrays("synthetic", "validation", 3)[1]) == 3
    assert asked == [3]


def test_drawn_faces_have_other_persons_in_every_split(monkeypatch):
    counts = {split: (7, seed) for seed, split in enumerate(USAGES)}
    assert counts.keys() == data._SYNTHETIC_COUNT_AND_SEED.keys()
    assert len({seed for _, seed in data._SYNTHETIC_COUNT_AND_SEED.values()}) == 3
    monkeypatch.setattr(data, "_SYNTHETIC_COUNT_AND_SEED", counts)
    splits = {split: load_arrays("synthetic", split) for split in USAGES}
    faces = {image.tobytes() for images, _ in splits.values() for image in images}
    assert len(faces) == 21
    for images, labels in splits.values():
        assert (images.shape, images.dtype) == ((7, 48, 48, 1), np.uint8)
        assert sorted(labels) == list(range(7))


def test_load_dataset_batches_a_split(csv_file):
    dataset = load_dataset(csv_file, "test", batch_size=2, shuffle=False)
    images, labels = (
        np.concatenate(part) for part in zip(*dataset.as_numpy_iterator(), strict=True)
    )
    assert_split((images, labels), "test")
    assert [len(labels) for _, labels in dataset] == [2, 1]


def test_load_dataset_passes_everything_on():
    arrays = drawn()
    order = {"seed": 3, "start_epoch": 2, "start_step": 1, "repeat": True}
    dataset = load_dataset(arrays, batch_size=4, **order)
    expected = data.make_batches(*arrays, 4, **order)
    for (_, got), (_, wanted) in zip(dataset.take(5), expected.take(5), strict=True):
        assert got.numpy().tolist() == wanted.numpy().tolist()
    assert len(load_dataset(arrays, batch_size=4, drop_remainder=True)) == 2
    own = inspect.signature(load_dataset).parameters
    batches = inspect.signature(data.make_batches).parameters
    for name in ("shuffle", "seed", "drop_remainder", "repeat", "start_epoch"):
        assert own[name] == batches[name].replace(annotation=own[name].annotation)


@pytest.mark.parametrize("source", ["nowhere", "empty folder", "number", "one array"])
def test_other_sources_are_refused_with_what_is_accepted(tmp_path, source):
    sources = {
        "nowhere": tmp_path / "nowhere.tar.gz",
        "empty folder": tmp_path,
        "number": 3,
        "one array": drawn()[0],
    }
    with pytest.raises(ValueError) as caught:
        load_dataset(sources[source])
    for word in ("TFDS data directory", "'synthetic'", "pair of arrays"):
        assert word in str(caught.value)
    if source in ("nowhere", "empty folder"):
        assert "fer2013.tar.gz" in str(caught.value)
        assert str(sources[source]) in str(caught.value)


@pytest.mark.parametrize("source", ["file", "built", "synthetic"])
def test_an_unknown_split_is_refused(csv_file, tfds_dir, source):
    path = {"file": csv_file, "built": tfds_dir}.get(source, "synthetic")
    with pytest.raises(ValueError, match="Unknown split 'Training'.*'validation'"):
        load_arrays(path, "Training")


def test_errors_of_the_reader_come_through(csv_file):
    csv_file.write_text(csv_file.read_text().replace("Training", "Exam", 1))
    with pytest.raises(Fer2013FormatError, match="line 2: unknown usage 'Exam'"):
        load_dataset(csv_file, "test")
    with pytest.raises(Fer2013NotFoundError):
        read_fer2013(csv_file.with_name("other.csv"), "test")


def test_a_split_without_rows_is_refused(csv_file):
    lines = csv_file.read_text().splitlines()
    csv_file.write_text("\n".join(line for line in lines if "PrivateTest" not in line))
    with pytest.raises(Fer2013FormatError, match="no row with the usage 'PrivateTest'"):
        read_fer2013(csv_file, "test")
    assert len(read_fer2013(csv_file, "train")[1]) == 3


def test_a_damaged_tfds_directory_is_refused(tfds_dir):
    (record,) = tfds_dir.rglob("*train*")
    record.write_bytes(record.read_bytes()[:-100])
    with pytest.raises(ValueError, match="is damaged: build it again"):
        load_arrays(tfds_dir, "train")


@pytest.mark.fer2013
def test_the_real_archive(fer2013_dir):
    images, labels = read_fer2013(fer2013_dir, "test")
    assert images.shape == (3589, 48, 48, 1)
    assert np.bincount(labels).tolist() == [491, 55, 528, 879, 594, 416, 626]


def test_the_truth_of_drawn_faces_is_that_of_their_split():
    for split in ("validation", "test"):
        images, labels = load_arrays("synthetic", split)
        truth = synthetic_truth(split)
        np.testing.assert_array_equal(truth[np.arange(len(labels)), labels], images)
