"""Originals beside all their emotions, epoch after epoch."""

import copy

import numpy as np
import pytest
from fer_keras.callbacks import TransferGrid
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from fer_keras import ConditionalDCGAN, EmotionTransfer, EncoderInverter

SHAPE = (24, 24, 1)


def _inverter(**options):
    gan = ConditionalDCGAN(SHAPE, latent_dim=3, width=1, depth=2, seed=4)
    # Untrained weights draw grey alone.
    gan.generator.set_weights([30 * weights for weights in gan.generator.get_weights()])
    inverter = EncoderInverter(gan.generator, seed=5, **options)
    inverter.compile(run_eagerly=True)
    return inverter


def _faces(count):
    return np.random.default_rng(0).integers(0, 256, (count, *SHAPE)).astype("uint8")


def _fit(model, *callbacks, epochs=2):
    labels = np.arange(6) % 7
    model.fit(
        *(_faces(6), labels, 2), epochs=epochs, callbacks=list(callbacks), verbose=0
    )


def _picture(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_a_picture_an_epoch_of_the_faces_and_their_transfers(tmp_path):
    inverter = _inverter()
    faces = _faces(2)
    _fit(inverter, TransferGrid(tmp_path, faces, zoom=1))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-001.png",
        "epoch-002.png",
    ]
    picture = _picture(tmp_path / "epoch-002.png")
    transfer = EmotionTransfer(inverter.encoder, inverter.generator)
    happy = transfer.transfer(faces, "happy")[..., 0]
    assert (picture[14:38, :24] == faces[0, ..., 0]).all()
    left = 24 + 6 + 3 * 26
    assert (picture[40:64, left : left + 24] == happy[1]).all()
    assert (picture != _picture(tmp_path / "epoch-001.png")).any()


def test_labels_name_the_rows(tmp_path):
    callback = TransferGrid(tmp_path, _faces(2), ["sad", "happy"], zoom=1)
    _fit(_inverter(), callback, epochs=1)
    # The labels' column is as wide as a face and its gap.
    assert _picture(tmp_path / "epoch-001.png").shape[1] == 26 + 24 + 6 + 7 * 26 - 2


def test_tensorboard_and_copies(tmp_path):
    callback = TransferGrid(tmp_path / "png", _faces(2), log_dir=tmp_path / "logs")
    copied = copy.deepcopy(callback)
    _fit(_inverter(), copied)
    copy.deepcopy(copied)
    events = EventAccumulator(str(tmp_path / "logs"), size_guidance={"tensors": 0})
    events.Reload()
    assert [event.step for event in events.Tensors("transfers")] == [1, 2]


def test_only_the_chief_writes(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_keras.callbacks.transfer_grid.is_chief", lambda: False)
    _fit(_inverter(), TransferGrid(tmp_path / "png", _faces(2)), epochs=1)
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_told_before_training(tmp_path):
    with pytest.raises(ValueError, match="Expected images of shape"):
        _fit(_inverter(), TransferGrid(tmp_path, _faces(2)[:, :9]))
    with pytest.raises(ValueError, match="one emotion per image"):
        _fit(_inverter(), TransferGrid(tmp_path, _faces(2), [3]))
    gan = ConditionalDCGAN(SHAPE, latent_dim=3, width=1, depth=2, seed=4)
    gan.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="got ConditionalDCGAN"):
        _fit(gan, TransferGrid(tmp_path, _faces(2)))
    assert list(tmp_path.iterdir()) == []
