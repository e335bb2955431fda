import keras
import numpy as np
import pytest

from fer_keras.networks.emotion_classifier import ARCHITECTURES, EmotionClassifier
from fer_keras.networks.residual_trunk import ResidualBlock
from fer_keras.networks.vgg_trunk import VggTrunk

both = pytest.mark.parametrize("architecture", ARCHITECTURES)


def faces(count, shape=(48, 48, 1)):
    random = np.random.default_rng(0)
    return random.uniform(-1, 1, (count, *shape)).astype("float32")


@both
def test_logits_and_the_feature_they_are_made_of(architecture):
    classifier = EmotionClassifier(architecture=architecture, seed=0)
    features = classifier.features(faces(3)).numpy()
    logits = classifier(faces(3)).numpy()
    assert features.shape == (3, 128) and logits.shape == (3, 7)
    assert features.min() >= 0 and logits.dtype == "float32"
    kernel, bias = classifier.decide.get_weights()
    np.testing.assert_allclose(logits, features @ kernel + bias, atol=1e-5)


@both
def test_it_is_small(architecture):
    assert EmotionClassifier(architecture=architecture).count_params() < 1_500_000


def test_the_two_see_a_face_differently():
    vgg, residual = (EmotionClassifier(architecture=name) for name in ARCHITECTURES)
    assert type(vgg.trunk) is not type(residual.trunk)
    assert {v.shape for v in vgg.trunk.trainable_variables[:1]} != {
        v.shape for v in residual.trunk.trainable_variables[:1]
    }


@both
def test_saved_and_loaded_it_is_the_same(architecture, tmp_path):
    classifier = EmotionClassifier(
        (16, 20, 3), 4, architecture, feature_dim=32, dropout=0.1, seed=1
    )
    classifier(faces(8, (16, 20, 3)), training=True)
    classifier.save(tmp_path / "c.keras")
    loaded = keras.saving.load_model(tmp_path / "c.keras")
    assert loaded.get_config() == classifier.get_config()
    images = faces(2, (16, 20, 3))
    np.testing.assert_array_equal(loaded(images), classifier(images))
    assert loaded(images).shape == (2, 4)


@both
def test_a_seed_fixes_the_weights(architecture):
    first, same, other = (
        EmotionClassifier((16, 16, 1), architecture=architecture, seed=seed)
        for seed in (3, 3, 4)
    )
    for mine, theirs in zip(first.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    kernels = [n.trainable_variables[0].numpy() for n in (first, other)]
    assert np.abs(kernels[0] - kernels[1]).max() > 0.01


@both
def test_no_two_kernels_of_one_shape_start_alike(architecture):
    classifier = EmotionClassifier((16, 16, 1), architecture=architecture, seed=0)
    kernels = [v.numpy() for v in classifier.trainable_variables if v.ndim == 4]
    for index, kernel in enumerate(kernels):
        for other in kernels[index + 1 :]:
            assert kernel.shape != other.shape or not np.array_equal(kernel, other)


@both
def test_an_image_is_judged_alone_in_inference_but_not_in_training(architecture):
    classifier = EmotionClassifier((16, 16, 1), architecture=architecture, seed=0)
    images = faces(4, (16, 16, 1))
    alone, together = classifier(images[:1]), classifier(images)[:1]
    np.testing.assert_allclose(alone, together, atol=1e-5)
    trained = classifier.features(images[:2], training=True)[:1]
    assert np.abs(trained - classifier.features(images, training=True)[:1]).max() > 0.01


@both
def test_bfloat16_gives_float32_logits_near_the_exact_ones(architecture):
    exact = EmotionClassifier((16, 16, 1), architecture=architecture, seed=0)
    coarse = EmotionClassifier(
        (16, 16, 1), architecture=architecture, seed=0, dtype="mixed_bfloat16"
    )
    images = faces(4, (16, 16, 1))
    assert coarse(images).dtype == "float32"
    np.testing.assert_allclose(coarse(images), exact(images), atol=0.1)


def test_an_unknown_architecture_is_refused():
    with pytest.raises(ValueError, match="'alexnet': expected one of vgg, residual"):
        EmotionClassifier(architecture="alexnet")


def test_a_residual_block_adds_to_its_input():
    block = ResidualBlock(4, name="block")
    images = faces(2, (6, 6, 4))
    block.build(images.shape)
    assert np.abs(block(images) - images).max() > 0.01
    block.convolutions[1].kernel.assign(np.zeros((3, 3, 4, 4)))
    np.testing.assert_array_equal(block(images), images)


def test_a_residual_block_that_halves_averages_its_input():
    block = ResidualBlock(4, strides=2, name="block")
    images = faces(2, (6, 6, 4))
    block.build(images.shape)
    block.convolutions[1].kernel.assign(np.zeros((3, 3, 4, 4)))
    means = images.reshape(2, 3, 2, 3, 2, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(block(images), means, atol=1e-6)


def test_the_vgg_trunk_says_its_size():
    trunk = VggTrunk(4, ((4,), (8, 8)))
    outputs = trunk(faces(2, (18, 10, 1)))
    assert outputs.shape == trunk.compute_output_shape((2, 18, 10, 1)) == (2, 3 * 2 * 8)
