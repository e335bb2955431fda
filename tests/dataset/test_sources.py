"""Every form in which FER2013 is found, told by its content, and what is none."""

import gzip

import numpy as np
import pytest
from fer2013_files import (
    csv_bytes,
    picture_bytes,
    rows,
    tar_bytes,
    write_files,
    zip_bytes,
)

from tfds_fer2013.class_names import LABEL_NAMES
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.picture_files import PictureSource
from tfds_fer2013.sources import CsvSource, open_source

CSV = csv_bytes()
TAR = tar_bytes({"fer2013/README": b"about", "fer2013/fer2013.csv": CSV})
COMPETITION = "challenges-in-representation-learning-facial-expression-recognition"
PICTURES = {
    f"{split}/{name}/{split}_{number}.jpg": picture_bytes(20 + 30 * label, kind="JPEG")
    for split in ("train", "test")
    for label, name in enumerate(LABEL_NAMES)
    for number in range(2)
}
FORMS = {
    "fer2013.csv": CSV,
    "FER2013.csv": CSV,
    "icml_face_data.csv": CSV,
    "fer2013/fer2013.csv": CSV,
    "deep/er/faces.csv": CSV,
    "fer2013.tar.gz": TAR,
    "fer2013.tar (1).gz": TAR,
    "fer2013 (2).tar": gzip.decompress(TAR),
    "fer2013.tar/fer2013.tar": gzip.decompress(TAR),
    "download": TAR,
    "fer2013.csv.gz": gzip.compress(CSV),
    f"{COMPETITION}-challenge.zip": zip_bytes(
        {"train.csv": b"x", "fer2013.tar.gz": TAR}
    ),
    f"{COMPETITION}/fer2013.tar.gz": TAR,
    "archive.zip": zip_bytes({"FER2013.CSV": CSV}),
}


def read(path, labels="fer2013"):
    blocks = list(open_source(path, labels).blocks())
    return [np.concatenate(part) for part in zip(*blocks, strict=True)]


@pytest.mark.parametrize("name", FORMS)
def test_the_csv_is_found_in_a_folder_and_by_its_path(tmp_path, name):
    write_files(tmp_path, {"notes.txt": b"", ".hidden.csv": CSV, name: FORMS[name]})
    images, labels, _ = rows()
    for path in (tmp_path, str(tmp_path), tmp_path / name):
        assert isinstance(open_source(path), CsvSource)
        found = read(path)
        np.testing.assert_array_equal(found[0], images)
        np.testing.assert_array_equal(found[1], labels)


def test_pictures_are_found_as_folders_and_zipped(tmp_path):
    write_files(tmp_path / "unpacked" / "archive", PICTURES)
    write_files(tmp_path / "zipped", {"archive (3).zip": zip_bytes(PICTURES)})
    write_files(tmp_path / "single", {"faces": zip_bytes(PICTURES)})
    for path in ("unpacked", "unpacked/archive", "zipped", "single/faces"):
        source = open_source(tmp_path / path)
        assert isinstance(source, PictureSource)
        assert source.class_names == LABEL_NAMES
        images, labels, _ = read(tmp_path / path)
        np.testing.assert_array_equal(images[:, 0, 0, 0], 20 + 30 * labels)
        assert len(labels) == 28


def test_the_plainest_form_is_preferred_and_foreign_files_are_passed_over(tmp_path):
    foreign = {
        "another.zip": zip_bytes({"cats.csv": b"1"}),
        "broken.zip": b"PK\3\4",
        "other.tar.gz": tar_bytes({"cats.txt": b"1"}),
        "cut.gz": TAR[:100],
    }
    write_files(tmp_path, foreign | {"z.zip": zip_bytes({"pictures": b""} | PICTURES)})
    assert open_source(tmp_path).name == str(tmp_path / "z.zip")
    write_files(tmp_path, PICTURES)
    assert open_source(tmp_path).name == str(tmp_path)
    for name, content in (
        ("faces.zip", zip_bytes({"fer2013.csv": CSV})),
        (f"{COMPETITION}.zip", zip_bytes({"fer2013.csv": CSV})),
        ("x.tar.gz", TAR),
        ("fer2013.tar.gz", TAR),
        ("x.csv", CSV),
        ("fer2013.csv", CSV),
    ):
        write_files(tmp_path, {name: content})
        assert open_source(tmp_path).name == str(tmp_path / name)


def test_the_home_folder_may_be_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_files(tmp_path, {"fer2013.csv": CSV})
    assert open_source("~").name == str(tmp_path / "fer2013.csv")


@pytest.mark.parametrize("name", ["fer2013.csv", "Fer2013.tar.gz"])
def test_a_damaged_file_under_its_own_name_is_no_other_file(tmp_path, name):
    files = {name: TAR[:100], "another.tar.gz": TAR}
    with pytest.raises(Fer2013FormatError, match=f"{name}: the archive is damaged"):
        open_source(write_files(tmp_path, files))


OTHERS = {
    "a PDF": b"%PDF-1.7",
    "a RAR archive": b"Rar!\x1a\7\1\0",
    "a web page": b"<!DOCTYPE html>",
    "JSON": b'{"username": "me"}',
    "one picture": picture_bytes(7),
    "a pickle": b"\x80\4\x95",
    "text": b"see the other folder\n",
    "other data": bytes(range(1, 256)),
    "holds FER+ labels": b"Usage,Image name,neutral,contempt,unknown,NF\n",
    "holds no CSV of FER2013": zip_bytes({"a.txt": b"a"}),
    "expected one column named 'emotion'": b"id,pixels\n1,2\n",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_none_of_these_is_said_in_one_line(tmp_path, kind):
    path = write_files(tmp_path, {"file": OTHERS[kind]}) / "file"
    with pytest.raises(Fer2013FormatError) as caught:
        open_source(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message
    assert kind in message
    if "column" not in kind and "FER+" not in kind:
        assert "Expected fer2013.csv" in message and ".parquet" in message


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "other files"])
def test_absent_faces_name_what_is_there_and_what_is_accepted(tmp_path, there):
    folder = tmp_path / "faces"
    if there != "nothing":
        folder.mkdir()
    if there == "other files":
        write_files(folder, {"cats.zip": zip_bytes({"cats.csv": b"1"}), "a.txt": b"a"})
    with pytest.raises(Fer2013NotFoundError) as caught:
        open_source(folder)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError) and "\n" not in message
    assert str(folder) in message and "Expected fer2013.csv" in message
    if there == "other files":
        assert "which holds a.txt, cats.zip" in message
        assert "cats.zip: holds no CSV of FER2013" in message


@pytest.mark.fer2013
def test_the_real_files_with_and_without_ferplus(fer2013_dir):
    assert open_source(fer2013_dir).name == str(fer2013_dir / "fer2013.tar.gz")
    for labels, count in (("ferplus", 33712), ("ferplus_soft", 35198)):
        assert len(read(fer2013_dir, labels)[1]) == count
