"""The other ways in which G and D are told the label."""

import keras
import numpy as np
import pytest

from fer_keras import Discriminator, Generator

SIZES = {"image_shape": (12, 12, 1), "width": 2, "depth": 2, "seed": 3}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1.0, 1.0, (5, 12, 12, 1)).astype("float32")
LABELS = np.array([0, 6, 3, 3, 1])


def projection(**options):
    discriminator = Discriminator(**SIZES, conditioning="projection", **options)
    for variable in discriminator.trainable_variables:
        variable.assign(variable + RANDOM.normal(0, 0.1, variable.shape))
    return discriminator


def test_projection_is_the_inner_product_of_features_and_the_labels_row():
    discriminator = projection()
    features = np.asarray(discriminator.features((IMAGES, LABELS)), "float64")
    decide, project = discriminator.decide, discriminator.project
    own = np.asarray(project.kernel).T[LABELS]
    expected = features @ np.asarray(decide.kernel)[:, 0] + np.asarray(decide.bias)
    expected += (features * own).sum(1) + np.asarray(project.bias)[LABELS]
    found = discriminator((IMAGES, LABELS))
    assert found.shape == (5,)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_its_features_do_not_know_the_label():
    discriminator = projection()
    np.testing.assert_array_equal(
        discriminator.features((IMAGES, LABELS)),
        discriminator.features((IMAGES, 6 - LABELS)),
    )
    assert all(layer.label_kernel is None for layer in discriminator.convolutions)


def test_soft_labels_mix_the_logits():
    discriminator = projection()
    happy, sad = (np.eye(7, dtype="float32")[[c] * 5] for c in (3, 4))
    mixed = discriminator((IMAGES, 0.3 * happy + 0.7 * sad))
    parts = [np.asarray(discriminator((IMAGES, labels))) for labels in (happy, sad)]
    np.testing.assert_allclose(mixed, 0.3 * parts[0] + 0.7 * parts[1], atol=1e-5)


def test_a_classifier_names_emotions_by_the_face_alone():
    discriminator = projection(classifier=True)
    features = discriminator.features((IMAGES, LABELS))
    logits = discriminator.emotion_logits(features)
    layer = discriminator.name_emotion
    expected = np.asarray(features) @ np.asarray(layer.kernel) + np.asarray(layer.bias)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def test_a_classifier_that_is_told_the_label_is_refused():
    with pytest.raises(ValueError, match="needs conditioning='projection'"):
        Discriminator(**SIZES, classifier=True)


@pytest.mark.parametrize("network", [Generator, Discriminator])
def test_an_unknown_conditioning_is_refused(network):
    with pytest.raises(ValueError, match="conditioning must be one of 'planes'.*'x'"):
        network(**SIZES, conditioning="x")


def test_a_generator_of_normalization_has_the_label_there_and_at_its_dense_layer():
    generator = Generator(**SIZES, latent_dim=4, conditioning="normalization")
    assert all(layer.label_kernel is None for layer in generator.deconvolutions)
    latents = np.tile(RANDOM.uniform(-1, 1, (1, 4)), (7, 1)).astype("float32")
    kernel = generator.project.label_kernel
    kernel.assign(np.zeros(kernel.shape))
    faces = np.asarray(generator((latents, np.arange(7))))
    # All classes begin alike, and differ by their scales alone.
    np.testing.assert_allclose(faces, faces[:1].repeat(7, 0), atol=1e-6)
    generator.norms[0].gamma.assign(RANDOM.normal(1, 1, generator.norms[0].gamma.shape))
    faces = np.asarray(generator((latents, np.arange(7))))
    assert np.abs(faces[1:] - faces[:1]).max((1, 2, 3)).min() > 1e-6


@pytest.mark.parametrize(
    "network",
    [
        Generator(**SIZES, latent_dim=4, conditioning="normalization"),
        Discriminator(**SIZES, conditioning="projection", classifier=True),
    ],
)
def test_saved_and_loaded_they_are_the_same(network, tmp_path):
    network.save(tmp_path / "network.keras")
    copy = keras.saving.load_model(tmp_path / "network.keras")
    assert copy.get_config() == network.get_config()
    inputs = (
        IMAGES if isinstance(network, Discriminator) else RANDOM.normal(0, 1, (5, 4))
    )
    np.testing.assert_array_equal(copy((inputs, LABELS)), network((inputs, LABELS)))
