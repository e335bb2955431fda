"""E's training step against one written plainly; G stays as it is, bit for bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.joined_networks import JoinedConvolutions, JoinedGenerator

from fer_keras import Encoder, EncoderInverter, Generator

SIZES = {"image_shape": (12, 12, 1), "width": 2, "depth": 2, "latent_dim": 4}


def trained_looking_generator(**sizes):
    """A generator with statistics and contrast as training gives them."""
    generator = Generator(**{**SIZES, **sizes}, seed=3)
    for norm in (generator.project_norm, *generator.norms):
        norm.moving_mean.assign(norm.moving_mean + 0.01)
        norm.moving_variance.assign(norm.moving_variance * 0.01)
    last = generator.deconvolutions[-1]
    last.kernel.assign(last.kernel * 20)
    last.label_kernel.assign(last.label_kernel * 20)
    return generator


def make(run_eagerly=True, optimizer=None, **options):
    inverter = EncoderInverter(trained_looking_generator(), seed=5, **options)
    inverter.compile(optimizer, run_eagerly=run_eagerly)
    return inverter


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (20, 12, 12, 1), dtype="uint8")
    return images, generator.integers(0, 7, 20)


def values(weights):
    return [np.array(weight) for weight in weights]


def plain_step(inverter, images, labels, rate):
    """Gradient descent on equations 13 and 14; returns E and the two terms."""
    generator = JoinedGenerator(inverter.generator)
    encoder = JoinedConvolutions(inverter.encoder, inverter.encoder.to_latent)
    images, labels = tf.cast(images, tf.float32) / 127.5 - 1, tf.one_hot(labels, 7)
    state = [int(inverter.noise.state[0]), 0]
    noise = tf.random.stateless_uniform([len(images), 4], state, -1, 1, alg="philox")
    terms = {}
    with tf.GradientTape() as tape:
        if inverter.objective != "latent":
            latents = tf.tanh(encoder(images, labels, training=True))
            squares = (images - generator(latents, labels)) ** 2
            terms["image"] = tf.reduce_sum(squares) / len(images)
        if inverter.objective != "image":
            faces = generator(noise, labels)
            recovered = tf.tanh(encoder(faces, labels, training=True))
            terms["latent"] = tf.reduce_sum((noise - recovered) ** 2) / len(images)
        weight = inverter.latent_weight if inverter.objective == "both" else 1.0
        loss = terms.get("image", 0.0) + weight * terms.get("latent", 0.0)
    variables = encoder.trainable_variables
    for variable, gradient in zip(
        variables, tape.gradient(loss, [v.value for v in variables]), strict=True
    ):
        variable.assign(variable - rate * gradient)
    return encoder, float(loss), {name: float(term) for name, term in terms.items()}


@pytest.mark.parametrize("objective", ["image", "latent", "both"])
def test_a_training_step_is_that_of_the_plain_reference(data, objective):
    rate = 1e-3
    inverter = make(
        optimizer=keras.optimizers.SGD(rate),
        objective=objective,
        latent_weight=0.25,
    )
    before = np.array(inverter.encoder.convolutions[0].kernel)
    encoder, loss, terms = plain_step(inverter, *data, rate)
    logs = inverter.fit(*data, batch_size=20, shuffle=False, verbose=0).history
    layers = [*inverter.encoder.convolutions, inverter.encoder.to_latent]
    for layer, plain in zip(layers, [*encoder.convolutions, encoder.last], strict=True):
        np.testing.assert_allclose(
            layer.concatenated_kernel(), plain.kernel, rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(layer.bias, plain.bias, rtol=1e-3, atol=1e-6)
    for norm, plain in zip(inverter.encoder.norms, encoder.norms[1:], strict=True):
        for ours, theirs in [
            (norm.gamma, plain.gamma),
            (norm.beta, plain.beta),
            (norm.moving_mean, plain.mean),
            (norm.moving_variance, plain.variance),
        ]:
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    assert np.abs(layers[0].kernel - before).max() > 1e-5
    np.testing.assert_allclose(logs.pop("loss"), loss, rtol=1e-5)
    sizes = {"image": 144, "latent": 4}
    assert set(logs) == {f"{name}_error" for name in terms}
    for name, term in terms.items():
        np.testing.assert_allclose(logs[f"{name}_error"], term / sizes[name], rtol=1e-5)


@pytest.mark.parametrize("objective", ["image", "latent", "both"])
def test_generator_stays_bit_for_bit_and_encoder_learns(data, objective):
    generator = trained_looking_generator(width=8)
    inverter = EncoderInverter(generator, objective=objective, seed=5)
    inverter.compile(keras.optimizers.Adam(0.01))
    # Faces that this generator can make, so that they can be inverted.
    latents = np.random.default_rng(1).uniform(-1, 1, (20, 4))
    data = np.asarray(generator((latents, data[1]))), data[1]
    weights = values(inverter.generator.weights)
    encoder = values(inverter.encoder.weights)
    assert len(weights) == len(inverter.generator.trainable_weights) + 4
    batches = tf.data.Dataset.from_tensors(data).repeat(50)
    start = inverter.evaluate(*data, verbose=0, return_dict=True)["loss"]
    inverter.fit(batches, verbose=0)
    end = inverter.evaluate(*data, verbose=0, return_dict=True)["loss"]
    for old, new in zip(weights, values(inverter.generator.weights), strict=True):
        np.testing.assert_array_equal(new, old)
    for old, new in zip(encoder, values(inverter.encoder.weights), strict=True):
        assert not np.array_equal(new, old)
    assert end < 0.6 * start
    # Whoever shares the generator can go on training it.
    assert inverter.generator.trainable


def test_only_the_encoder_counts_as_trainable():
    inverter = make()
    encoder = {id(v) for v in inverter.encoder.trainable_variables}
    assert {id(v) for v in inverter.trainable_variables} == encoder
    assert {id(v) for v in inverter.trainable_weights} == encoder
    others = {id(v) for v in inverter.non_trainable_variables}
    assert not encoder & others
    assert {id(v) for v in inverter.generator.variables} <= others
    assert encoder | others == {id(v) for v in inverter.variables}
    assert len(inverter.optimizer.variables) == 2 + 2 * len(encoder)


def test_evaluation_is_repeatable_and_changes_nothing(data):
    inverter = make(objective="both")
    before = values([*inverter.encoder.weights, inverter.noise.state])
    first, again = (
        inverter.evaluate(*data, batch_size=8, verbose=0, return_dict=True)
        for _ in range(2)
    )
    assert first == again and set(first) == {"loss", "image_error", "latent_error"}
    after = values([*inverter.encoder.weights, inverter.noise.state])
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new, old)


def test_evaluated_image_error_is_the_mean_square_per_pixel(data):
    images, labels = data
    inverter = make()
    floats = images.astype("float32") / 127.5 - 1
    latents = inverter.encoder(floats)
    faces = inverter.generator((latents, labels))
    scores = inverter.evaluate(
        images, labels, batch_size=8, verbose=0, return_dict=True
    )
    expected = np.mean(np.square(floats - faces))
    np.testing.assert_allclose(scores["image_error"], expected, rtol=1e-5)
    np.testing.assert_allclose(scores["loss"], expected * 144, rtol=1e-5)


def test_predict_of_every_form(data):
    images, labels = data
    inverter = make()
    floats = images.astype("float32") / 127.5 - 1
    expected = inverter.encoder(floats)
    pairs = tf.data.Dataset.from_tensor_slices(data).batch(8)
    alone = tf.data.Dataset.from_tensor_slices(images).batch(8)
    dictionaries = pairs.map(lambda x, y: {"label": y, "image": x, "id": y})
    for form in (images, floats, images[..., 0], pairs, alone, dictionaries):
        latents = inverter.predict(form, verbose=0)
        assert latents.shape == (20, 4) and latents.dtype == np.float32
        np.testing.assert_allclose(latents, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (np.zeros((2, 12, 11, 1), "uint8"), r"\(batch, 12, 12, 1\), got \(2, 12, 11"),
        (np.full((2, 12, 12, 1), np.nan), "NaN"),
        (np.full((2, 12, 12, 1), 200.0), "must lie in"),
        (tf.data.Dataset.from_tensors(np.full((2, 12, 12, 1), np.nan)), "NaN"),
        (tf.data.Dataset.from_tensors(np.zeros((12, 12, 1))), "single examples"),
        (tf.data.Dataset.from_tensors(np.zeros((2, 12, 12))), r"shape \(2, 12, 12\)"),
    ],
)
def test_predict_refuses(form, message):
    with pytest.raises(ValueError, match=message):
        make().predict(form, verbose=0)


def test_default_encoder_has_the_generators_sizes():
    inverter = EncoderInverter(trained_looking_generator(image_shape=(10, 9, 3)))
    encoder = inverter.encoder
    assert (encoder.image_shape, encoder.latent_dim) == ((10, 9, 3), 4)
    assert (encoder.width, encoder.depth) == (2, 2)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"latent_dim": 5}, "encoder has latent_dim 5, the generator 4"),
        ({"image_shape": (12, 10, 1)}, r"image_shape \(12, 10, 1\), the generator"),
    ],
)
def test_refused_encoders(sizes, message):
    encoder = Encoder(**{**SIZES, **sizes})
    with pytest.raises(ValueError, match=message):
        EncoderInverter(trained_looking_generator(), encoder)


def test_refused_objective_and_options():
    with pytest.raises(ValueError, match="one of .*both., got .pixels"):
        EncoderInverter(trained_looking_generator(), objective="pixels")
    with pytest.raises(ValueError, match="does not take metrics"):
        make().compile("adam", metrics=["mse"])


def test_configuration_round_trip():
    inverter = EncoderInverter(
        trained_looking_generator(),
        objective="both",
        latent_weight=0.5,
        seed=5,
    )
    config = inverter.get_config()
    again = EncoderInverter.from_config(config)
    # The dictionary can be used once more.
    assert EncoderInverter.from_config(config).get_config() == inverter.get_config()
    assert again.latent_weight == 0.5
    clone = keras.models.clone_model(inverter)
    assert clone.get_config() == inverter.get_config()
    assert len(clone.variables) == len(inverter.variables)
