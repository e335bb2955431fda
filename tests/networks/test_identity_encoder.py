import keras
import numpy as np

from fer_keras.networks.identity_encoder import IdentityEncoder


def faces(count):
    random = np.random.default_rng(0)
    return random.uniform(-1, 1, (count, 16, 16, 1)).astype("float32")


def test_features_have_length_one():
    features = IdentityEncoder((16, 16, 1), feature_dim=24, seed=0)(faces(5)).numpy()
    assert features.shape == (5, 24) and features.dtype == "float32"
    np.testing.assert_allclose((features**2).sum(axis=1), 1, atol=1e-5)


def test_features_of_a_bfloat16_encoder_have_length_one_too():
    encoder = IdentityEncoder((16, 16, 1), seed=0, dtype="mixed_bfloat16")
    features = encoder.features(faces(5)).numpy()
    np.testing.assert_allclose((features**2).sum(axis=1), 1, atol=1e-5)


def test_saved_and_loaded_it_is_the_same(tmp_path):
    encoder = IdentityEncoder((16, 16, 1), 24, 8, ((8,), (16, 16)), seed=1)
    encoder(faces(8), training=True)
    encoder.save(tmp_path / "e.keras")
    loaded = keras.saving.load_model(tmp_path / "e.keras")
    assert loaded.get_config() == encoder.get_config()
    np.testing.assert_array_equal(loaded(faces(3)), encoder(faces(3)))
