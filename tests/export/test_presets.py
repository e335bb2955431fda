"""Models that travel: what they hold, what they refuse, what goes on from them."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import ConditionalDCGAN, EmotionTransfer, EncoderInverter, JointTransfer
from fer_keras.export.loaded_model import load_transfer
from fer_keras.export.presets import PRESETS, load_networks, preset_card, save_preset
from fer_keras.export.storage import quantized

SIZES = {"image_shape": (12, 12, 1), "width": 4, "depth": 2, "latent_dim": 4, "seed": 3}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (14, 12, 12, 1), dtype="uint8")
LABELS = np.arange(14) % 7


@pytest.fixture(scope="module")
def trained():
    gan = ConditionalDCGAN(
        conditioning="normalization",
        projection=True,
        classifier=True,
        average_decay=0.5,
        **SIZES,
    )
    gan.compile(
        keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01), run_eagerly=True
    )
    gan.fit(IMAGES, LABELS, batch_size=7, verbose=0)
    inverter = EncoderInverter(gan.drawing_generator, seed=1)
    inverter.compile(keras.optimizers.Adam(0.01), run_eagerly=True)
    inverter.fit(IMAGES, LABELS, batch_size=7, verbose=0)
    return gan, inverter.as_transfer()


def save(trained, folder):
    gan, transfer = trained
    networks = {**transfer.inference_networks, "discriminator": gan.discriminator}
    card = {"recipe": {"width": 4}, "gan": gan.get_config()}
    return save_preset(folder, networks, card)


@pytest.fixture
def folder(trained, tmp_path):
    return save(trained, tmp_path / "tiny")


def test_its_networks_are_the_trained_ones_to_their_storage(folder, trained):
    gan, transfer = trained
    networks = load_networks(folder)
    for name, network, digits in (
        ("encoder", transfer.encoder, 1e-3),
        ("generator", transfer.generator, 1e-3),
        # A byte: half of a 127th of the largest weight.
        ("discriminator", gan.discriminator, 1 / 253),
    ):
        pairs = zip(network.variables, networks[name].variables, strict=True)
        for variable, loaded in pairs:
            largest = np.abs(variable).max()
            difference = np.abs(np.array(variable) - np.array(loaded)).max()
            assert difference <= digits * largest + 1e-7, (name, variable.path)


def test_it_is_a_saved_model_that_draws_the_same(folder, trained):
    transfer = trained[1]
    loaded = tf.saved_model.load(folder)
    expected = transfer.transfer_all(IMAGES).astype(int)
    np.testing.assert_allclose(loaded.transfer_all(IMAGES), expected, atol=2)
    again = EmotionTransfer.from_preset(folder).transfer_all(IMAGES).astype(int)
    np.testing.assert_allclose(loaded.transfer_all(IMAGES), again, atol=1)
    assert load_transfer(folder).emotions[3] == "happy"


def test_its_floats_are_stored_in_half_and_the_discriminator_in_bytes(folder):
    reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    kinds = {
        name.split("/")[0]: set()
        for name in reader.get_variable_to_dtype_map()
        if "/values/" in name
    }
    for name, kind in reader.get_variable_to_dtype_map().items():
        if "/values/" in name and len(reader.get_variable_to_shape_map()[name]) > 1:
            kinds[name.split("/")[0]].add(kind.name)
    assert kinds == {
        "encoder": {"float16"},
        "generator": {"float16"},
        "discriminator": {"int8"},
    }


def test_training_goes_on_from_it(folder):
    gan = ConditionalDCGAN.from_preset(folder)
    np.testing.assert_array_equal(
        gan.average.network.project.kernel, gan.generator.project.kernel
    )
    gan.compile(run_eagerly=True)
    assert np.isfinite(gan.train_on_batch(IMAGES, LABELS)).all()
    inverter = EncoderInverter.from_preset(folder, objective="both")
    inverter.compile(run_eagerly=True)
    assert np.isfinite(inverter.train_on_batch(IMAGES, LABELS)).all()
    joint = JointTransfer.from_preset(folder, average_decay=0.9)
    joint.compile(run_eagerly=True)
    assert np.isfinite(joint.train_on_batch(IMAGES, LABELS)).all()


@pytest.mark.parametrize(
    "name", ["saved_model.pb", "variables/variables.data-00000-of-00001"]
)
def test_a_file_that_differs_from_its_card_is_refused(folder, name):
    path = folder / name
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    for load in (load_networks, load_transfer, EmotionTransfer.from_preset):
        with pytest.raises(ValueError, match="not the file that its card describes"):
            load(folder)
    path.unlink()
    with pytest.raises(ValueError, match="is missing|There is no preset"):
        load_networks(folder)


def test_what_is_no_preset_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="no preset 'pluss': expected paper or plus"):
        ConditionalDCGAN.from_preset("pluss")
    (folder / "card.json").write_text("{}")
    with pytest.raises(ValueError, match="no card of a preset"):
        load_networks(folder)


def test_the_card_keeps_what_it_was_given(folder, trained):
    card = preset_card(folder)
    assert card["recipe"] == {"width": 4}
    assert ConditionalDCGAN.from_config(card["gan"]).get_config()["width"] == 4
    assert json.loads((folder / "card.json").read_text())["latent_dim"] == 4
    assert save(trained, folder) == folder
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        save(trained, folder)


def test_bytes_keep_zero_and_the_largest_of_each_column():
    values = np.array([[0.0, -2.0, 0.0], [1.27, 1.0, 0.0]], "float32")
    stored, scale = quantized(values)
    assert stored.tolist() == [[0, -127, 0], [127, 64, 0]]
    np.testing.assert_allclose(stored * scale, values, atol=1 / 127)
    bias, scale = quantized(np.array([0.123], "float32"))
    assert (bias[0], scale) == (np.float32(0.123), 1.0)


@pytest.mark.parametrize("name", PRESETS)
def test_a_shipped_preset_loads_and_is_small_enough(name):
    from fer_keras.export.presets import preset_folder

    folder = preset_folder(name)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25_000_000
    faces = RANDOM.integers(0, 256, (2, 48, 48, 1), dtype="uint8")
    transferred = load_transfer(folder).transfer_all(faces)
    assert transferred.shape == (2, 7, 48, 48, 1)
    assert transferred.dtype == np.uint8
    card = preset_card(name)
    assert card["command"].startswith("fer-keras train --recipe")
    for topic in ("data", "limits", "hardware", "runs", "scores"):
        assert card[topic], topic


def test_it_loads_without_a_word_and_can_be_differentiated(folder, caplog):
    with caplog.at_level("WARNING"):
        loaded = tf.saved_model.load(folder)
    assert not caplog.records
    latents = tf.constant(RANDOM.uniform(-1, 1, (2, 4)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(latents)
        total = tf.reduce_sum(loaded.decode(latents, tf.constant([3, 4])) ** 2)
    assert np.abs(tape.gradient(total, latents)).max() > 0.0
