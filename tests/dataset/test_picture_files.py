"""Folders of pictures: which class, which split, in which order."""

import numpy as np
import pytest
from fer2013_files import picture_bytes, write_files, zip_bytes

from tfds_fer2013.class_names import LABEL_NAMES, class_ids
from tfds_fer2013.fer2013_errors import Fer2013FormatError
from tfds_fer2013.sources import open_source


def pictures(split, names=LABEL_NAMES, count=8, prefix=""):
    return {
        f"{split}/{name}/{prefix}{number}.png": picture_bytes(10 * index + number)
        for index, name in enumerate(names)
        for number in range(count)
    }


def counts(source):
    """Returns how many faces of each class each split has."""
    found = {}
    for split in ("train", "validation", "test"):
        labels = [block.labels for block in source.blocks(split)]
        found[split] = np.bincount(np.concatenate([np.zeros(0, int), *labels])).tolist()
    return found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (reversed(LABEL_NAMES), LABEL_NAMES),
        (["Sad", "angry", "HAPPY"], ("angry", "happy", "sad")),
        (["contempt", "anger", "sadness"], ("angry", "sad", "contempt")),
        (["3_surprise", "0-fearful", "1 neutral"], ("fear", "surprise", "neutral")),
        (["smiling", "Not smiling"], ("Not smiling", "smiling")),
        (["happy", "bored"], ("bored", "happy")),
        (["s10", "s9", "s1"], ("s1", "s9", "s10")),
        (["10", "9", "0"], ("0", "9", "10")),
    ],
)
def test_emotions_stand_in_their_own_order_and_others_as_people_count(words, names):
    words = list(words)
    ordered, ids = class_ids(words)
    assert ordered == names
    assert sorted(ids) == sorted(words) and set(ids.values()) == set(range(len(names)))


def test_two_words_for_one_emotion_are_one_class(tmp_path):
    files = {"happy/0.png": picture_bytes(1), "Happiness/1.png": picture_bytes(2)}
    files["sad/0.png"] = picture_bytes(3)
    source = open_source(write_files(tmp_path, files))
    assert source.class_names == ("happy", "sad")


def test_file_names_tell_the_official_splits(tmp_path):
    files = pictures("train", prefix="Training_")
    files |= pictures("test", count=2, prefix="PublicTest_")
    files |= pictures("test", count=1, prefix="PrivateTest_")
    source = open_source(write_files(tmp_path, files))
    assert counts(source) == {"train": [8] * 7, "validation": [2] * 7, "test": [1] * 7}
    assert source.note == ""


def test_without_such_names_a_share_of_train_is_held_out(tmp_path):
    files = pictures("train") | pictures("test", count=3)
    source = open_source(write_files(tmp_path, files))
    assert counts(source) == {"train": [7] * 7, "validation": [1] * 7, "test": [3] * 7}
    assert source.note == (
        "all of `test` is `test`, one in 8 of each class of `train` serves as "
        "`validation` (7 of 77 pictures)"
    )


def test_a_validation_folder_alone_serves_as_test(tmp_path):
    files = pictures("images/train") | pictures("images/validation", count=2)
    source = open_source(write_files(tmp_path, files))
    assert counts(source) == {"train": [7] * 7, "validation": [1] * 7, "test": [2] * 7}
    assert "all of `validation` serves as `test`" in source.note


def test_three_folders_are_the_three_splits(tmp_path):
    files = (
        pictures("Training") | pictures("valid", count=2) | pictures("TEST", count=1)
    )
    source = open_source(write_files(tmp_path, files))
    assert counts(source) == {"train": [8] * 7, "validation": [2] * 7, "test": [1] * 7}


def test_the_split_and_the_order_follow_from_the_names_alone(tmp_path):
    files = pictures("a/train", count=16) | pictures("a/test", count=1)
    unpacked = open_source(write_files(tmp_path / "here", files))
    (tmp_path / "b.zip").write_bytes(
        zip_bytes(
            {f"x/{name[2:]}": files[name] for name in sorted(files, reverse=True)}
        )
    )
    zipped = open_source(tmp_path / "b.zip")
    for split in ("train", "validation"):
        one, two = (
            np.concatenate([block.images[:, 0, 0, 0] for block in source.blocks(split)])
            for source in (unpacked, zipped)
        )
        np.testing.assert_array_equal(one, two)
    # The first faces are of several classes.
    (block,) = unpacked.blocks("train")
    assert len(set(block.labels[:14])) > 3


def test_a_tree_that_is_there_twice_counts_once(tmp_path):
    files = pictures("images/train") | pictures("images/images/train")
    files |= {"preview.png": picture_bytes(0), "__MACOSX/train/sad/._0.png": b""}
    source = open_source(write_files(tmp_path, files))
    assert sum(map(sum, counts(source).values())) == 56
    assert source.note.endswith("57 pictures elsewhere in it are left out")


def test_other_sizes_and_colours_become_faces_of_fer2013(tmp_path):
    files = {
        "happy/a.png": picture_bytes((90, 90, 90), (100, 60)),
        "sad/b.jpg": picture_bytes(90, (20, 20), "JPEG"),
    }
    for block in open_source(write_files(tmp_path, files)).blocks():
        assert block.images.shape[1:] == (48, 48, 1)
        assert set(block.images.ravel()) == {90}


def test_a_damaged_picture_is_named(tmp_path):
    files = pictures("train", ["happy", "sad"], count=1) | {
        "train/sad/x.jpg": b"\xff\xd8"
    }
    for place in ("folder", "pictures.zip"):
        path = tmp_path / place
        if place == "folder":
            write_files(path, files)
        else:
            path.write_bytes(zip_bytes(files))
        with pytest.raises(Fer2013FormatError, match=f"{place}: train/sad/x.jpg: "):
            list(open_source(path).blocks())


def test_folders_of_no_class_are_refused(tmp_path):
    write_files(tmp_path / "flat", {"0.png": picture_bytes(1)})
    write_files(tmp_path / "split", {"train/0.png": picture_bytes(1)})
    deep = {"happy/0.png": picture_bytes(1), "sad/tuesday/0.png": picture_bytes(1)}
    write_files(tmp_path / "deep", deep)
    for name in ("flat", "split", "deep"):
        with pytest.raises(ValueError, match="expected FOLDER/<class>/<picture> or"):
            open_source(tmp_path / name)
