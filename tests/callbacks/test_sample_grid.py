"""The pictures of fixed latents: when, which, and without a trace in the training."""

import copy
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from fer_keras.callbacks import SampleGrid
from fer_keras.callbacks.sample_grid import sample_grid
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from fer_keras import ConditionalDCGAN, EncoderInverter
from fer_keras.emotions import EMOTIONS

SHAPE = (8, 8, 1)


def _gan(**options):
    gan = ConditionalDCGAN(SHAPE, latent_dim=3, width=1, depth=2, seed=4)
    gan.compile(**{"run_eagerly": True, **options})
    return gan


def _data(count=10):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, *SHAPE)).astype("uint8")
    return images, np.arange(count) % 7


def _fit(gan, *callbacks, epochs=2, count=10, **options):
    return gan.fit(
        *_data(count),
        batch_size=2,
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
        **options,
    )


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_are_named_by_epoch_and_batch(tmp_path):
    _fit(_gan(), SampleGrid(tmp_path, every_batches=3, count=4))
    # Five batches an epoch: the third, sixth and ninth of all, and the last.
    assert _names(tmp_path) == [
        "epoch-001-batch-0003.png",
        "epoch-002-batch-0001.png",
        "epoch-002-batch-0004.png",
        "epoch-002-batch-0005.png",
    ]


def test_a_later_epoch_counts_as_in_an_uninterrupted_run(tmp_path):
    callback = SampleGrid(tmp_path, every_batches=4, count=4)
    _fit(_gan(), callback, epochs=4, initial_epoch=2)
    # 10 batches are done: the 12th, 16th and 20th of all.
    assert _names(tmp_path) == [
        "epoch-003-batch-0002.png",
        "epoch-004-batch-0001.png",
        "epoch-004-batch-0005.png",
    ]


def test_an_epoch_that_is_gone_on_with_counts_what_was_done(tmp_path):
    gan = _gan()
    gan.resumed_step = 3
    callback = SampleGrid(tmp_path, every_batches=4, count=4)
    callback.set_model(gan)
    callback.set_params({"steps": 5})
    callback.on_train_begin()
    for epoch, batches in ((1, 2), (2, 5)):
        callback.on_epoch_begin(epoch)
        for batch in range(batches):
            callback.on_train_batch_end(batch)
        callback.on_epoch_end(epoch)
    # After 8 batches: the 12th of all; the 9th and 10th end the epoch.
    assert _names(tmp_path) == ["epoch-003-batch-0002.png"]
    callback.on_train_end()
    assert _names(tmp_path)[1:] == ["epoch-003-batch-0005.png"]


def test_several_steps_in_one_execution(tmp_path):
    gan = _gan(run_eagerly=False, steps_per_execution=2)
    _fit(gan, SampleGrid(tmp_path, every_batches=3, count=4), epochs=1, count=12)
    assert _names(tmp_path) == ["epoch-001-batch-0004.png", "epoch-001-batch-0006.png"]


def test_a_picture_is_what_the_model_draws_from_the_same_latents(tmp_path):
    gan = _gan()
    _fit(gan, SampleGrid(tmp_path, count=4, zoom=1, seed=9), epochs=1)
    with Image.open(tmp_path / "epoch-001-batch-0005.png") as image:
        picture = np.asarray(image)
    faces = gan.generate(4, ["angry", "angry", "disgust", "disgust"], seed=9)[..., 0]
    assert picture.shape == (18, 18)
    assert (picture[:8, :8] == faces[0]).all()
    assert (picture[10:, :8] == faces[2]).all()
    assert (picture[8:10] == 255).all()


def test_rows_take_the_emotions_in_turn_and_users_theirs():
    class Drawing:
        num_classes = 7
        generator = SimpleNamespace(class_names=EMOTIONS)

        def generate(self, count, emotion, seed):
            self.asked = emotion
            return np.zeros((count, 2, 2, 1), "uint8")

    gan = Drawing()
    sample_grid(gan)
    assert gan.asked[:8] == ["angry"] * 8
    assert gan.asked[8:16] == ["disgust"] * 8
    assert gan.asked[56:] == ["angry"] * 8
    sample_grid(gan, 5, "happy")
    assert gan.asked == "happy"


def test_the_training_is_not_touched(tmp_path):
    weights = []
    for callbacks in ([], [SampleGrid(tmp_path, every_batches=1, count=4)]):
        keras.utils.set_random_seed(1)
        gan = _gan()
        history = _fit(gan, *callbacks, epochs=1, count=6).history
        weights.append((gan.get_weights(), history, np.random.uniform()))
    (without, history, drawn), (with_grid, other_history, other_drawn) = weights
    for first, second in zip(without, with_grid, strict=True):
        assert (first == second).all()
    assert history == other_history
    assert drawn == other_drawn


def test_tensorboard_and_copies(tmp_path):
    callback = SampleGrid(
        tmp_path / "png", every_batches=2, count=4, log_dir=tmp_path / "logs"
    )
    # KerasTuner copies callbacks before each trial, also used ones.
    copied = copy.deepcopy(callback)
    _fit(_gan(), copied, epochs=1)
    copy.deepcopy(copied)
    events = EventAccumulator(str(tmp_path / "logs"), size_guidance={"tensors": 0})
    events.Reload()
    assert events.Tags()["tensors"] == ["samples"]
    recorded = events.Tensors("samples")
    assert [event.step for event in recorded] == [2, 4, 5]
    width, height, png = recorded[0].tensor_proto.string_val
    assert (width, height) == (b"18", b"18")
    assert png.startswith(b"\x89PNG")
    assert len(_names(tmp_path / "png")) == 3


def test_only_the_chief_writes(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_keras.callbacks.sample_grid.is_chief", lambda: False)
    callback = SampleGrid(
        tmp_path / "png", every_batches=1, count=4, log_dir=tmp_path / "logs"
    )
    _fit(_gan(), callback, epochs=1)
    assert _names(tmp_path) == []


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="every_batches must be 1 or more, got 0"):
        SampleGrid("samples", every_batches=0)
    inverter = EncoderInverter(_gan().generator)
    inverter.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="needs a model that draws faces"):
        _fit(inverter, SampleGrid("samples"))
