"""An interrupted run gives the model of an uninterrupted one, bit for bit."""

import errno
import json
import os
import random
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from fer_keras.callbacks import TrainingCheckpoint

from fer_keras import ConditionalDCGAN, EncoderInverter
from fer_keras.data.batches import make_batches
from fer_keras.files import FolderLock
from fer_keras.training import checkpoints
from fer_keras.training import state as training_state

SIZES = {"image_shape": (12, 12, 1), "width": 4, "depth": 2, "latent_dim": 6}
EPOCHS = 3
rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (21, 12, 12, 1), dtype=np.uint8)
LABELS = rng.integers(0, 7, 21)
_TRAIN = "helpers.interrupted_training.train"


@pytest.fixture(scope="module")
def uninterrupted(training_server, tmp_path_factory):
    """Returns a function that trains without interruption, once for each request."""
    known = {}

    def train(**request):
        key = json.dumps(request)
        if key not in known:
            folder = str(tmp_path_factory.mktemp("uninterrupted"))
            known[key] = training_server.run(_TRAIN, folder=folder, **request)
            assert len(known[key]) == 64, known[key]
        return known[key]

    return train


def kill_at_random_moments(server, folder, kills, **request):
    """Kills a run so many times and returns what its last sitting says of it."""
    moments = random.Random(0)
    for kill in range(kills):
        # Most kills fall into the steps and the writing of checkpoints, which is half
        # of a step here; every third anywhere from the start of the process on.
        anywhere = kill % 3 == 2
        seconds = moments.uniform(0, 3.0 if anywhere else 0.2)
        outcome = server.kill(
            seconds, not anywhere, _TRAIN, folder=str(folder), **request
        )
        assert outcome == "killed"
    return server.run(_TRAIN, folder=str(folder), **request)


def test_killed_at_random_moments(training_server, uninterrupted, tmp_path):
    request = {"model": "gan", "epochs": 12}
    outcome = kill_at_random_moments(training_server, tmp_path, 3, **request)
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
def test_killed_at_twenty_random_moments(
    training_server, uninterrupted, tmp_path, request_
):
    outcome = kill_at_random_moments(training_server, tmp_path, 20, **request_)
    assert outcome == uninterrupted(**request_)


def test_killed_while_it_writes_its_checkpoint(
    training_server, uninterrupted, tmp_path
):
    request = {"model": "inverter", "epochs": 3}
    places = [
        ("fsync", 5),  # The bytes are there, perhaps, but not the name.
        ("replace", 2),  # All is there but the name.
        ("unlink", 2),  # A leftover was removed; now the oldest checkpoint would be.
    ]
    for place in places:
        outcome = training_server.run(
            _TRAIN, folder=str(tmp_path), kill_at=place, **request
        )
        assert outcome == "killed"
        # At most the leftover of this kill: earlier ones were removed.
        assert len(list(tmp_path.glob(".*.partial"))) == (place[0] != "unlink")
    outcome = training_server.run(_TRAIN, folder=str(tmp_path), **request)
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


def eager_gan(**compile_arguments):
    return make_gan(run_eagerly=True, **compile_arguments)


def make_unusual_gan():
    """Everything that an optimizer may keep from step to step."""
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10)
    return eager_gan(
        generator_optimizer=keras.optimizers.Adam(
            schedule, use_ema=True, ema_overwrite_frequency=5
        ),
        discriminator_optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        generator_steps=2,
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
        (eager_gan, seeded_dataset),
        (eager_gan, endless_dataset),
        (eager_gan, lambda: arrays(steps_per_epoch=4)),
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


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with two checkpoints of a run of `eager_gan()`."""
    folder = tmp_path_factory.mktemp("saved")
    with pytest.raises(KeyboardInterrupt):
        fit(eager_gan(), folder, arrays(), [Interrupt(5)])
    assert len(checkpoints.list_checkpoints(folder)) == 2
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "run")


def other_gan(**changes):
    gan = ConditionalDCGAN(**{**SIZES, "seed": 3, **changes})
    gan.compile(run_eagerly=True)
    return gan


@pytest.mark.parametrize(
    ("make", "difference"),
    [
        (lambda: other_gan(width=8), "model.width: 4 before, 8 now"),
        (lambda: other_gan(seed=4), "model.seed: 3 before, 4 now"),
        (
            lambda: other_gan(dtype="mixed_bfloat16"),
            "model.dtype.*'float32' before, 'mixed_bfloat16' now",
        ),
        (
            lambda: eager_gan(generator_steps=2),
            "compile.generator_steps: 1 before, 2 now",
        ),
        (
            lambda: eager_gan(discriminator_optimizer="rmsprop"),
            "discriminator_optimizer.class_name: '.*Adam' before, 'RMSprop' now",
        ),
        (
            lambda: eager_gan(generator_optimizer=keras.optimizers.Adam(1e-3)),
            "generator_optimizer.config.learning_rate: 0.000.* before, 0.001.* now",
        ),
        (
            make_float16_inverter,
            "class: 'ConditionalDCGAN' before, 'EncoderInverter' now",
        ),
    ],
    ids=["width", "seed", "dtype", "steps", "optimizer", "rate", "model"],
)
def test_another_configuration_is_refused_by_name(folder, make, difference):
    model = make()
    before = training_state.model_arrays(model)
    with pytest.raises(ValueError, match=f"step-0000002.*{difference}"):
        fit(model, folder, arrays())
    for name, array in training_state.model_arrays(model).items():
        np.testing.assert_array_equal(array, before[name])
    assert len(checkpoints.list_checkpoints(folder)) == 2


def test_what_the_caller_configures_must_stay_too(folder):
    with pytest.raises(ValueError, match="data: None before, 'fer2013' now"):
        fit(eager_gan(), folder, arrays(), configuration={"data": "fer2013"})


def test_another_batch_size_is_refused(folder):
    with pytest.raises(ValueError, match="epochs of 3 steps; now there are 5"):
        fit(eager_gan(), folder, arrays(batch_size=5))


def test_another_version_is_refused_by_name(folder, monkeypatch):
    versions = {**training_state.versions(), "keras": "3.99"}
    monkeypatch.setattr(training_state, "versions", lambda: versions)
    with pytest.raises(ValueError, match="keras: '3.15.*' before, '3.99' now"):
        fit(eager_gan(), folder, arrays())
    checkpoint = TrainingCheckpoint(folder, same_versions=False)
    assert checkpoint.resume(eager_gan(), 0) == (1, 2)


def test_a_damaged_checkpoint_gives_way_to_the_one_before(folder, capsys):
    newest, before = checkpoints.list_checkpoints(folder)
    newest.write_bytes(newest.read_bytes()[:-100])
    expected, found = eager_gan(), eager_gan()
    expected.fit(**arrays(), epochs=EPOCHS, verbose=0)
    fit(found, folder, arrays())
    message = capsys.readouterr().err
    assert f"{newest} is damaged" in message
    assert f"Going on from the one before, {before}." in message
    assert newest.with_suffix(".damaged").exists()
    assert_same_state(found, expected)


def test_damaged_checkpoints_alone_are_refused(folder):
    for path in checkpoints.list_checkpoints(folder):
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="step-0000002.*step-0000001.*None"):
        fit(eager_gan(), folder, arrays())


def test_a_folder_in_use_is_refused_and_free_again_afterwards(folder):
    with FolderLock(folder), pytest.raises(ValueError, match="in use by another run"):
        fit(eager_gan(), folder, arrays())
    with pytest.raises(KeyboardInterrupt):
        fit(eager_gan(), folder, arrays(), [Interrupt(1)])
    FolderLock(folder).close()


def test_a_finished_run_stays_as_it_is(folder):
    first, again = eager_gan(), eager_gan()
    history = fit(first, folder, arrays()).history
    assert fit(again, folder, arrays()).history == history
    assert_same_state(again, first)
    # A second `fit` begins at its own beginning, in another order.
    assert again.fits_begun == 1
    assert len(again.fit(**arrays(), epochs=1, verbose=0).epoch) == 1


def test_a_run_that_another_callback_ended_goes_on(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    expected, found = eager_gan(), eager_gan()
    history = expected.fit(**validated(), epochs=EPOCHS, verbose=0).history
    for _ in range(2):
        stopped = eager_gan()
        checkpoint = TrainingCheckpoint(tmp_path)
        stopped.fit(
            **validated(), epochs=EPOCHS, verbose=0, callbacks=[Stop(), checkpoint]
        )
    assert fit(found, tmp_path, validated()).history == history
    assert_same_state(found, expected)


def test_epochs_and_steps_to_save_after_and_how_many_to_keep(tmp_path):
    def saved(**options):
        folder = tmp_path / str(options)
        checkpoint = TrainingCheckpoint(folder, **options)
        gan = eager_gan()
        gan.fit(**arrays(), epochs=EPOCHS, verbose=0, callbacks=[checkpoint])
        paths = checkpoints.list_checkpoints(folder)
        headers = [checkpoints.read_checkpoint(path)[0] for path in paths]
        return [(header["epoch"], header["step"]) for header in headers]

    assert saved() == [(3, 0), (2, 0)]
    assert saved(every_epochs=2, keep=5) == [(3, 0), (2, 0)]
    assert saved(every_steps=2, keep=5) == [(3, 0), (2, 2), (2, 0), (1, 2), (1, 0)]


@pytest.mark.parametrize("name", ["every_epochs", "every_steps", "keep"])
def test_less_than_one_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, got -1"):
        TrainingCheckpoint(tmp_path, **{name: -1})


def test_other_models_are_sent_elsewhere(tmp_path):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(ValueError, match="BackupAndRestore"):
        model.fit(np.ones((2, 1)), np.ones(2), callbacks=[TrainingCheckpoint(tmp_path)])


def test_a_model_that_is_not_compiled_is_told_so(tmp_path):
    with pytest.raises(ValueError, match="compile"):
        fit(ConditionalDCGAN(**SIZES), tmp_path, arrays())


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Cannot write to the folder .*file"):
        fit(eager_gan(), tmp_path / "file" / "run", arrays())


def test_a_full_disk_keeps_the_last_good_checkpoint(folder, monkeypatch):
    newest = checkpoints.list_checkpoints(folder)[0]

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="could not be written .No space left"):
        fit(eager_gan(), folder, arrays())
    assert checkpoints.list_checkpoints(folder)[0] == newest
    assert checkpoints.newest_checkpoint(folder)[0] == newest
    assert not list(folder.glob(".*.partial"))
