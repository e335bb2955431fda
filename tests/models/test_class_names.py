"""Names of classes, and shapes of images, from the data to the exported model."""

import keras
import numpy as np
import pytest

from fer_keras import ConditionalDCGAN, EncoderInverter, MapGenerator
from fer_keras.export.loaded_model import load_transfer

NAMES = ("smiling", "not smiling")


@pytest.fixture(scope="module")
def gan():
    gan = ConditionalDCGAN(
        (20, 12, 3), 2, latent_dim=3, width=2, depth=2, seed=1, class_names=NAMES
    )
    gan.compile()
    return gan


def test_the_names_are_saved_with_the_networks(gan, tmp_path):
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.generator.class_names == NAMES
    one, two = (model.generate(2, "Not smiling", seed=3) for model in (gan, loaded))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, gan.generate(2, 1, seed=3))
    with pytest.raises(ValueError, match="expected one of smiling, not smiling"):
        gan.generate(2, "happy")


def test_the_names_travel_with_an_exported_model(gan, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (4, 20, 12, 3), "uint8")
    inverter = EncoderInverter(gan.generator, seed=2)
    inverter.compile()
    inverter.fit(images, np.arange(4) % 2, verbose=0)
    transfer = inverter.as_transfer()
    assert transfer.emotions == NAMES
    transfer.export(tmp_path / "model")
    loaded = load_transfer(tmp_path / "model")
    assert loaded.emotions == NAMES
    np.testing.assert_allclose(
        loaded.transfer(images, "not smiling").astype(int),
        transfer.transfer(images, 1).astype(int),
        atol=1,
    )


def test_seven_classes_are_the_emotions_and_others_their_ids():
    for make in (ConditionalDCGAN, MapGenerator):
        generator = make((8, 8, 1), 7, width=2)
        assert getattr(generator, "generator", generator).class_names[3] == "happy"
    assert MapGenerator((8, 8, 1), 3, width=2).class_names == ("0", "1", "2")
    with pytest.raises(ValueError, match="Expected 3 different class names, got a, b"):
        MapGenerator((8, 8, 1), 3, width=2, class_names=["a", "b"])
