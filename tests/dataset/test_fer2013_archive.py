import gzip
import os
import struct
import tarfile
import tracemalloc
import zipfile

import pytest
from fer2013_files import csv_bytes, tar_bytes, zip_bytes

from tfds_fer2013 import bounded_streams
from tfds_fer2013.fer2013_archive import open_fer2013_csv
from tfds_fer2013.fer2013_errors import Fer2013FormatError

COMPETITION_ZIP = (
    "challenges-in-representation-learning-facial-expression-recognition-challenge.zip"
)

CSV = csv_bytes()
TAR = tar_bytes(
    {"fer2013/README": b"about", "fer2013/fer2013.csv": CSV, "fer2013/x.bib": b"@"}
)


def contents(path):
    with open_fer2013_csv(path) as stream:
        pieces = []
        while piece := stream.read(10_000):
            assert len(piece) <= 10_000
            pieces.append(piece)
        return b"".join(pieces)


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


ACCEPTED = {
    "fer2013.csv": CSV,
    COMPETITION_ZIP: zip_bytes(
        {"train.csv": b"other", "fer2013.tar.gz": TAR, "test.csv": b"other"}
    ),
    "archive.zip": zip_bytes({"icml_face_data.csv": CSV}),
    "stored.zip": zip_bytes({"a/b/fer2013.csv": CSV}, zipfile.ZIP_STORED),
    "renamed inside.zip": zip_bytes({"a.csv": b"1,2", "faces (1).csv": CSV}),
    "tar inside.zip": zip_bytes({"mine.tgz": TAR}),
    "mine.tgz": TAR,
    "mine.gz": gzip.compress(CSV),
    "parts.gz": gzip.compress(CSV[:9000]) + gzip.compress(CSV[9000:]) + bytes(512),
    "foreign tail.gz": gzip.compress(CSV) + b"something else",
    "mine.tar": tar_bytes({"icml_face_data.csv": CSV}, mode="w"),
    "renamed inside.tar": tar_bytes({"a.csv": b"1,2", "FER.csv": CSV}, mode="w"),
    "v7.tar": tar_bytes({"fer2013.csv": CSV}, mode="w", format=tarfile.USTAR_FORMAT),
    "pax.tar": tar_bytes(
        {f"{'Ordner/' * 40}fer2013.csv": CSV}, mode="w", format=tarfile.PAX_FORMAT
    ),
    "gnu.tar": tar_bytes(
        {f"{'folder/' * 40}fer2013.csv": CSV}, mode="w", format=tarfile.GNU_FORMAT
    ),
    "climbing.tgz": tar_bytes({"../../fer2013.csv": CSV}),
    "absolute.tgz": tar_bytes({"/etc/fer2013.csv": CSV}),
    "climbing.zip": zip_bytes({"../../fer2013.csv": CSV}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_by_its_content_and_nothing_unpacked(tmp_path, name):
    path = write(tmp_path / "data", name, ACCEPTED[name])
    assert contents(path) == CSV
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def special(name, kind, **fields):
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def link(kind):
    return special("fer2013.csv", kind, linkname="/etc/passwd")


def encrypted(content):
    archive = bytearray(zip_bytes({"fer2013.csv": content}))
    archive[6] |= 1
    archive[archive.index(b"PK\1\2") + 8] |= 1
    return bytes(archive)


def zipped_link():
    info = zipfile.ZipInfo("fer2013.csv")
    info.external_attr = 0o120777 << 16
    return zip_bytes({info: b"/etc/passwd"})


def declaring(size):
    archive = bytearray(tar_bytes({"fer2013.csv": CSV}, mode="w"))
    header = tarfile.TarInfo("fer2013.csv")
    header.size = size
    archive[:512] = header.tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(bytes(archive))


def flipped(content, place):
    damaged = bytearray(content)
    damaged[place] ^= 0x55
    return bytes(damaged)


REFUSED = {
    "an archive without it": (tar_bytes({"a.csv": b"1,2"}), "holds no CSV of FER2013"),
    "an empty tar": (tar_bytes({}), "holds no CSV of FER2013"),
    "a zip without it": (zip_bytes({"a.csv": b"1,2"}), "holds no CSV of FER2013"),
    "an empty zip": (zip_bytes({}), "holds no CSV of FER2013"),
    "a symbolic link": (
        tar_bytes({"l": link(tarfile.SYMTYPE)}),
        "fer2013.csv: is a link, device or folder",
    ),
    "a hard link": (
        tar_bytes({"l": link(tarfile.LNKTYPE)}),
        "is a link, device or folder",
    ),
    "a device": (
        tar_bytes({"d": special("fer2013.csv", tarfile.CHRTYPE, devmajor=1)}),
        "is a link, device or folder",
    ),
    "a pipe": (tar_bytes({"d": special("fer2013.csv", tarfile.FIFOTYPE)}), "device"),
    "a folder": (tar_bytes({"d": special("fer2013.csv", tarfile.DIRTYPE)}), "folder"),
    "a sparse file": (
        tar_bytes({"s": special("fer2013.csv", tarfile.GNUTYPE_SPARSE)}),
        "is a link, device or folder",
    ),
    "a zipped link": (zipped_link(), "is a link, not a file"),
    "an encrypted zip": (encrypted(CSV), "is encrypted"),
    "an lzma zip": (
        zip_bytes({"fer2013.csv": CSV}, zipfile.ZIP_LZMA),
        "other than deflate",
    ),
    "a huge declared size": (declaring(1 << 40), "declares 1,099,511,627,776 bytes"),
    "more declared than there is": (declaring(len(CSV) + 5000), "ends too soon"),
    "a cut gzip": (TAR[:-2000], "damaged or cut off"),
    "a gzip without its end": (TAR[:-4], "damaged or cut off (its end is missing)"),
    "a gzip header only": (TAR[:10], "damaged or cut off"),
    "a wrong gzip checksum": (flipped(TAR, -6), "incorrect data check"),
    "a wrong byte in a gzip": (flipped(TAR, len(TAR) // 2), "damaged or cut off"),
    "a cut zip": (zip_bytes({"fer2013.csv": CSV})[:-2000], "not a zip file that can"),
    "a wrong byte in a zip": (
        flipped(zip_bytes({"fer2013.csv": CSV}, zipfile.ZIP_STORED), 500),
        "Bad CRC-32",
    ),
    "a zip entry behind the end": (
        zip_bytes({"fer2013.csv": CSV}).replace(
            struct.pack("<I", 0) + b"fer2013", struct.pack("<I", 1 << 30) + b"fer2013"
        ),
        "not a zip file that can be read",
    ),
    "a tar in a tar": (tar_bytes({"fer2013.tar.gz": TAR}), "holds no CSV of FER2013"),
    "a zip in a zip": (
        zip_bytes({"a.zip": zip_bytes({"fer2013.csv": CSV})}),
        "holds no CSV of FER2013",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_damaged_and_hostile_archives_are_refused(tmp_path, name):
    content, reason = REFUSED[name]
    path = write(tmp_path, "fer2013.tar.gz", content)
    with pytest.raises(Fer2013FormatError) as caught:
        contents(path)
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def test_devices_and_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "fer2013.csv")
    for path in (tmp_path / "fer2013.csv", "/dev/zero", tmp_path / "absent.csv"):
        with pytest.raises(Fer2013FormatError, match="is no file"):
            contents(path)


ZEROS = bytes(40 << 20)
BOMBS = {
    "before it in a tar": (
        lambda: tar_bytes({"zeros": ZEROS, "fer2013.csv": CSV}),
        "holds more than 16 MiB",
    ),
    "as it in a tar": (
        lambda: tar_bytes({"fer2013.csv": ZEROS}),
        "declares 41,943,040 bytes",
    ),
    "after it in a tar": (
        lambda: tar_bytes({"fer2013.csv": CSV, "zeros": ZEROS}),
        "holds more than 16 MiB",
    ),
    "as it in a zip": (
        lambda: zip_bytes({"fer2013.csv": CSV + ZEROS}),
        "holds more than 16 MiB",
    ),
    "in a gzip in a zip": (
        lambda: zip_bytes({"fer2013.tar.gz": gzip.compress(ZEROS)}),
        "holds no CSV of FER2013",
    ),
    "a gzip of many gzips": (
        lambda: gzip.compress(b"") * 200_000,
        "more than 100,000 gzip members",
    ),
    "a header of a tar": (
        lambda: tar_bytes(
            {
                "x": special(
                    "x", tarfile.REGTYPE, pax_headers={"path": "x" * (30 << 20)}
                )
            },
            format=tarfile.PAX_FORMAT,
        ),
        "a header larger than 1 MiB",
    ),
    "many headers of a tar": (
        lambda: tar_bytes({f"{index}": b"" for index in range(2000)}),
        "among its first 1000 members",
    ),
    "the contents of a zip": (
        lambda: zip_bytes({f"{index:01000}": b"" for index in range(13_000)}),
        "larger than 12 MiB",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_little_memory(tmp_path, monkeypatch, name):
    monkeypatch.setattr(bounded_streams, "MAX_BYTES", 16 << 20)
    make, reason = BOMBS[name]
    path = write(tmp_path, "fer2013.tar.gz", make())
    tracemalloc.start()
    try:
        with pytest.raises(Fer2013FormatError, match=reason):
            contents(path)
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


def test_a_chain_of_tar_headers_is_refused(tmp_path):
    chained = special("x", tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT) * 1500
    path = write(tmp_path, "fer2013.tar.gz", gzip.compress(chained + bytes(1024)))
    with pytest.raises(Fer2013FormatError):
        contents(path)
