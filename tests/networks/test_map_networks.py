"""G and E whose latents have a map: shapes, what depends on what, saving."""

import keras
import numpy as np
import pytest

from fer_keras.networks.map_encoder import MapEncoder
from fer_keras.networks.map_generator import MapGenerator

SMALL = {"vector_dim": 6, "map_channels": 2, "width": 8}


def noise(rows=3):
    return np.random.default_rng(0).uniform(-1, 1, (rows, 6)).astype("float32")


@pytest.mark.parametrize("image_shape", [(48, 48, 1), (32, 20, 3)])
def test_e_gives_what_g_takes(image_shape):
    generator = MapGenerator(image_shape, 5, blocks=1, seed=0, **SMALL)
    encoder = MapEncoder(image_shape, blocks=1, seed=0, **SMALL)
    height, width, _ = image_shape
    assert generator.latent_dim == encoder.latent_dim
    assert generator.latent_dim == 6 + height // 4 * (width // 4) * 2
    latents = generator.latents_of_noise(noise())
    faces = generator((latents, np.array([0, 4, 2])))
    assert faces.shape == (3, *image_shape) and faces.dtype == "float32"
    assert encoder(faces).shape == latents.shape
    assert np.abs(faces).max() <= 1 and np.abs(latents).max() <= 1


def test_noise_decides_vector_and_map():
    generator = MapGenerator(seed=0, blocks=1, **SMALL)
    latents = np.asarray(generator.latents_of_noise(noise()))
    for part in (latents[:, :6], latents[:, 6:]):
        assert np.abs(part[0] - part[1]).max() > 1e-3
    labels = np.array([3, 3, 4])
    np.testing.assert_array_equal(
        generator((noise(), labels)), generator((latents, labels))
    )


def test_the_map_acts_in_its_place():
    """A cell of the map changes the picture around it, not at the other end."""
    generator = MapGenerator(seed=0, blocks=1, **SMALL)
    latents = np.zeros((1, generator.latent_dim), "float32")
    changed = latents.copy()
    changed[0, 6:].reshape(12, 12, 2)[0, 0] = 1.0
    labels = np.array([3])
    change = np.abs(generator((changed, labels)) - generator((latents, labels)))[0]
    assert change[:4, :4].max() > 1e-4
    np.testing.assert_array_equal(change[40:, 40:], 0.0)


def test_labels_and_vector_change_the_face():
    generator = MapGenerator(seed=0, blocks=1, **SMALL)
    latents = generator.latents_of_noise(noise(1))
    happy, sad = (np.asarray(generator((latents, np.array([k])))) for k in (3, 4))
    assert np.abs(happy - sad).max() > 1e-4


def test_one_seed_gives_one_network():
    first, second = (MapGenerator(seed=4, blocks=2, **SMALL) for _ in range(2))
    for mine, theirs in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    kernels = [block.first.kernel for block in first.quarter_blocks]
    assert np.abs(kernels[0] - kernels[1]).max() > 0


@pytest.mark.parametrize("network", [MapGenerator, MapEncoder])
def test_a_saved_network_comes_back(tmp_path, network):
    saved = network(seed=1, **SMALL)
    saved.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert loaded.get_config() == saved.get_config()
    for mine, theirs in zip(saved.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("network", [MapGenerator, MapEncoder])
def test_sides_that_a_map_does_not_fit_are_refused(network):
    with pytest.raises(ValueError, match="multiples of 4, got"):
        network((50, 48, 1), **SMALL)
