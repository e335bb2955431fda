"""Residual blocks and their modulation, against the formula in NumPy."""

import keras
import numpy as np
import pytest

from fer_keras.layers.residual_block import FeatureModulation, ResidualBlock


def test_modulation_is_its_formula():
    modulation = FeatureModulation(3, seed=0)
    random = np.random.default_rng(0)
    features = random.normal(size=(2, 4, 5, 3)).astype("float32")
    conditions = random.normal(size=(2, 6)).astype("float32")
    modulation.build([features.shape, conditions.shape])
    kernel = random.normal(size=(6, 6)).astype("float32")
    bias = random.normal(size=6).astype("float32")
    modulation.scale_and_shift.set_weights([kernel, bias])

    scale, shift = np.split(conditions @ kernel + bias, 2, axis=1)
    size = np.sqrt((features**2).mean(-1, keepdims=True) + 1e-4)
    expected = features / size * (1 + scale[:, None, None]) + shift[:, None, None]
    np.testing.assert_allclose(
        modulation((features, conditions)), expected, rtol=1e-5, atol=1e-5
    )


def test_a_block_adds_to_its_input():
    block = ResidualBlock(2, seed=0)
    features = np.random.default_rng(1).normal(size=(1, 3, 3, 2)).astype("float32")
    block.build(features.shape)
    block.second.set_weights([np.zeros((3, 3, 2, 2)), np.array([1.0, -1.0])])
    np.testing.assert_allclose(block(features), features + [1.0, -1.0], rtol=1e-6)


@pytest.mark.parametrize("modulated", [False, True])
def test_a_saved_block_comes_back(tmp_path, modulated):
    features = keras.Input((4, 4, 2))
    conditions = keras.Input((3,))
    inputs = (features, conditions) if modulated else features
    block = ResidualBlock(2, modulated=modulated, seed=0)
    model = keras.Model(inputs, block(inputs))
    model.save(tmp_path / "block.keras")
    loaded = keras.saving.load_model(tmp_path / "block.keras")
    random = np.random.default_rng(2)
    data = random.normal(size=(2, 4, 4, 2)), random.normal(size=(2, 3))
    data = data if modulated else data[0]
    np.testing.assert_array_equal(model(data), loaded(data))
