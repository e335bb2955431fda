"""The GAN's options, each alone: what it changes, and that it is saved."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import ConditionalDCGAN
from fer_keras.layers import SharedAugmentation

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
