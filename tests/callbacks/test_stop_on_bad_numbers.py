"""NaN and infinity stop a run, and what was good before stays."""

import keras
import numpy as np
import pytest
from fer_keras.callbacks import (
    StopOnBadNumbers,
    TrainingCheckpoint,
    TrainingDivergedError,
)

from fer_keras import ConditionalDCGAN
from fer_keras.training import checkpoints
from fer_keras.training import state as training_state

random = np.random.default_rng(0)
IMAGES = random.integers(0, 256, (20, 12, 12, 1), dtype=np.uint8)
LABELS = random.integers(0, 7, 20)


def fit(callbacks, last_rate, epochs=3):
    """Trains in epochs of four steps; from the sixth step on with `last_rate`."""
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([4], [1e-3, last_rate])
    gan = ConditionalDCGAN((12, 12, 1), width=4, depth=2, latent_dim=6, seed=3)
    gan.compile(
        keras.optimizers.SGD(1e-3), keras.optimizers.SGD(rate), run_eagerly=True
    )
    gan.fit(IMAGES, LABELS, batch_size=5, epochs=epochs, verbose=0, callbacks=callbacks)


def test_the_first_bad_step_is_named():
    where = "is (nan|inf) after step 2 of epoch 2"
    with pytest.raises(TrainingDivergedError, match=where):
        fit([StopOnBadNumbers()], last_rate=3e38)


def test_good_numbers_stop_nothing():
    fit([StopOnBadNumbers()], last_rate=1e-3)


def test_bad_validation_is_seen():
    with pytest.raises(ValueError, match="val_loss is inf after epoch 3"):
        StopOnBadNumbers().on_epoch_end(2, {"loss": 1.0, "val_loss": np.inf})


@pytest.mark.parametrize("also", [[], [StopOnBadNumbers()]])
def test_the_newest_checkpoint_is_good(tmp_path, also):
    callbacks = [*also, TrainingCheckpoint(tmp_path, every_steps=1)]
    with pytest.raises(TrainingDivergedError, match="epoch 2.*good"):
        fit(callbacks, last_rate=3e38)
    _, header, arrays, _ = checkpoints.newest_checkpoint(tmp_path)
    assert header["epoch"] == 1
    assert training_state.not_finite(arrays) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_number_is_found(bad):
    arrays = {"good": np.zeros(3), "count": np.array(3), "bad": np.zeros((2, 2))}
    assert training_state.not_finite(arrays) is None
    arrays["bad"][1, 0] = bad
    assert training_state.not_finite(arrays) == "bad"
