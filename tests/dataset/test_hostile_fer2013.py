"""Generated hostile files: each gives the right rows or one clear error."""

import gzip
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest
from fer2013_files import (
    USAGE_OF_SPLIT,
    csv_bytes,
    reference_rows,
    tar_bytes,
    zip_bytes,
)

from tfds_fer2013 import bounded_streams
from tfds_fer2013.fer2013_csv import iter_fer2013_rows
from tfds_fer2013.fer2013_errors import Fer2013FormatError

CSV = csv_bytes(count=3)
WORDS = (
    b"", b" ", b"\n", b"\r", b"\r\n", b",", b'"', b"0", b"9", b"256", b"-1", b"+1",
    b"1.5", b"nan", b"\0", b"\xff", b"\xef\xbb\xbf", b"\t", b"emotion", b"Usage",
    b"Training", b"PrivateTest", b"7", b"_", b"1e2", b"0x1", b" , ", b'","', b'""',
    b" ", b"  ", b"\r", b"\n\n", b"\n", b"0",
)  # fmt: skip
PACKINGS = {
    "tar.gz": lambda csv: tar_bytes({"fer2013/README": b"about", "a/fer2013.csv": csv}),
    "pax.tar": lambda csv: tar_bytes(
        {f"{'é' * 200}/fer2013.csv": csv}, mode="w", format=tarfile.PAX_FORMAT
    ),
    "gnu.tar": lambda csv: tar_bytes(
        {f"{'n' * 200}/fer2013.csv": csv}, mode="w", format=tarfile.GNU_FORMAT
    ),
    "zip": lambda csv: zip_bytes({"train.csv": b"x", "icml_face_data.csv": csv}),
    "stored zip": lambda csv: zip_bytes({"fer2013.csv": csv}, zipfile.ZIP_STORED),
    "tar.gz in zip": lambda csv: zip_bytes(
        {"fer2013.tar.gz": tar_bytes({"fer2013/fer2013.csv": csv})},
    ),
    "gz": gzip.compress,
}


def mutated(content, generator, words=WORDS):
    """Cuts, copies, overwrites and inserts, half the time at the edges of fields."""
    for _ in range(generator.integers(1, 4)):
        edges = [place for place, byte in enumerate(content) if byte in b",\n"]
        start, end = sorted(generator.integers(0, len(content) + 1, 2).tolist())
        if edges and generator.integers(2):
            start = edges[generator.integers(len(edges))] + int(generator.integers(2))
        end = min(max(start, end), start + int(2 ** generator.integers(0, 14)))
        match generator.integers(8):
            case 0:
                content = content[:start] + content[end:]
            case 1:
                content = content[:end] + content[start:]
            case 2:
                content = content[:start]
            case 3:
                noise = generator.bytes(min(end - start, 64))
                content = content[:start] + noise + content[start + len(noise) :]
            case _:
                word = words[generator.integers(len(words))]
                content = content[:start] + word + content[start:]
    return content


def assert_right_or_one_clear_error(path, csv_content):
    """Returns whether the file was read."""
    before = sorted(path.parent.rglob("*"))
    try:
        blocks = list(iter_fer2013_rows(path))
    except Fer2013FormatError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)
        assert len(str(error)) < 600
        return False
    finally:
        assert sorted(path.parent.rglob("*")) == before
    expected = reference_rows(csv_content)
    images, labels, splits = map(np.concatenate, zip(*blocks, strict=True))
    np.testing.assert_array_equal(images, expected[0])
    np.testing.assert_array_equal(labels, expected[1])
    assert [USAGE_OF_SPLIT[split] for split in splits] == expected[2]
    return True


@pytest.mark.parametrize("seed", range(7))
def test_mutated_csv(tmp_path, seed):
    generator = np.random.default_rng([2013, seed])
    path = tmp_path / "fer2013.csv"
    read = 0
    for _ in range(100):
        content = mutated(CSV, generator)
        path.write_bytes(content)
        read += assert_right_or_one_clear_error(path, content)
    assert 0 < read < 100


@pytest.mark.parametrize("packing", PACKINGS)
def test_mutated_csv_in_an_archive(tmp_path, packing):
    generator = np.random.default_rng([7, len(packing)])
    path = tmp_path / "fer2013.tar.gz"
    for _ in range(15):
        content = mutated(CSV, generator)
        path.write_bytes(PACKINGS[packing](content))
        assert_right_or_one_clear_error(path, content)


@pytest.mark.parametrize("packing", PACKINGS)
def test_mutated_archive(tmp_path, monkeypatch, packing):
    monkeypatch.setattr(bounded_streams, "MAX_BYTES", 4 << 20)
    generator = np.random.default_rng([13, len(packing)])
    path = tmp_path / "fer2013.tar.gz"
    archive = PACKINGS[packing](CSV)
    words = [generator.bytes(size) for size in (1, 2, 4, 8, 512)]
    tracemalloc.start()
    for _ in range(60):
        # Most changes at random fall into the pixels: aim half of them at headers.
        content = bytearray(mutated(archive, generator, words))
        for place in generator.integers(0, 600, generator.integers(0, 4)):
            edge = place if generator.integers(2) else len(content) - 1 - place
            if 0 <= edge < len(content):
                content[edge] = generator.integers(256)
        path.write_bytes(bytes(content))
        assert_right_or_same_as_stored(path)
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


def assert_right_or_same_as_stored(path):
    """As above; what was read is judged by the bytes that are in the archive."""
    content = path.read_bytes()
    try:
        blocks = list(iter_fer2013_rows(path))
    except Fer2013FormatError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)
        return
    images = np.concatenate([block.images for block in blocks])
    # Without a checksum, as in a plain tar, a changed pixel cannot be told.
    if not content.startswith((b"\x1f\x8b", b"PK")):
        assert images.shape[1:] == (48, 48, 1)
        return
    np.testing.assert_array_equal(images, reference_rows(CSV)[0])


def test_random_headers_before_the_file_in_a_tar(tmp_path):
    generator = np.random.default_rng(5)
    path = tmp_path / "fer2013.tar.gz"
    plain = tar_bytes({"fer2013.csv": CSV}, mode="w")
    kinds = b"01234567LKxgSDVMNX\0"
    for _ in range(200):
        info = tarfile.TarInfo("../" * int(generator.integers(3)) + "/x/fer2013.csv")
        info.type = bytes([kinds[generator.integers(len(kinds))]])
        info.linkname = "/etc/passwd"
        info.size = int(generator.integers(-(1 << 9), 1 << 40)) >> int(
            generator.integers(40)
        )
        header = info.tobuf(tarfile.GNU_FORMAT) + generator.bytes(
            512 * int(generator.integers(3))
        )
        path.write_bytes(header + plain)
        assert_right_or_same_as_stored(path)


def test_garbage(tmp_path):
    generator = np.random.default_rng(6)
    path = tmp_path / "fer2013.tar.gz"
    starts = (b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08\0", b"emotion,pixels,Usage\n")
    for _ in range(100):
        start = starts[generator.integers(len(starts))]
        path.write_bytes(start + generator.bytes(int(generator.integers(5000))))
        assert not assert_right_or_one_clear_error(path, b"")


def test_random_end_records_of_a_zip(tmp_path):
    generator = np.random.default_rng(8)
    path = tmp_path / "competition.zip"
    archive = zip_bytes({"fer2013.csv": CSV})
    directory = archive.index(b"PK\1\2")
    for _ in range(200):
        content = bytearray(archive)
        for place in generator.integers(directory, len(content), 3):
            content[place] = generator.choice([0, 1, 127, 128, 255])
        path.write_bytes(bytes(content))
        assert_right_or_same_as_stored(path)


def test_the_reference_reads_what_it_should():
    images, labels, usages = reference_rows(CSV)
    assert images.shape == (3, 48, 48, 1)
    assert labels.tolist() == [0, 1, 2]
    assert usages == list(USAGE_OF_SPLIT.values())
    with pytest.raises(ValueError, match="invalid literal"):
        reference_rows(CSV.replace(b"0,", b"x,", 1))
