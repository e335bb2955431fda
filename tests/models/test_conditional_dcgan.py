"""The GAN's training step against one written plainly, its noise and its faces."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.joined_networks import JoinedConvolutions, JoinedGenerator

from fer_keras import ConditionalDCGAN

SIZES = {
    "image_shape": (12, 12, 1),
    "width": 2,
    "depth": 2,
    "latent_dim": 4,
    "seed": 3,
}


def make(run_eagerly=True, **compile_options):
    """A compiled GAN; eager where tracing would take longer than the steps."""
    gan = ConditionalDCGAN(**SIZES)
    gan.compile(run_eagerly=run_eagerly, **compile_options)
    return gan


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (20, 12, 12, 1), dtype="uint8")
    return images, generator.integers(0, 7, 20)


def adam(rate=0.01):
    # A larger epsilon than usual: the bias before a batch normalisation has a
    # gradient of nothing but rounding errors, which Adam would blow up to a step.
    return keras.optimizers.Adam(rate, beta_1=0.5, epsilon=1e-4)


def softplus(values):
    return tf.math.log(1.0 + tf.exp(values))


class PlainTraining:
    """Equations 5 and 6, one tape and one forward pass for each update."""

    def __init__(self, gan, generator_steps):
        self.generator = JoinedGenerator(gan.generator)
        self.discriminator = JoinedConvolutions(
            gan.discriminator, gan.discriminator.decide
        )
        self.optimizers = {self.generator: adam(), self.discriminator: adam()}
        self.generator_steps = generator_steps
        self.state = [int(gan.noise.state[0]), 0]
        self.losses = []

    def draw(self, count):
        noise = tf.random.stateless_uniform([count, 4], self.state, -1, 1, alg="philox")
        self.state[1] += 1
        return noise

    def update(self, network, loss_of):
        with tf.GradientTape() as tape:
            loss = loss_of()
        # Keras' variables: the tape knows their values.
        values = [variable.value for variable in network.trainable_variables]
        gradients = tape.gradient(loss, values)
        self.optimizers[network].apply(gradients, network.trainable_variables)
        return loss

    def step(self, images, labels):
        images = tf.cast(images, tf.float32) / 127.5 - 1
        labels = tf.one_hot(labels, 7)
        latents = self.draw(len(images))

        def discriminator_loss():
            # D sees G's faces of this pass; G's averages move in its own update.
            faces = self.generator(latents, labels, training=True, moves=False)
            real = self.discriminator(images, labels, training=True)
            generated = self.discriminator(faces, labels, training=True)
            return tf.reduce_mean(softplus(-real)) + tf.reduce_mean(softplus(generated))

        def generator_loss():
            faces = self.generator(latents, labels, training=True)
            logits = self.discriminator(faces, labels, training=True)
            return tf.reduce_mean(softplus(-logits))

        loss = self.update(self.discriminator, discriminator_loss)
        for number in range(self.generator_steps):
            latents = latents if number == 0 else self.draw(len(images))
            generator_loss_value = self.update(self.generator, generator_loss)
        self.losses.append((float(loss), float(generator_loss_value)))


def kernels_and_norms(generator, discriminator):
    """The same list of weights from our networks and from the plain ones."""
    layers = [generator.project, *generator.deconvolutions]
    layers += [*discriminator.convolutions]
    if isinstance(generator, JoinedGenerator):
        layers.append(discriminator.last)
        norms = [*generator.norms, *discriminator.norms[1:]]
        averages = [v for norm in norms for v in (norm.mean, norm.variance)]
        kernels = [layer.kernel for layer in layers]
    else:
        layers.append(discriminator.decide)
        norms = [generator.project_norm, *generator.norms, *discriminator.norms]
        averages = [v for n in norms for v in (n.moving_mean, n.moving_variance)]
        kernels = [layer.concatenated_kernel() for layer in layers]
    biases = [layer.bias for layer in layers]
    scales = [value for norm in norms for value in (norm.gamma, norm.beta)]
    return [np.asarray(v) for v in [*kernels, *biases, *scales, *averages]]


@pytest.mark.parametrize("generator_steps", [1, 2])
def test_two_training_steps_are_those_of_the_plain_reference(data, generator_steps):
    images, labels = data
    gan = make(
        generator_optimizer=adam(),
        discriminator_optimizer=adam(),
        generator_steps=generator_steps,
        run_eagerly=False,
    )
    plain = PlainTraining(gan, generator_steps)
    before = kernels_and_norms(gan.generator, gan.discriminator)
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(10)
    history = gan.fit(batches, verbose=0).history
    for batch in batches:
        plain.step(*batch)
    found = kernels_and_norms(gan.generator, gan.discriminator)
    expected = kernels_and_norms(plain.generator, plain.discriminator)
    for old, ours, theirs in zip(before, found, expected, strict=True):
        assert ours.shape == theirs.shape
        # The steps are of 0.01: the rounding is a thousandth of one.
        np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-4)
        assert np.abs(ours - old).max() > 1e-4 or not np.abs(theirs - old).max() > 1e-4
    losses = np.mean(plain.losses, axis=0)
    np.testing.assert_allclose(history["discriminator_loss"], losses[0], rtol=1e-4)
    np.testing.assert_allclose(history["generator_loss"], losses[1], rtol=1e-4)
    assert int(gan.noise.state[1]) == plain.state[1] == 2 * generator_steps


def test_defaults_are_the_papers():
    gan = make()
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        assert isinstance(optimizer, keras.optimizers.Adam)
        config = optimizer.get_config()
        assert config["learning_rate"] == pytest.approx(2e-4)
        assert (config["beta_1"], config["beta_2"]) == (0.5, 0.999)
    assert gan.generator_steps == 1


def test_metrics_are_means_over_examples(data):
    images, labels = data
    gan = make()
    whole = gan.evaluate(images, labels, batch_size=20, verbose=0, return_dict=True)
    assert set(whole) == {
        "generator_loss",
        "discriminator_loss",
        "real_accuracy",
        "generated_accuracy",
    }
    # D's values of the data do not depend on batches of 8, 8 and 4.
    parts = gan.evaluate(images, labels, batch_size=8, verbose=0, return_dict=True)
    assert parts["real_accuracy"] == pytest.approx(whole["real_accuracy"])
    logits = gan.discriminator((images / 127.5 - 1, labels))
    assert whole["real_accuracy"] == pytest.approx(np.mean(logits > 0))


def test_accuracies_of_a_discriminator_that_calls_everything_real(data):
    gan = make()
    gan.discriminator.decide.bias.assign([50.0])
    scores = gan.evaluate(*data, verbose=0, return_dict=True)
    assert (scores["real_accuracy"], scores["generated_accuracy"]) == (1.0, 0.0)
    assert scores["discriminator_loss"] == pytest.approx(50.0, abs=0.1)
    assert scores["generator_loss"] == pytest.approx(0.0, abs=1e-3)


def test_evaluation_is_repeatable_and_leaves_training_as_it_was(data):
    gan = make()
    before = [np.array(weight) for weight in (*gan.weights, gan.noise.state)]
    first = gan.evaluate(*data, batch_size=8, verbose=0, return_dict=True)
    again = gan.evaluate(*data, batch_size=8, verbose=0, return_dict=True)
    assert first == again
    after = [*gan.weights, gan.noise.state]
    for weight, old, new in zip(after, before, after, strict=True):
        if weight is not gan.evaluation_noise.state:
            np.testing.assert_array_equal(new, old)


def test_validation_within_training_does_not_change_it(data):
    batches = tf.data.Dataset.from_tensor_slices(data).batch(10)
    with_validation, without = make(), make()
    history = with_validation.fit(batches, epochs=2, validation_data=data, verbose=0)
    without.fit(batches, epochs=2, verbose=0)
    for one, two in zip(
        with_validation.generator.weights, without.generator.weights, strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert len(history.history["val_generator_loss"]) == 2
    scores = with_validation.evaluate(*data, verbose=0, return_dict=True)
    for name, value in scores.items():
        assert history.history[f"val_{name}"][-1] == pytest.approx(value, rel=1e-5)


def test_every_step_draws_other_noise_in_the_right_range(data):
    gan = make()
    drawn = []
    draw = gan.noise.draw
    gan.noise.draw = lambda batch: drawn.append(draw(batch)) or drawn[-1]
    gan.fit(*data, batch_size=10, epochs=2, verbose=0)
    noise = np.concatenate(drawn)
    assert noise.shape == (40, 4) and len(np.unique(noise, axis=0)) == 40
    assert -1 <= noise.min() < -0.8 and 0.8 < noise.max() <= 1


def test_same_seed_same_training(data):
    histories = []
    for _ in range(2):
        gan = make()
        histories.append(gan.fit(*data, batch_size=10, epochs=2, verbose=0).history)
    assert histories[0] == histories[1]


def test_both_networks_learn_on_a_tiny_problem(data):
    labels = data[1]
    # Faces whose grey is the label's: easy to tell from noise, easy to make.
    greys = np.linspace(20, 235, 7).astype("uint8")[labels]
    images = np.broadcast_to(greys[:, None, None, None], (20, 12, 12, 1))
    gan = make(False, generator_optimizer=adam(), discriminator_optimizer=adam())
    batches = tf.data.Dataset.from_tensors((images, labels)).repeat(150)
    gan.fit(batches, verbose=0)
    made = gan.generate(70, np.repeat(np.arange(7), 10), seed=0).reshape(7, -1)
    wanted = np.linspace(20, 235, 7)
    assert np.abs(made.mean(1) - wanted).mean() < 40
    assert np.corrcoef(made.mean(1), wanted)[0, 1] > 0.9


def test_generate_is_the_generator_in_inference_mode():
    gan = make()
    latents = np.random.default_rng(0).uniform(-1, 1, (5, 4)).astype("float32")
    faces = gan.generate(latents, ["happy", 0, {"sad": 1}, "fear", 6])
    assert faces.shape == (5, 12, 12, 1) and faces.dtype == np.uint8
    expected = gan.generator((latents, np.array([3, 0, 4, 2, 6])), training=False)
    np.testing.assert_allclose(faces, (np.asarray(expected) + 1) * 127.5, atol=0.51)
    batched = gan.generate(latents, ["happy", 0, {"sad": 1}, "fear", 6], batch_size=2)
    assert np.abs(batched.astype(int) - faces).max() <= 1


def test_generate_draws_by_seed():
    gan = make()
    first, again = (gan.generate(3, "happy", seed=1) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    gan.generator.project.kernel.assign(gan.generator.project.kernel * 50)
    keras.utils.set_random_seed(5)
    others = [gan.generate(3, "happy") for _ in range(2)]
    assert not np.array_equal(*others)
    keras.utils.set_random_seed(5)
    np.testing.assert_array_equal(gan.generate(3, "happy"), others[0])
    assert gan.generate(0, "happy").shape == (0, 12, 12, 1)


@pytest.mark.parametrize(
    ("latents", "emotion", "message"),
    [
        (np.zeros((2, 3)), "happy", r"latents \(count, 4\), got shape \(2, 3\)"),
        (np.zeros(4), "happy", r"got shape \(4,\)"),
        (np.full((2, 4), np.nan), "happy", "Latents hold NaN"),
        (2, "glad", "Unknown emotion 'glad'"),
        (2, [1, 2, 3], r"one emotion per image \(2\), got 3"),
    ],
)
def test_refused_latents_and_emotions(latents, emotion, message):
    gan = make()
    with pytest.raises(ValueError, match=message):
        gan.generate(latents, emotion)
    if not isinstance(latents, int):
        with pytest.raises(ValueError, match=message):
            gan.predict((latents, emotion), verbose=0)


def test_predict_of_arrays_and_of_datasets():
    gan = make()
    latents = np.random.default_rng(0).uniform(-1, 1, (5, 4)).astype("float32")
    expected = gan.generator((latents, np.arange(5)))
    arrays = gan.predict((latents, np.arange(5)), batch_size=2, verbose=0)
    np.testing.assert_allclose(arrays, expected, atol=1e-6)
    batches = tf.data.Dataset.from_tensor_slices((latents, np.arange(5))).batch(2)
    np.testing.assert_allclose(gan.predict(batches, verbose=0), expected, atol=1e-6)
    with pytest.raises(ValueError, match="pair of latents and emotions.*got ndarray"):
        gan.predict(latents, verbose=0)


def test_refused_ways_to_compile():
    gan = ConditionalDCGAN(**SIZES)
    for steps in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match=f"generator_steps must be .* got {steps}"):
            gan.compile(generator_steps=steps)
    shared = adam()
    with pytest.raises(
        ValueError, match="discriminator_optimizer are the same optimizer"
    ):
        gan.compile(shared, shared)
    with pytest.raises(ValueError, match="does not take loss, optimizer"):
        gan.compile(optimizer="adam", loss="mse")
    gan.compile("adam", "adam")
    assert gan.generator_optimizer is not gan.discriminator_optimizer


def test_fit_before_compile_says_so(data):
    with pytest.raises(ValueError, match="call `compile"):
        ConditionalDCGAN(**SIZES).fit(*data)


def test_configuration_round_trip():
    gan = ConditionalDCGAN(**SIZES, num_classes=3, kernel_size=3)
    again = ConditionalDCGAN.from_config(gan.get_config())
    assert again.get_config() == gan.get_config()
    for one, two in zip(gan.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, two)
    clone = keras.models.clone_model(gan)
    assert clone.get_config() == gan.get_config()
