import numpy as np
import pytest
from fer2013_files import HEADER, csv_bytes, csv_lines, pixel_text, rows

from tfds_fer2013 import fer2013_csv
from tfds_fer2013.face_rows import USAGES
from tfds_fer2013.fer2013_csv import iter_fer2013_rows
from tfds_fer2013.fer2013_errors import Fer2013FormatError

FACE = pixel_text(rows()[0][0])


def read(folder, content):
    path = folder / "fer2013.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    blocks = list(iter_fer2013_rows(path))
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]


def assert_is_drawn(result, count=6):
    images, labels, usages = rows(count)
    splits = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
    np.testing.assert_array_equal(result[0], images)
    assert result[0].dtype == np.uint8
    np.testing.assert_array_equal(result[1], labels)
    assert result[1].dtype == np.int64
    assert result[2].tolist() == [splits[usage] for usage in usages]


def other_columns(lines, header, order):
    """Writes the columns emotion (0), pixels (1) and Usage (2) in another order."""
    fields = [line.split(",") for line in lines[1:]]
    return [header, *(",".join(row[place] for place in order) for row in fields)]


FORMS = {
    "as on Kaggle": "\n".join(csv_lines()) + "\n",
    "no final line break": "\n".join(csv_lines()),
    "empty lines": "\n\n".join(csv_lines()) + "\n \n\n",
    "CRLF": "\r\n".join(csv_lines()) + "\r\n",
    "CR": "\r".join(csv_lines()) + "\r",
    "byte order mark": "\ufeff" + "\n".join(csv_lines()),
    "quoted pixels": "\n".join(
        [HEADER, *(line.replace(",", ',"', 1)[::-1].replace(",", ',"', 1)[::-1]
                   for line in csv_lines()[1:])]
    ),
    "everything quoted": "\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in csv_lines()
    ),
    "icml_face_data": "\n".join(
        other_columns(csv_lines(), "emotion, Usage, pixels", (0, 2, 1))
    ),
    "spaces around fields": "\n".join(
        other_columns(csv_lines(), " Usage , pixels, emotion", (2, 1, 0))
    ).replace(",", " , "),
    "another column": "\n".join(
        [f"{HEADER},note", *(f"{line},hi" for line in csv_lines()[1:])]
    ),
    "wide spaces between pixels": "\n".join(csv_lines()).replace(" ", "  "),
    "tabs between pixels": "\n".join(csv_lines()).replace(" ", "\t"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_accepted_forms(tmp_path, form):
    assert_is_drawn(read(tmp_path, FORMS[form]))


@pytest.mark.parametrize("block", [1, 97, 8000, 20_000])
@pytest.mark.parametrize("form", ["as on Kaggle", "CRLF", "CR", "empty lines"])
def test_rows_do_not_depend_on_how_the_file_is_cut(tmp_path, monkeypatch, block, form):
    monkeypatch.setattr(fer2013_csv, "_BLOCK_BYTES", block)
    content = FORMS[form] if block > 1 else "\n".join(csv_lines(2))
    assert_is_drawn(read(tmp_path, content), count=6 if block > 1 else 2)


def with_line(number, line):
    lines = csv_lines()
    lines[number - 1] = line
    return "\n".join(lines) + "\n"


MALFORMED = {
    "one pixel less": (
        with_line(4, f"0,{FACE.partition(' ')[2]},Training"),
        4,
        "expected 2304 pixels (48 x 48), found 2303",
    ),
    "one pixel more": (with_line(4, f"0,{FACE} 1,Training"), 4, "found 2305"),
    "no pixels": (with_line(4, "0,,Training"), 4, "found 0"),
    "256": (with_line(7, f"0,{FACE[:-1]}256,Training"), 7, "256', outside 0 to 255"),
    "negative": (with_line(3, f"0,-5{FACE[1:]},Training"), 3, "'-5', outside"),
    "a fraction": (with_line(3, f"0,0.5{FACE[1:]},Training"), 3, "'0.5'"),
    "emotion 7": (
        with_line(2, f"7,{FACE},Training"),
        2,
        "unknown emotion '7', expected 0 to 6",
    ),
    "emotion by name": (with_line(2, f"happy,{FACE},Training"), 2, "emotion 'happy'"),
    "no emotion": (with_line(2, f",{FACE},Training"), 2, "unknown emotion ''"),
    "another usage": (
        with_line(5, f"0,{FACE},Test"),
        5,
        "unknown usage 'Test', expected one of Training, PublicTest, PrivateTest",
    ),
    "a field less": (with_line(6, f"0,{FACE}"), 6, "expected 3 fields, found 2"),
    "a field more": (with_line(6, f"0,{FACE},Training,"), 6, "found 4"),
    "an open quote": (with_line(6, f'0,"{FACE},Training'), 6, "not a whole number"),
    "cut in the usage": (
        "\n".join(csv_lines())[:-4],
        7,
        "unknown usage 'Private', expected one of Training, PublicTest, PrivateTest "
        "(the file may be cut off).",
    ),
    "cut in the pixels": (
        "\n".join(csv_lines())[:-400],
        7,
        "(the file may be cut off)",
    ),
    "no column emotion": (f"pixels,Usage\n{FACE},Training\n", 1, "'emotion'"),
    "no column pixels": ("emotion,Usage\n0,Training\n", 1, "'pixels'"),
    "no column Usage": (f"emotion,pixels\n0,{FACE}\n", 1, "'usage'"),
    "a column twice": (f"emotion,pixels,Usage,pixels\n0,{FACE},a,{FACE}\n", 1, "one"),
    "no header": (f"0,{FACE},Training\n", 1, "one column named 'emotion'"),
    "a header only": (f"{HEADER}\n", None, "holds no rows"),
    "empty": ("", None, "holds no rows"),
    "one endless line": (f"{HEADER}\n{'1 ' * 40_000}", 2, "longer than 64 KiB"),
    "an endless line in the middle": (
        with_line(3, f"0,{FACE} {' ' * 66_000},Training"),
        3,
        "longer than 64 KiB",
    ),
    "another encoding": ("\n".join(csv_lines()).encode("utf-16"), 1, "'emotion'"),
    "zero bytes": (bytes(3000), None, "holds no CSV"),
    "a zero byte in a row": (with_line(3, f"0,\0{FACE},Training"), 3, "whole number"),
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("block", [1 << 20, 5000])
def test_malformed_files_are_refused(tmp_path, monkeypatch, name, block):
    monkeypatch.setattr(fer2013_csv, "_BLOCK_BYTES", block)
    content, line, reason = MALFORMED[name]
    with pytest.raises(Fer2013FormatError) as caught:
        read(tmp_path, content)
    assert isinstance(caught.value, ValueError)
    place = f"{tmp_path / 'fer2013.csv'}" + (f", line {line}: " if line else ": ")
    assert str(caught.value).startswith(place)
    assert reason in str(caught.value)
    assert caught.value.line == line
    assert len(str(caught.value)) < 400 + len(place)


def test_millions_of_empty_lines_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(fer2013_csv, "_MAX_LINES", 1000)
    with pytest.raises(Fer2013FormatError, match="more than 1,000 lines"):
        read(tmp_path, f"{HEADER}\n" + "\n" * 2000)


def test_of_split_keeps_the_order(tmp_path):
    (tmp_path / "fer2013.csv").write_bytes(csv_bytes())
    (block,) = iter_fer2013_rows(tmp_path / "fer2013.csv")
    images, labels, _ = rows()
    np.testing.assert_array_equal(block.of_split("validation")[0], images[1::3])
    np.testing.assert_array_equal(block.of_split("validation")[1], labels[1::3])


@pytest.mark.fer2013
def test_the_real_archive_has_the_official_counts(fer2013_dir):
    counts = {split: np.zeros(7, int) for split in USAGES}
    first = None
    for block in iter_fer2013_rows(fer2013_dir / "fer2013.tar.gz"):
        first = block.images[0] if first is None else first
        for split, count in counts.items():
            count += np.bincount(block.of_split(split)[1], minlength=7)
    assert counts["train"].tolist() == [3995, 436, 4097, 7215, 4830, 3171, 4965]
    assert counts["validation"].tolist() == [467, 56, 496, 895, 653, 415, 607]
    assert counts["test"].tolist() == [491, 55, 528, 879, 594, 416, 626]
    assert first[0, :8, 0].tolist() == [70, 80, 82, 72, 58, 58, 60, 63]
