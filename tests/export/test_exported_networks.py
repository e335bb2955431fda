"""Folded networks give what the Keras networks give."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import Encoder, Generator
from fer_keras.export import layers
from fer_keras.export.networks import (
    ExportedEncoder,
    ExportedGenerator,
    TracedNetwork,
    exported_network,
)

from .conftest import with_statistics

SIZES = [
    {},
    {"image_shape": (30, 45, 3), "depth": 3},
    {"image_shape": (5, 9, 2), "depth": 2, "kernel_size": 4},
    {"image_shape": (8, 8, 1), "depth": 1, "kernel_size": 3},
    {"image_shape": (12, 12, 1), "depth": 2, "kernel_size": 1},
]


@pytest.mark.parametrize("sizes", SIZES)
def test_generator(sizes):
    generator = with_statistics(Generator(latent_dim=6, width=2, seed=1, **sizes))
    random = np.random.default_rng(2)
    latents = random.uniform(-1, 1, (4, 6)).astype("float32")
    # Weights of any sum, as for exaggerated emotions.
    weights = random.uniform(-0.5, 1.5, (4, 7)).astype("float32")
    expected = generator((latents, weights)).numpy()
    assert expected.std() > 0.01
    result = ExportedGenerator(generator)(tf.constant(latents), tf.constant(weights))
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("classes", [0, 7])
def test_encoder(sizes, classes):
    encoder = Encoder(latent_dim=6, width=2, num_classes=classes, seed=1, **sizes)
    with_statistics(encoder)
    random = np.random.default_rng(2)
    shape = (4, *encoder.image_shape)
    images = random.uniform(-1, 1, shape).astype("float32")
    weights = random.uniform(0, 1, (4, 7)).astype("float32")
    inputs = [images, weights] if classes else [images]
    expected = encoder(inputs if classes else images).numpy()
    assert expected.std() > 0.01
    result = ExportedEncoder(encoder)(*map(tf.constant, inputs))
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_every_form_of_a_layer_is_taken():
    generator = ExportedGenerator(Generator(width=2, seed=0))
    assert [type(layer) for layer in generator.deconvolutions] == [
        layers.TransposedConvolutionByRows,
        layers.TransposedConvolutionByPhases,
        layers.TransposedConvolutionByPhases,
        layers.TransposedConvolutionByPhases,
    ]
    generator = ExportedGenerator(Generator(width=8, seed=0))
    assert type(generator.deconvolutions[1]) is layers.TransposedConvolution
    encoder = ExportedEncoder(Encoder(width=2, seed=0))
    assert type(encoder.convolutions[0]) is layers.Convolution
    assert type(encoder.convolutions[3]) is layers.ConvolutionByRows


def test_mixed_precision_is_exported_in_float32():
    mixed = with_statistics(Generator(width=2, seed=1, dtype="mixed_bfloat16"))
    full = Generator(width=2, seed=1)
    full.set_weights(mixed.get_weights())
    latents = tf.random.stateless_uniform([2, 100], [0, 0], -1.0, 1.0)
    weights = tf.eye(2, 7)
    np.testing.assert_allclose(
        ExportedGenerator(mixed)(latents, weights), full((latents, weights)), atol=1e-5
    )


@keras.saving.register_keras_serializable(package="fer_keras_tests")
class _InvertingGenerator(Generator):
    def call(self, inputs, training=False):
        return -super().call(inputs, training)


def test_a_network_that_is_not_known_is_traced_as_it_is():
    inverting = with_statistics(_InvertingGenerator(width=2, seed=1))
    exported = exported_network(inverting)
    assert isinstance(exported, TracedNetwork)
    latents = tf.random.stateless_uniform([2, 100], [0, 0], -1.0, 1.0)
    weights = tf.eye(2, 7)
    np.testing.assert_allclose(
        exported(latents, weights), inverting((latents, weights)), atol=1e-6
    )
    assert len(exported.state) == len(inverting.variables)
