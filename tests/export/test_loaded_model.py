"""An exported model used from NumPy."""

import shutil

import numpy as np
import pytest

from fer_keras import ConditionalDCGAN, EncoderInverter
from fer_keras.emotions import EMOTIONS
from fer_keras.export.loaded_model import load_transfer


@pytest.fixture(scope="module")
def inverter():
    generator = ConditionalDCGAN(width=1, latent_dim=4, seed=0).generator
    return EncoderInverter(generator, seed=1)


@pytest.fixture(scope="module")
def folder(inverter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "model"
    inverter.export(folder)
    return folder


def test_transfer_of_everything(inverter, folder):
    expected = inverter.as_transfer()
    loaded = load_transfer(folder)
    assert loaded.emotions == EMOTIONS
    assert loaded.image_shape == (48, 48, 1)
    faces = np.random.default_rng(0).uniform(-1, 1, (2, 48, 48)).astype("float32")
    mixture = [{"happy": 0.6, "surprise": 0.4}, "sad"]
    for result, right in [
        (loaded.transfer(faces, mixture), expected.transfer(faces, mixture)),
        (loaded.transfer_all(faces), expected.transfer_all(faces)),
        (loaded.reconstruct(faces, [1, 2]), expected.reconstruct(faces, [1, 2])),
        (loaded.encode(faces), expected.encode(faces)),
    ]:
        assert isinstance(result, np.ndarray)
        np.testing.assert_allclose(result, right, atol=1e-5)
    grey = np.full((48, 48, 1), 90, "uint8")
    assert loaded.transfer(grey, "happy").dtype == np.uint8


def test_bad_calls(folder):
    loaded = load_transfer(folder)
    grey = np.full((48, 48, 1), 90, "uint8")
    with pytest.raises(ValueError, match="Unknown emotion 'joyful'"):
        loaded.transfer(grey, "joyful")
    with pytest.raises(ValueError, match="Expected images of shape"):
        loaded.transfer_all(grey[:40])


def test_what_is_no_model(folder, tmp_path):
    with pytest.raises(ValueError, match="holds no SavedModel"):
        load_transfer(tmp_path)
    gan = ConditionalDCGAN(width=1, latent_dim=4, seed=0)
    gan.export(tmp_path / "gan")
    with pytest.raises(ValueError, match="no endpoint 'transfer' .*generate"):
        load_transfer(tmp_path / "gan")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("saved_model.pb", lambda content: content[: len(content) // 2]),
        ("saved_model.pb", lambda content: b""),
        ("saved_model.pb", lambda content: b"\x00\xff" * 100),
        ("variables/variables.index", lambda content: content[:10]),
        ("variables/variables.data-00000-of-00001", lambda content: content[:100]),
        ("variables/variables.index", None),
    ],
)
def test_damaged_models(folder, tmp_path, file, damage):
    copy = shutil.copytree(folder, tmp_path / "copy")
    if damage is None:
        (copy / file).unlink()
    else:
        (copy / file).write_bytes(damage((copy / file).read_bytes()))
    with pytest.raises(ValueError, match="SavedModel"):
        load_transfer(copy)
