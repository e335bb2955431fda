import gzip

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

import tfds_fer2013
from fer_keras import synthetic_faces
from fer_keras.data import (
    describe,
    load_arrays,
    load_dataset,
    synthetic_truth,
)
from fer_keras.data import loading as data
from fer_keras.emotions import EMOTIONS
from tfds_fer2013.class_names import LABEL_NAMES
from tfds_fer2013.fer2013_errors import Fer2013FormatError

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
def test_a_file_gives_a_split_in_the_order_of_the_file(csv_file, split):
    assert_split(load_arrays(csv_file, split), split)
    assert_split(load_arrays(str(csv_file.parent), split), split)


@pytest.mark.parametrize("split", USAGES)
def test_every_source_gives_the_same_arrays(csv_file, tfds_dir, split):
    archive = csv_file.with_name("fer2013.csv.gz")
    archive.write_bytes(gzip.compress(csv_file.read_bytes()))
    assert_split(load_arrays(csv_file, split), split)
    assert_split(load_arrays(csv_file.parent, split), split)
    assert_split(load_arrays(str(archive), split), split)
    version = tfds_dir / "tfds_fer2013" / "fer2013" / "1.1.0"
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


def test_a_split_without_rows_is_refused(csv_file):
    lines = csv_file.read_text().splitlines()
    csv_file.write_text("\n".join(line for line in lines if "PrivateTest" not in line))
    with pytest.raises(Fer2013FormatError, match="no row with the usage 'PrivateTest'"):
        load_arrays(csv_file, "test")
    assert len(load_arrays(csv_file, "train")[1]) == 3


def test_a_damaged_tfds_directory_is_refused(tfds_dir):
    (record,) = tfds_dir.rglob("*train*")
    record.write_bytes(record.read_bytes()[:-100])
    with pytest.raises(ValueError, match="is damaged: build it again"):
        load_arrays(tfds_dir, "train")


@pytest.mark.fer2013
def test_the_real_archive(fer2013_dir):
    images, labels = load_arrays(fer2013_dir, "test")
    assert images.shape == (3589, 48, 48, 1)
    assert np.bincount(labels).tolist() == [491, 55, 528, 879, 594, 416, 626]


def test_the_truth_of_drawn_faces_is_that_of_their_split():
    for split in ("validation", "test"):
        images, labels = load_arrays("synthetic", split)
        truth = synthetic_truth(split)
        np.testing.assert_array_equal(truth[np.arange(len(labels)), labels], images)


def test_labels_of_ferplus_replace_fer2013s(csv_file, tmp_path):
    votes = np.zeros((9, 10), int)
    votes[:, 7] = [9, 3, 9, 0, 9, 9, 9, 9, 5]  # Contempt.
    votes[1, 1] = 7  # Happiness.
    votes[3, 9] = 10  # No face.
    votes[8, 0] = 5  # Neutral: a tie.
    lines = [f"Usage,Image name,{','.join(FERPLUS_COLUMNS)}"]
    lines += [
        f"{list(USAGES.values())[row % 3]},,{','.join(map(str, votes[row]))}"
        for row in range(9)
    ]
    csv_file.with_name("fer2013new.csv").write_text("\n".join(lines))
    images, _ = drawn()
    for source in (csv_file, csv_file.parent):
        found, labels = load_arrays(source, "train", labels="ferplus")
        np.testing.assert_array_equal(found, images[[0, 6]])
        assert labels.tolist() == [7, 7]
        assert load_arrays(source, "validation", labels="ferplus")[1][0] == 3
    soft = load_arrays(csv_file, "test", labels="ferplus_soft")[1]
    assert soft.dtype == np.float32
    assert soft[2].tolist() == [0, 0, 0, 0, 0, 0, 0.5, 0.5]
    assert describe(csv_file, "ferplus").class_names == (*EMOTIONS, "contempt")
    config = tfds.download.DownloadConfig(manual_dir=csv_file.parent)
    for name in ("ferplus", "ferplus_soft"):
        builder = tfds.builder(f"tfds_fer2013/{name}", data_dir=tmp_path / "data")
        builder.download_and_prepare(download_config=config)
        for split in USAGES:
            built = load_arrays(tmp_path / "data", split, labels=name)
            there = load_arrays(csv_file, split, labels=name)
            order = [np.argsort([i.tobytes() for i in a[0]]) for a in (built, there)]
            for one, two in zip(built, there, strict=True):
                np.testing.assert_array_equal(one[order[0]], two[order[1]])
    assert describe(tmp_path / "data", "ferplus").class_names[-1] == "contempt"
    with pytest.raises(ValueError, match="holds no tfds_fer2013/fer2013, only"):
        load_arrays(tmp_path / "data")


FERPLUS_COLUMNS = (
    "neutral happiness surprise sadness anger disgust fear contempt unknown NF".split()
)


def test_labels_of_ferplus_that_cannot_be_had_are_refused(csv_file):
    with pytest.raises(ValueError, match="No labels of FER.*fer2013new.csv, from http"):
        load_arrays(csv_file, labels="ferplus")
    for source in (drawn(), "synthetic"):
        with pytest.raises(ValueError, match="needs FER2013 with fer2013new.csv"):
            load_arrays(source, labels="ferplus")
    with pytest.raises(ValueError, match="Unknown labels 'mine': expected fer2013, f"):
        load_arrays(csv_file, labels="mine")


def folder_of_classes(folder, classes, count=10, size=(20, 31), mode="RGB"):
    colours = iter(range(10, 250, 7))
    for name in classes:
        (folder / name).mkdir(parents=True)
        colour = next(colours)
        for number in range(count):
            value = colour if mode == "L" else (colour, 200, 30)
            Image.new(mode, size, value).save(folder / name / f"{number}.png")
    return folder


def test_a_folder_of_any_classes_in_colour(tmp_path):
    folder = folder_of_classes(tmp_path / "faces", ["smiling", "not smiling"])
    info = describe(folder)
    assert info.class_names == ("not smiling", "smiling")
    assert info.image_shape == (28, 20, 3)
    with pytest.warns(UserWarning, match="one in 8 of each class of `train`"):
        splits = {split: load_arrays(folder, split) for split in USAGES}
    sizes = {split: len(labels) for split, (_, labels) in splits.items()}
    assert sizes == {"train": 16, "validation": 2, "test": 2}
    for images, labels in splits.values():
        assert (images.shape[1:], images.dtype) == ((28, 20, 3), np.uint8)
        assert images[:, 0, 0].tolist() == [[(17, 10)[i], 200, 30] for i in labels]


def test_a_folder_of_grey_pictures_to_an_asked_shape(tmp_path):
    folder = folder_of_classes(tmp_path, ["happy", "sad"], mode="L", size=(200, 90))
    assert describe(folder).image_shape == (48, 48, 1)
    with pytest.warns(UserWarning):
        images, _ = load_arrays(folder, image_shape=(16, 24, 3))
    assert images.shape[1:] == (16, 24, 3)


def test_splits_without_a_picture_are_stood_in_for(tmp_path):
    for split, mode in (("train", "L"), ("test", "L")):
        folder_of_classes(tmp_path / split, EMOTIONS, count=2, size=(48, 48), mode=mode)
    images, labels = load_arrays(tmp_path, "train")
    assert images[:, 0, 0, 0].tolist() == [10 + 7 * label for label in labels]
    assert sorted(labels) == sorted([*range(7)] * 2)
    with pytest.warns(UserWarning, match="too few pictures for `validation`: `test`"):
        assert len(load_arrays(tmp_path, "validation")[1]) == 14


def test_what_arrays_and_drawn_faces_are():
    assert describe(drawn()).class_names == EMOTIONS
    assert describe((np.zeros((9, 8, 8, 3)), np.arange(9))).class_names[8] == "8"
    assert describe("synthetic").image_shape == (48, 48, 1)
