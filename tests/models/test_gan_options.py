"""The GAN's options, each alone: what it changes, and that it is saved."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import ConditionalDCGAN
from fer_keras.layers import SharedAugmentation
from fer_keras.training.replicas import GlobalBatch

SIZES = {
    "image_shape": (12, 12, 1),
    "width": 2,
    "depth": 2,
    "latent_dim": 4,
    "seed": 3,
}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (12, 12, 12, 1), dtype="uint8")
LABELS = np.arange(12) % 7
OPTIONS = {
    "conditioning": {"conditioning": "normalization"},
    "projection": {"projection": True},
    "classifier": {"projection": True, "classifier": True},
    "augmentation": {"augmentation": SharedAugmentation(seed=2)},
    "average": {"average_decay": 0.9},
    "all": {
        "conditioning": "normalization",
        "projection": True,
        "classifier": True,
        "augmentation": SharedAugmentation(seed=2),
        "average_decay": 0.9,
    },
}


def make(compile_options=None, **options):
    gan = ConditionalDCGAN(**SIZES, **options)
    gan.compile(**{"run_eagerly": True, **(compile_options or {})})
    return gan


@pytest.mark.parametrize("name", OPTIONS)
def test_each_trains_and_goes_on_bit_for_bit_after_saving(name, tmp_path):
    gan = make(**OPTIONS[name])
    before = [np.array(v) for v in gan.discriminator.trainable_variables]
    gan.train_on_batch(IMAGES, LABELS)
    for old, new in zip(before, gan.discriminator.trainable_variables, strict=True):
        assert np.abs(old - new).max() > 0.0
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.train_on_batch(IMAGES, LABELS)
    for ours, theirs in zip(gan.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_wrong_labels_are_an_option_of_every_discriminator():
    for projection in (False, True):
        weights = []
        for weight in (0.0, 1.0):
            gan = make({"wrong_label_weight": weight}, projection=projection)
            gan.train_on_batch(IMAGES, LABELS)
            weights.append([np.array(v) for v in gan.discriminator.variables])
        pairs = list(zip(*weights, strict=True))
        assert any(np.abs(none - some).max() > 1e-4 for none, some in pairs)


@pytest.mark.parametrize("projection", [False, True])
def test_the_gradient_penalty_and_its_gradient_are_those_of_differences(projection):
    gan = make({"gradient_penalty_weight": 0.5}, projection=projection)
    gan.train_on_batch(IMAGES, LABELS)
    images = IMAGES[:3].astype("float32") / 127.5 - 1.0
    labels = tf.one_hot(LABELS[:3], 7)
    batch = GlobalBatch.around(tf.constant(images))
    kernel = gan.discriminator.convolutions[1].trainable_variables[0]
    with tf.GradientTape() as tape:
        penalty = gan._terms.gradient_penalty(tf.constant(images), labels, batch)
    found = np.array(tape.gradient(penalty, kernel))

    def by_differences():
        """The squared gradient of the sum of logits, a pixel at a time."""
        step = 1e-2
        moves = np.eye(144, dtype="float32").reshape(144, 1, 12, 12, 1) * step
        ahead, behind = (
            gan.discriminator(
                (
                    (images + sign * moves).reshape(-1, 12, 12, 1),
                    tf.tile(labels, [144, 1]),
                )
            )
            for sign in (1, -1)
        )
        slopes = np.reshape(ahead - behind, (144, 3)) / (2 * step)
        return 0.5 / 2 * np.square(slopes).sum(axis=0).mean()

    # The leaky ReLU's kinks are what differences see and gradients do not.
    assert float(penalty) == pytest.approx(by_differences(), rel=0.02)
    value = kernel.numpy()
    place = np.unravel_index(np.abs(found).argmax(), found.shape)
    penalties = []
    for step in (1e-3, -1e-3):
        moved = value.copy()
        moved[place] += step
        kernel.assign(moved)
        penalties.append(
            float(gan._terms.gradient_penalty(tf.constant(images), labels, batch))
        )
    assert found[place] == pytest.approx((penalties[0] - penalties[1]) / 2e-3, rel=0.05)


def test_the_gradient_penalty_is_lazy_and_logged():
    gan = make({"gradient_penalty_weight": 10.0, "gradient_penalty_every": 3})
    seen = [
        gan.train_on_batch(IMAGES, LABELS, return_dict=True)["gradient_penalty"]
        for _ in range(4)
    ]
    assert seen[0] > 0.0
    assert seen[1:3] == [0.0, 0.0]
    assert seen[3] > 0.0
    logs = gan.evaluate(IMAGES, LABELS, return_dict=True, verbose=0)
    # Once a step now, by a D that has made its step since.
    assert 0.0 < logs["gradient_penalty"] * 3 < 2 * seen[3]


def test_the_gradient_penalty_flattens_d():
    def steepness(weight):
        gan = make({"gradient_penalty_weight": weight, "gradient_penalty_every": 1})
        for optimizer in (gan.discriminator_optimizer, gan.generator_optimizer):
            optimizer.learning_rate.assign(0.01)
        for _ in range(10):
            gan.train_on_batch(IMAGES, LABELS)
        terms = dataclasses.replace(gan._terms, gradient_penalty_weight=1.0)
        images = tf.constant(IMAGES.astype("float32") / 127.5 - 1.0)
        labels = tf.one_hot(LABELS, 7)
        return float(terms.gradient_penalty(images, labels, GlobalBatch.around(images)))

    assert steepness(100.0) < 0.5 * steepness(0.0)


def test_the_classifiers_weight_reaches_g():
    gans = [
        make({"classifier_weight": weight}, projection=True, classifier=True)
        for weight in (0.0, 5.0)
    ]
    for gan in gans:
        # D alike in both; what differs is what G is told.
        gan.discriminator_optimizer.learning_rate.assign(0.0)
        gan.train_on_batch(IMAGES, LABELS)
    first, second = (gan.generator.trainable_variables for gan in gans)
    assert any(
        np.abs(np.array(a) - np.array(b)).max() > 1e-5
        for a, b in zip(first, second, strict=True)
    )


def test_the_average_draws_and_the_last_weights_train():
    gan = make(average_decay=0.5)
    gan.fit(IMAGES, LABELS, batch_size=6, verbose=0)
    assert gan.drawing_generator is gan.average.network
    latents = RANDOM.uniform(-1, 1, (3, 4)).astype("float32")
    drawn = gan((latents, LABELS[:3]))
    np.testing.assert_array_equal(drawn, gan.average.network((latents, LABELS[:3])))
    assert np.abs(drawn - gan.generator((latents, LABELS[:3]))).max() > 0.0
    assert make().drawing_generator.name == "generator"


def test_what_it_exports_is_what_draws(tmp_path):
    gan = make(**OPTIONS["all"])
    gan.fit(IMAGES, LABELS, batch_size=6, verbose=0)
    gan.export(tmp_path / "gan")
    loaded = tf.saved_model.load(tmp_path / "gan")
    latents = RANDOM.uniform(-1, 1, (7, 4)).astype("float32")
    np.testing.assert_allclose(
        loaded.decode(latents, np.arange(7)),
        gan((latents, np.arange(7))),
        atol=1e-5,
    )


def test_balance_makes_rare_classes_come_more_often():
    labels = np.array([1] * 2 + [3] * 98)
    seen = []

    class Watched(ConditionalDCGAN):
        def train_step(self, data):
            seen.extend(np.argmax(self.prepare(data)[1], axis=1))
            return {"loss": tf.constant(0.0)}

    gan = Watched(**SIZES)
    gan.compile(run_eagerly=True)
    images = np.zeros((100, 12, 12, 1), "uint8")
    gan.fit(images, labels, batch_size=50, balance=1.0, verbose=0)
    assert np.bincount(seen)[[1, 3]].tolist() == [50, 50]
    with pytest.raises(ValueError, match="load_dataset"):
        batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(50)
        gan.fit(batches, balance=1.0)
