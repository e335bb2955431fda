"""The votes of FER+ against counts and rules by hand."""

import collections
import csv

import numpy as np
import pytest

from tfds_fer2013.class_names import FERPLUS_NAMES
from tfds_fer2013.face_rows import FaceRows
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.votes import (
    NO_FACE,
    TIE,
    UNKNOWN,
    find_votes,
    plurality,
    read_votes,
    relabelled,
    soft_labels,
)

HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
    "unknown,NF"
)
# In the file's order: neutral, happiness, surprise, sadness, anger, disgust, …
ROWS = [
    "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0",
    "PublicTest,fer0000001.png,0,0,0,0,0,0,0,6,4,0",
    "PrivateTest,,0,0,0,0,0,0,0,0,0,10",
    "Training,fer0000003.png,0,0,5,0,0,0,5,0,0,0",
    "Training,fer0000004.png,0,3,0,0,0,0,0,0,7,0",
    "Training,fer0000005.png,0,5,0,0,0,0,0,0,5,0",
]


def votes_file(folder, lines=ROWS):
    path = folder / "fer2013new.csv"
    path.write_text("\n".join([HEADER, *lines]))
    return path


def test_plurality_and_shares_of_literal_votes(tmp_path):
    usages, votes = read_votes(votes_file(tmp_path))
    assert usages[:3].tolist() == ["Training", "PublicTest", "PrivateTest"]
    assert votes[0].tolist() == [3, 2, 0, 0, 1, 0, 4, 0, 0, 0]
    labels = plurality(votes)
    assert labels.tolist() == [6, 7, NO_FACE, TIE, UNKNOWN, TIE]
    shares = soft_labels(votes)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares[0], [0.3, 0.2, 0, 0, 0.1, 0, 0.4, 0], rtol=1e-6)
    assert shares[3].tolist() == [0, 0, 0.5, 0, 0, 0.5, 0, 0]
    assert shares.sum(1).tolist() == [1, 1, 0, 1, 0, 0]


def blocks(count=6, cut=4):
    images = np.arange(count, dtype="uint8")[:, None, None, None]
    splits = np.array("train validation test train train train".split())[:count]
    for rows in (slice(0, cut), slice(cut, count)):
        yield FaceRows(images[rows], np.zeros(count, int)[rows], splits[rows])


def test_rows_without_a_label_are_left_out(tmp_path):
    path = votes_file(tmp_path)
    hard = list(relabelled(blocks(), path))
    assert np.concatenate([block.images.ravel() for block in hard]).tolist() == [0, 1]
    assert np.concatenate([block.labels for block in hard]).tolist() == [6, 7]
    soft = list(relabelled(blocks(), path, soft=True))
    assert np.concatenate([block.images.ravel() for block in soft]).tolist() == [
        0,
        1,
        3,
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (ROWS[:5], "rows 5 to 6 are others|has 5 rows"),
        ([*ROWS, ROWS[0]], "has 7 rows, FER2013 6"),
        (ROWS[::-1], "rows 1 to 4 are others"),
        ([ROWS[0].replace("4", "x")], "expected votes|holds no votes"),
        ([ROWS[0].replace("4", "-4")], "expected votes of 0 or more"),
        (["Training,a"], "expected votes|holds no votes"),
    ],
)
def test_votes_of_other_rows_are_refused(tmp_path, lines, message):
    path = votes_file(tmp_path, lines)
    with pytest.raises(Fer2013FormatError, match=message) as caught:
        list(relabelled(blocks(), path))
    assert "\n" not in str(caught.value)


def test_the_file_is_found_in_folders_of_the_folder(tmp_path):
    (tmp_path / "FERPlus" / "data").mkdir(parents=True)
    with pytest.raises(Fer2013NotFoundError, match="github.com/microsoft/FERPlus"):
        find_votes(tmp_path)
    path = votes_file(tmp_path / "FERPlus" / "data")
    assert find_votes(tmp_path) == path


@pytest.mark.fer2013
def test_the_real_file_has_the_counts_that_follow_by_hand(fer2013_dir):
    path = find_votes(fer2013_dir)
    counts = collections.Counter()
    columns = (
        "neutral happy surprise sad angry disgust fear contempt unknown NF".split()
    )
    with path.open(newline="") as file:
        for row in list(csv.reader(file))[1:]:
            votes = [int(vote) for vote in row[2:]]
            most = [c for c, v in zip(columns, votes, strict=True) if v == max(votes)]
            counts[most[0] if len(most) == 1 else "tie"] += 1
    labels = plurality(read_votes(path)[1])
    for label, name in enumerate(FERPLUS_NAMES):
        assert (labels == label).sum() == counts[name]
    assert counts["tie"] == (labels == TIE).sum() == 1776
    assert counts["NF"] == (labels == NO_FACE).sum() == 177
    assert counts["unknown"] == (labels == UNKNOWN).sum() == 222
