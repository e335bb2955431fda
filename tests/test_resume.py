"""An interrupted run gives the model of an uninterrupted one, bit for bit."""

import json
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from fer_keras.callbacks import TrainingCheckpoint
from training_processes import TrainingServer

from fer_keras import ConditionalDCGAN, EncoderInverter, checkpoints, training_state
from fer_keras.batches import make_batches

SIZES = {"image_shape": (12, 12, 1), "width": 4, "depth": 2, "latent_dim": 6}
EPOCHS = 3
rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (21, 12, 12, 1), dtype=np.uint8)
LABELS = rng.integers(0, 7, 21)


@pytest.fixture(scope="module")
def server():
    server = TrainingServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def uninterrupted(server, tmp_path_factory):
    """Returns a function that trains without interruption, once for each request."""
    known = {}

    def train(**request):
        key = json.dumps(request)
        if key not in known:
            folder = str(tmp_path_factory.mktemp("uninterrupted"))
            known[key] = server.run(folder=folder, **request)
            assert len(known[key]) == 64, known[key]
        return known[key]

    return train


def kill_at_random_moments(server, folder, kills, **request):
    """Kills a run so many times and returns what its last sitting says of it."""
    moments = random.Random(0)
    for kill in range(kills):
        # Most kills fall into the steps and the writing of checkpoints, which is half
        # of a step here; every fifth anywhere from the start of the process on.
        anywhere = kill % 5 == 4
        seconds = moments.uniform(0, 3.0 if anywhere else 0.2)
        outcome = server.kill(seconds, not anywhere, folder=str(folder), **request)
        assert outcome == "killed"
    return server.run(folder=str(folder), **request)


def test_killed_at_random_moments(server, uninterrupted, tmp_path):
    request = {"model": "gan", "epochs": 20}
    outcome = kill_at_random_moments(server, tmp_path, 5, **request)
    assert outcome == uninterrupted(**request)


@pytest.mark.slow
@pytest.mark.parametrize(
    "request_",
    [
        {"model": "gan", "epochs": 150},
        {"model": "inverter", "epochs": 150, "objective": "both"},
    ],
    ids=["gan", "inverter"],
)
def test_killed_at_twenty_random_moments(server, uninterrupted, tmp_path, request_):
    outcome = kill_at_random_moments(server, tmp_path, 20, **request_)
    assert outcome == uninterrupted(**request_)


def test_killed_while_it_writes_its_checkpoint(server, uninterrupted, tmp_path):
    request = {"model": "inverter", "epochs": 3}
    places = [
        ("fsync", 5),  # The bytes are there, perhaps, but not the name.
        ("replace", 2),  # All is there but the name.
        ("unlink", 2),  # A leftover was removed; now the oldest checkpoint would be.
    ]
    for place in places:
        outcome = server.run(folder=str(tmp_path), kill_at=place, **request)
        assert outcome == "killed"
        # At most the leftover of this kill: earlier ones were removed.
        assert len(list(tmp_path.glob(".*.partial"))) == (place[0] != "unlink")
    outcome = server.run(folder=str(tmp_path), **request)
    assert outcome == uninterrupted(**request)
    assert len(checkpoints.list_checkpoints(tmp_path)) == 2


class Interrupt(keras.callbacks.Callback):
    """Stops training as a user would, at its n-th step."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if self.steps == 0:
            raise KeyboardInterrupt


def make_gan(**compile_arguments):
    gan = ConditionalDCGAN(**SIZES, seed=3)
    gan.compile(**compile_arguments)
    return gan


def make_unusual_gan():
    """Everything that an optimizer may keep from step to step."""
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10)
    return make_gan(
        generator_optimizer=keras.optimizers.Adam(
            schedule, use_ema=True, ema_overwrite_frequency=5
        ),
        discriminator_optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        generator_steps=2,
        run_eagerly=True,
    )


def make_float16_inverter():
    keras.utils.set_random_seed(5)
    inverter = EncoderInverter(make_gan().generator, dtype="mixed_float16")
    inverter.compile(run_eagerly=True)
    return inverter


def arrays(**options):
    return {"x": IMAGES, "y": LABELS, "batch_size": 8, **options}


def seeded_dataset():
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS))
    return {"x": dataset.shuffle(21, seed=4).batch(8).prefetch(2)}


def endless_dataset():
    return {"x": make_batches(IMAGES, LABELS, 8, repeat=True), "steps_per_epoch": 3}


def validated():
    return arrays(validation_data=(IMAGES, LABELS), shuffle=False)


@pytest.mark.parametrize(
    ("make", "data"),
    [
        (make_unusual_gan, validated),
        (make_gan, arrays),
        (make_gan, seeded_dataset),
        (make_gan, endless_dataset),
        (make_gan, lambda: arrays(steps_per_epoch=4)),
        (make_float16_inverter, arrays),
    ],
    ids=["unusual", "arrays", "shuffled", "endless", "repeated", "float16"],
)
def test_goes_on_in_the_middle_of_an_epoch(make, data, tmp_path):
    expected = make()
    history = expected.fit(**data(), epochs=EPOCHS, verbose=0)
    for steps in (2, 3):
        with pytest.raises(KeyboardInterrupt):
            fit(make(), tmp_path, data(), [Interrupt(steps)])
    _, header, _, _ = checkpoints.newest_checkpoint(tmp_path)
    assert (header["epoch"], header["step"] > 0) == (1, True)
    found = make()
    found_history = fit(found, tmp_path, data())
    assert found_history.history == history.history
    assert found_history.epoch == history.epoch
    assert_same_state(found, expected)


def fit(model, folder, data, callbacks=(), **options):
    checkpoint = TrainingCheckpoint(folder, every_steps=1, **options)
    callbacks = [checkpoint, *callbacks]
    return model.fit(**data, epochs=EPOCHS, verbose=0, callbacks=callbacks)


def assert_same_state(found, expected):
    found, expected = (training_state.model_arrays(m) for m in (found, expected))
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert array.tobytes() == found[name].tobytes(), name
