"""G, D and E against the paper's figures 3 and 4, written down plainly.

Float32 through five layers in another order of summing: 1e-5 of outputs that
lie in [-1, 1].
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.joined_networks import JoinedConvolutions, JoinedGenerator

from fer_keras import Discriminator, Encoder, Generator

SIZES = [(48, 48, 1), (28, 28, 3), (50, 37, 1), (16, 16, 1), (3, 5, 2)]


def generator_count(shape, classes, width, latent_dim=100, kernel=5, depth=4):
    """Counts as one does by hand with label planes joined: Keras' own layers'."""
    (height, size, channels), levels = shape, 2**depth
    base = -(-height // levels) * -(-size // levels)
    filters = [width * 2**level for level in reversed(range(depth))]
    count = (latent_dim + classes + 1) * base * filters[0] + 4 * base * filters[0]
    for before, after in zip(filters, [*filters[1:], channels], strict=True):
        count += kernel**2 * (before + classes) * after + after
    return count + 4 * sum(filters[1:])


def discriminator_count(shape, classes, width, outputs=1, kernel=5, depth=4):
    (height, size, channels), levels = shape, 2**depth
    filters = [width * 2**level for level in range(depth)]
    count = 4 * sum(filters[1:])
    for before, after in zip([channels, *filters], filters, strict=False):
        count += kernel**2 * (before + classes) * after + after
    flat = -(-height // levels) * -(-size // levels) * filters[-1]
    return count + (flat + classes + 1) * outputs


def test_default_sizes_have_the_papers_number_of_weights():
    assert Generator().count_params() == 4_899_312
    assert Discriminator().count_params() == 4_479_560
    # Figure 4: D with 100 outputs instead of one, and without the label.
    assert Encoder().count_params() == discriminator_count((48, 48, 1), 0, 64, 100)
    assert Encoder().count_params() == 4_767_844


def test_default_levels_are_64_128_256_512_from_6_to_48():
    generator, discriminator = Generator(), Discriminator()
    assert generator.project.filters == 3 * 3 * 512
    assert [layer.filters for layer in generator.deconvolutions] == [256, 128, 64, 1]
    sizes = [layer.output_size for layer in generator.deconvolutions]
    assert sizes == [(6, 6), (12, 12), (24, 24), (48, 48)]
    filters = [layer.filters for layer in discriminator.convolutions]
    assert filters == [64, 128, 256, 512]
    assert len(discriminator.norms) == 3
    layers = [*generator.deconvolutions, *discriminator.convolutions]
    assert {(layer.kernel_size, layer.strides) for layer in layers} == {(5, 2)}


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize(("classes", "width"), [(7, 4), (3, 4), (1, 2)])
def test_number_of_weights_at_other_sizes(shape, classes, width):
    sizes = {"image_shape": shape, "num_classes": classes, "width": width}
    generator, discriminator = Generator(**sizes), Discriminator(**sizes)
    assert generator.count_params() == generator_count(shape, classes, width)
    assert discriminator.count_params() == discriminator_count(shape, classes, width)


def small(network, shape=(16, 16, 1), **sizes):
    """A network whose norms and biases are not the initial ones."""
    network = network(image_shape=shape, width=2, seed=1, **sizes)
    generator = np.random.default_rng(0)
    for weight in network.weights:
        noise = generator.uniform(-0.3, 0.3, weight.shape)
        # Variances stay positive, gammas near 1.
        weight.assign(
            np.abs(weight + noise) if weight.name.endswith("e") else weight + noise
        )
    return network


def batch(shape, classes=7):
    generator = np.random.default_rng(0)
    images = generator.uniform(-1, 1, (4, *shape)).astype("float32")
    latents = generator.uniform(-1, 1, (4, 5)).astype("float32")
    return images, latents, generator.dirichlet(np.ones(classes), 4).astype("float32")


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("training", [True, False])
def test_generator_is_figure_3(shape, training):
    _, latents, labels = batch(shape, 3)
    generator = small(Generator, shape, num_classes=3, latent_dim=5)
    plain = JoinedGenerator(generator)
    faces = generator((latents, labels), training=training)
    assert faces.shape == (4, *shape) and faces.dtype == tf.float32
    np.testing.assert_allclose(faces, plain(latents, labels, training), atol=1e-5)
    for norm, reference in zip(
        [generator.project_norm, *generator.norms], plain.norms, strict=True
    ):
        np.testing.assert_allclose(norm.moving_mean, reference.mean, atol=1e-5)
        np.testing.assert_allclose(
            norm.moving_variance, reference.variance, rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("training", [True, False])
def test_discriminator_is_figure_3(shape, training):
    images, _, labels = batch(shape, 3)
    discriminator = small(Discriminator, shape, num_classes=3)
    plain = JoinedConvolutions(discriminator, discriminator.decide)
    logits = discriminator((images, labels), training=training)
    assert logits.shape == (4,) and logits.dtype == tf.float32
    expected = plain(images, labels, training)[:, 0]
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("training", [True, False])
def test_encoder_is_figure_4(shape, training):
    images, _, _ = batch(shape, 3)
    encoder = small(Encoder, shape, latent_dim=5)
    plain = JoinedConvolutions(encoder, encoder.to_latent)
    latents = encoder(images, training=training)
    assert latents.shape == (4, 5) and latents.dtype == tf.float32
    expected = tf.tanh(plain(images, training=training))
    np.testing.assert_allclose(latents, expected, atol=1e-4)


@pytest.mark.parametrize("network", [Generator, Discriminator, Encoder])
def test_same_seed_same_weights(network):
    first, again, other = (network(width=2, seed=seed) for seed in (5, 5, 6))
    for one, two in zip(first.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first.weights[0], other.weights[0])


def test_no_two_layers_draw_the_same_numbers():
    networks = [n(width=2, seed=5) for n in (Generator, Discriminator, Encoder)]
    kernels = [
        np.ravel(weight)[:20]
        for network in networks
        for weight in network.weights
        if "kernel" in weight.name
    ]
    for index, kernel in enumerate(kernels):
        for other in kernels[:index]:
            assert not np.intersect1d(kernel, other).size


def test_without_seed_the_global_one_decides():
    draws = []
    for seed in (3, 3, 4):
        keras.utils.set_random_seed(seed)
        draws.append(np.asarray(Generator(width=2).weights[0]))
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_weights_are_normal_with_deviation_0_02():
    generator, discriminator = Generator(width=16, seed=0), Discriminator(seed=0)
    for layer in (generator.project, generator.deconvolutions[0]):
        kernel = np.asarray(layer.kernel)
        assert abs(kernel.std() - 0.02) < 5e-4 and np.abs(kernel).max() > 0.06
    kernel = np.asarray(discriminator.convolutions[1].kernel)
    # Truncated at two deviations, which leaves 0.88 of the deviation.
    assert abs(kernel.std() - 0.0176) < 2e-4 and np.abs(kernel).max() <= 0.04


@pytest.mark.parametrize("network", [Generator, Discriminator, Encoder])
def test_configuration_round_trip(network):
    classes = {} if network is Encoder else {"num_classes": 3}
    original = network(
        image_shape=(12, 10, 3), width=2, depth=2, kernel_size=3, seed=1, **classes
    )
    config = keras.saving.serialize_keras_object(original)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == original.get_config()
    for one, two in zip(original.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, two)
    clone = keras.models.clone_model(original)
    assert clone.get_config() == original.get_config()
    assert clone.weights[0] is not original.weights[0]


@pytest.mark.parametrize("network", [Generator, Discriminator, Encoder])
@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"image_shape": (48, 48)}, r"height, width and channels.*got \(48, 48\)"),
        ({"image_shape": (48, 0, 1)}, r"got \(48, 0, 1\)"),
        ({"image_shape": (48.0, 48, 1)}, r"got \(48.0, 48, 1\)"),
        ({"width": 0}, "width must be a whole number of 1 or more, got 0"),
        ({"depth": 0}, "depth must be a whole number of 1 or more, got 0"),
        ({"kernel_size": 2.5}, "kernel_size must be .* got 2.5"),
        ({"width": True}, "width must be .* got True"),
    ],
)
def test_refused_sizes(network, sizes, message):
    with pytest.raises(ValueError, match=message):
        network(**sizes)
