import dataclasses

import numpy as np
import pytest

from fer_keras.evaluation import MeasurementStore
from fer_keras.evaluation.store import default_folder


@dataclasses.dataclass(frozen=True)
class _Numbers:
    values: np.ndarray


class _Maker:
    def __init__(self):
        self.made = 0

    def __call__(self):
        self.made += 1
        return _Numbers(np.arange(3.0))


def test_a_record_is_made_once_for_what_it_depends_on(tmp_path):
    store, make = MeasurementStore(tmp_path), _Maker()
    for _ in range(2):
        record = store.fetch(_Numbers, ("faces", 1), make)
        np.testing.assert_array_equal(record.values, [0, 1, 2])
    assert make.made == 1
    store.fetch(_Numbers, ("faces", 2), make)
    assert make.made == 2
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not whole", b"text"])
def test_a_damaged_file_is_made_again(tmp_path, damage):
    store, make = MeasurementStore(tmp_path), _Maker()
    store.fetch(_Numbers, ("faces",), make)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage)
    store.fetch(_Numbers, ("faces",), make)
    assert make.made == 2
    file.write_bytes(whole[: len(whole) // 2])
    store.fetch(_Numbers, ("faces",), make)
    assert make.made == 3


def test_without_a_folder_nothing_is_kept():
    store, make = MeasurementStore(None), _Maker()
    store.fetch(_Numbers, (), make)
    store.fetch(_Numbers, (), make)
    assert make.made == 2


def test_the_default_folder_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "fer_keras" / "evaluation"
