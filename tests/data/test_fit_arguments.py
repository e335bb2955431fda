"""Arguments of Keras' `fit` that a user may try: each works or is refused in a line."""

import keras
import numpy as np
import pytest

from fer_keras import ConditionalDCGAN, EncoderInverter, Generator

SIZES = {"image_shape": (8, 8, 1), "width": 2, "depth": 2, "latent_dim": 3, "seed": 1}
IMAGES = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 1), dtype="uint8")
LABELS = np.arange(10) % 7


def inverter():
    model = EncoderInverter(Generator(**SIZES), seed=2)
    model.compile(run_eagerly=True)
    return model


def gan():
    model = ConditionalDCGAN(**SIZES)
    model.compile(run_eagerly=True)
    return model


@pytest.mark.parametrize("name", ["class_weight", "sample_weight"])
def test_weights_are_refused(name):
    with pytest.raises(ValueError, match=f"takes no {name}.*balance"):
        inverter().fit(IMAGES, LABELS, **{name: {0: 1.0}})


def test_a_validation_split_is_the_last_examples():
    split, given = inverter(), inverter()
    history = split.fit(IMAGES, LABELS, validation_split=0.3, verbose=0).history
    expected = given.fit(
        *(IMAGES[:7], LABELS[:7]),
        validation_data=(IMAGES[7:], LABELS[7:]),
        verbose=0,
    ).history
    assert history == expected and "val_loss" in history
    for share, message in ((0.99, "on both sides, got 0.99 of 10"), (1.5, "both")):
        with pytest.raises(ValueError, match=message):
            split.fit(IMAGES, LABELS, validation_split=share)


def test_callbacks_that_set_a_rate_need_one_optimizer():
    model = inverter()
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model.fit(IMAGES, LABELS, epochs=2, callbacks=[halved], verbose=0)
    np.testing.assert_allclose(model.optimizer.learning_rate, 5e-5)
    for callback in (halved, keras.callbacks.ReduceLROnPlateau("generator_loss")):
        with pytest.raises(ValueError, match="sets the rate of one optimizer.*sched"):
            gan().fit(IMAGES, LABELS, callbacks=[callback])
