import numpy as np
import pytest

from fer_keras.data.ferplus import ferplus_file, plurality_labels

HEAD = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
    "unknown,NF\n"
)
ROWS = {
    "Training,a": "4,0,0,1,3,2,0,0,0,0",
    "PublicTest,b": "0,9,0,0,0,0,1,0,0,0",
    "PublicTest,c": "0,0,0,5,5,0,0,0,0,0",
    "PublicTest,d": "1,0,0,0,0,0,0,6,3,0",
    "PublicTest,": "0,0,0,0,0,0,0,0,0,10",
    "PrivateTest,e": "0,0,2,0,0,0,7,1,0,0",
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "fer2013new.csv"
    path.write_text(HEAD + "".join(f"{k},{v}\n" for k, v in ROWS.items()))
    return path


def test_the_label_with_most_votes_in_fer2013s_ids(file):
    assert plurality_labels(file, "train", 1).tolist() == [6]
    # Happy; a tie; contempt, which FER2013 does not have; no face.
    assert plurality_labels(file, "validation", 4).tolist() == [3, -1, -1, -1]
    assert plurality_labels(file, "test", 1).tolist() == [2]


def test_it_is_found_beside_the_archive_or_in_the_folder(file, tmp_path):
    assert ferplus_file(tmp_path) == ferplus_file(tmp_path / "fer2013.tar.gz") == file
    assert ferplus_file(tmp_path / "other" / "fer2013.csv") is None


def test_other_files_and_other_rows_are_refused(file, tmp_path):
    with pytest.raises(ValueError, match="4 rows of validation, the data 3 faces"):
        plurality_labels(file, "validation", 3)
    other = tmp_path / "other.csv"
    other.write_text("emotion,pixels\n0,1 2 3\n")
    with pytest.raises(ValueError, match="no votes of FER"):
        plurality_labels(other, "test", 1)
    other.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="no votes of FER"):
        plurality_labels(other, "test", 1)


@pytest.mark.fer2013
def test_agreement_with_the_real_labels_is_as_known(fer2013_dir):
    from fer_keras.data import load_arrays

    path = ferplus_file(fer2013_dir)
    if path is None:
        pytest.skip("no FER+ labels beside the archive")
    _, labels = load_arrays(fer2013_dir, "test")
    assert np.mean(plurality_labels(path, "test", 3589) == labels) > 0.6
