"""Files of checkpoints: whole or refused, never half there."""

import errno
import os
import random
import resource

import ml_dtypes
import numpy as np
import pytest

from fer_keras.training.checkpoints import (
    DamagedCheckpointError,
    checkpoint_path,
    list_checkpoints,
    newest_checkpoint,
    read_checkpoint,
    remove_unfinished,
    set_aside,
    write_checkpoint,
)

ARRAYS = {
    "weights": np.arange(12, dtype="float32").reshape(3, 4) / 7,
    "half": np.array([1.5, -2.25], ml_dtypes.bfloat16),
    "count": np.array(7, "int64"),
    "none": np.zeros((0, 3), "float32"),
    "flag": np.array([True, False]),
}
HEADER = {"epoch": 3, "history": [[0, {"loss": 0.1}]], "name": "é"}


@pytest.fixture
def file(tmp_path):
    path = checkpoint_path(tmp_path, 3, 5)
    write_checkpoint(path, HEADER, ARRAYS)
    return path


def test_gives_back_what_was_written(file):
    header, arrays = read_checkpoint(file)
    assert {name: header[name] for name in HEADER} == HEADER
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()


def test_every_shorter_file_is_damaged(file):
    data = file.read_bytes()
    for length in range(len(data)):
        file.write_bytes(data[:length])
        with pytest.raises(DamagedCheckpointError, match="step-0000005.*damaged"):
            read_checkpoint(file)
    file.write_bytes(data + b"\0")
    with pytest.raises(DamagedCheckpointError):
        read_checkpoint(file)


def test_every_changed_byte_is_found(file):
    data = file.read_bytes()
    changes = random.Random(0)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << changes.randrange(8)
        file.write_bytes(changed)
        # A changed number of the format is another format.
        with pytest.raises(ValueError, match="damaged|another|begins with"):
            read_checkpoint(file)


def test_another_format_is_named(file):
    file.write_bytes(file.read_bytes().replace(b"checkpoint 1", b"checkpoint 2", 1))
    with pytest.raises(ValueError, match="'fer-keras checkpoint 2'.*checkpoint 1'"):
        newest_checkpoint(file.parent)


def test_newest_comes_first_in_order_of_training(tmp_path):
    places = [(10, 0), (9, 99999), (9, 100), (9, 20), (0, 5)]
    for epoch, step in reversed(places):
        write_checkpoint(checkpoint_path(tmp_path, epoch, step), {}, {})
    expected = [checkpoint_path(tmp_path, *place) for place in places]
    assert list_checkpoints(tmp_path) == expected
    assert newest_checkpoint(tmp_path)[0] == expected[0]


def test_without_a_checkpoint_there_is_none(tmp_path):
    assert newest_checkpoint(tmp_path) is None
    assert newest_checkpoint(tmp_path / "missing") is None


def test_goes_back_to_the_newest_whole_one(file):
    newer = [checkpoint_path(file.parent, 4, step) for step in (0, 1)]
    for path in newer:
        path.write_bytes(file.read_bytes()[:-1])
    path, header, _, damaged = newest_checkpoint(file.parent)
    assert path == file
    assert header["epoch"] == 3
    assert [error.path for error in damaged] == newer[::-1]
    set_aside(newer[0])
    assert not newer[0].exists()
    assert newer[0].with_suffix(".damaged").exists()
    file.write_bytes(b"")
    with pytest.raises(DamagedCheckpointError, match="step-0000001.*step-0000005"):
        newest_checkpoint(file.parent)


def test_a_full_disk_leaves_everything_as_it_was(file, monkeypatch):
    before = file.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="could not be written .No space left"):
        write_checkpoint(file, {}, {})
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_a_file_larger_than_allowed_leaves_everything_as_it_was(file):
    before = file.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_checkpoint(file, {}, {"large": np.zeros(1_000_000, "float32")})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_what_a_killed_run_left_is_removed(file):
    aside = file.with_name(f".{file.name}.partial")
    aside.write_bytes(b"half")
    assert list_checkpoints(file.parent) == [file]
    remove_unfinished(file.parent)
    assert list(file.parent.iterdir()) == [file]
