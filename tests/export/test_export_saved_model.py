"""Writing a SavedModel: what is in its folder, and what is not lost."""

import gc
import json
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from fer_keras import ConditionalDCGAN
from fer_keras.export import saved_model


def _contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_card(transfer, transfer_folder):
    card = json.loads((transfer_folder / "card.json").read_text("utf-8"))
    assert card["model"] == "EmotionTransfer"
    assert card["image_shape"] == [48, 48, 1]
    assert card["latent_dim"] == 8
    assert card["emotions"][3] == "happy"
    assert card["weights"] == transfer.count_params()
    assert card["note"] == "für Tests"


def test_a_new_version_takes_the_place_of_the_old(tmp_path):
    gan = ConditionalDCGAN(width=1, latent_dim=2, seed=0)
    latents = np.ones((1, 2), "float32")
    picture = np.full((4, 6, 1), 200, "uint8")
    gan.export(tmp_path / "model", samples=picture)
    with Image.open(tmp_path / "model" / "samples.png") as image:
        assert image.size == (6, 4)
    gan.generator.set_weights([2 * w for w in gan.generator.get_weights()])
    gan.export(tmp_path / "model", metadata={"version": 2})
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert (loaded.generate(latents, 1).numpy() == gan.generate(latents, 1)).all()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert not (tmp_path / "model" / "samples.png").exists()


def test_a_failure_while_writing_leaves_the_old_one(tmp_path, monkeypatch):
    gan = ConditionalDCGAN(width=1, latent_dim=2, seed=0)
    gan.export(tmp_path / "model")
    before = _contents(tmp_path)
    save = tf.saved_model.save

    def failing(endpoints, folder, signatures):
        save(endpoints, folder, signatures)
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", failing)
    with pytest.raises(tf.errors.ResourceExhaustedError):
        gan.export(tmp_path / "model")
    with pytest.raises(tf.errors.ResourceExhaustedError):
        gan.export(tmp_path / "another")
    assert _contents(tmp_path) == before


def test_what_is_refused(tmp_path):
    gan = ConditionalDCGAN(width=1, latent_dim=2, seed=0)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"other files \(notes.txt\)"):
        gan.export(tmp_path)
    for metadata in ({"loss": float("nan")}, {"when": object()}):
        with pytest.raises(ValueError, match="cannot be written as JSON"):
            gan.export(tmp_path / "new", metadata=metadata)
    with pytest.raises(ValueError, match="Unknown format 'pt'"):
        gan.export(tmp_path / "new", format="pt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_exporting_takes_no_random_numbers_and_changes_nothing(tmp_path):
    gan = ConditionalDCGAN(width=1, latent_dim=2, seed=0)
    before = gan.get_weights()
    keras.utils.set_random_seed(4)
    expected = keras.random.uniform([3]).numpy()
    keras.utils.set_random_seed(4)
    gan.export(tmp_path / "model")
    assert (keras.random.uniform([3]).numpy() == expected).all()
    for old, new in zip(before, gan.get_weights(), strict=True):
        assert (old == new).all()


def test_in_the_scope_of_a_strategy(tmp_path):
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        gan = ConditionalDCGAN(width=1, latent_dim=2, seed=0)
        gan.export(tmp_path / "model")
    latents = np.ones((1, 2), "float32")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert (loaded.generate(latents, 1).numpy() == gan.generate(latents, 1)).all()


def test_other_numbers_of_classes_have_their_ids_as_names(tmp_path):
    gan = ConditionalDCGAN(width=1, latent_dim=2, num_classes=3, seed=0)
    gan.export(tmp_path / "model")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert loaded.emotions().numpy().tolist() == [b"0", b"1", b"2"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be 0 to 2"):
        loaded.generate(np.ones((1, 2), "float32"), 3)


def test_what_was_exported_is_freed_at_once(tmp_path, monkeypatch):
    """A training exports often: no copy is to wait for a garbage collection."""
    made = []
    make = saved_model._endpoints

    def remembered(*arguments):
        endpoints = make(*arguments)
        made.append(weakref.ref(endpoints))
        return endpoints

    monkeypatch.setattr(saved_model, "_endpoints", remembered)
    gan = ConditionalDCGAN(width=1, latent_dim=2, seed=0)
    gc.disable()
    try:
        gan.export(tmp_path / "model")
        assert [endpoints() for endpoints in made] == [None]
    finally:
        gc.enable()
