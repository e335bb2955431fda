"""SavedModels while training: which are kept, and that none is ever half."""

import copy
import json

import numpy as np
import pytest
import tensorflow as tf
from fer_keras.callbacks import SavedModelExport
from PIL import Image

from fer_keras import ConditionalDCGAN, EncoderInverter

SHAPE = (8, 8, 1)


def _gan():
    gan = ConditionalDCGAN(SHAPE, latent_dim=3, width=1, depth=2, seed=4)
    gan.compile(run_eagerly=True)
    return gan


def _fit(model, callback, epochs, **options):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (4, *SHAPE)).astype("uint8")
    model.fit(
        *(images, np.arange(4), 4),
        epochs=epochs,
        callbacks=[callback],
        verbose=0,
        **options,
    )


@pytest.fixture
def written(monkeypatch):
    """Replaces the writing of models, which takes seconds, by that of their cards."""
    names = []

    def write(model, directory, metadata, samples):
        names.append(directory.name)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "card.json").write_text(json.dumps(metadata))

    monkeypatch.setattr(ConditionalDCGAN, "export", write)
    return names


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_gan_is_exported_with_its_samples_and_card(tmp_path):
    gan = _gan()
    _fit(gan, copy.deepcopy(SavedModelExport(tmp_path / "export")), 1)
    assert _names(tmp_path / "export") == ["epoch-001", "latest"]
    folder = tmp_path / "export" / "epoch-001"
    latents = np.ones((2, 3), "float32")
    loaded = tf.saved_model.load(str(folder))
    apart = loaded.generate(latents, 3).numpy().astype(int) - gan.generate(latents, 3)
    assert np.abs(apart).max() <= 1
    with Image.open(folder / "samples.png") as image:
        assert image.size == (78, 78)
    card = json.loads((folder / "card.json").read_text())
    assert card["epoch"] == 1
    assert 0 < card["metrics"]["generator_loss"] < 10


def test_an_inverter_is_exported_as_a_transfer(tmp_path):
    inverter = EncoderInverter(_gan().generator, seed=1)
    inverter.compile(run_eagerly=True)
    _fit(inverter, SavedModelExport(tmp_path), 1)
    loaded = tf.saved_model.load(str(tmp_path / "epoch-001"))
    assert "transfer_all" in loaded.signatures
    assert (tmp_path / "epoch-001" / "samples.png").is_file()


def test_every_so_many_epochs_and_at_the_end(tmp_path, written):
    _fit(_gan(), SavedModelExport(tmp_path, every_epochs=2, keep=None), 5)
    assert written == ["epoch-002", "epoch-004", "epoch-005"]
    assert _names(tmp_path) == [*written, "latest"]
    assert (tmp_path / "latest").read_text() == "epoch-005\n"


def test_the_last_ones_are_kept(tmp_path, written):
    _fit(_gan(), SavedModelExport(tmp_path, keep=2), 5)
    assert _names(tmp_path) == ["epoch-004", "epoch-005", "latest"]


def test_a_resumed_run_goes_on_counting(tmp_path, written):
    gan = _gan()
    _fit(gan, SavedModelExport(tmp_path, keep=2), 3)
    _fit(gan, SavedModelExport(tmp_path, keep=2), 4, initial_epoch=3)
    assert _names(tmp_path) == ["epoch-003", "epoch-004", "latest"]


def test_a_new_run_in_the_folder_of_an_earlier_one(tmp_path, written):
    _fit(_gan(), SavedModelExport(tmp_path, keep=2), 5)
    _fit(_gan(), SavedModelExport(tmp_path, keep=2), 1)
    # The newest are kept, not those of the highest epochs.
    assert _names(tmp_path) == ["epoch-001", "epoch-005", "latest"]
    assert (tmp_path / "latest").read_text() == "epoch-001\n"


def test_nothing_of_others_is_removed(tmp_path, written):
    for name in ("best", "epoch-1", ".hidden", "epoch-final"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.txt").write_text("mine")
    (tmp_path / "thesis.txt").write_text("mine")
    callback = SavedModelExport(tmp_path, keep=1)
    _fit(_gan(), callback, 1)
    (tmp_path / "epoch-001" / "notes.txt").write_text("mine")
    _fit(_gan(), callback, 4, initial_epoch=1)
    assert _names(tmp_path) == [
        *(".hidden", "best", "epoch-001", "epoch-004", "epoch-1", "epoch-final"),
        *("latest", "thesis.txt"),
    ]


def test_a_folder_of_others_under_our_name_is_told_of_before_training(tmp_path):
    (tmp_path / "epoch-050").mkdir()
    with pytest.raises(ValueError, match="epoch-050 was not made by SavedModelExport"):
        _fit(_gan(), SavedModelExport(tmp_path), 1)
    assert _names(tmp_path) == ["epoch-050"]


def test_a_failure_leaves_the_earlier_ones_whole(tmp_path, monkeypatch):
    _fit(_gan(), SavedModelExport(tmp_path, keep=1), 1)

    def failing(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", failing)
    with pytest.raises(OSError, match="No space left"):
        _fit(_gan(), SavedModelExport(tmp_path, keep=1), 2, initial_epoch=1)
    assert _names(tmp_path) == ["epoch-001", "latest"]
    tf.saved_model.load(str(tmp_path / "epoch-001"))
    assert (tmp_path / "latest").read_text() == "epoch-001\n"


def test_what_a_killed_run_left_is_mended(tmp_path, written):
    (tmp_path / ".epoch-002.partial-0123abcd" / "variables").mkdir(parents=True)
    (tmp_path / ".epoch-001.old-0123abcd").mkdir()
    card = {"made_by": "SavedModelExport", "export": 1}
    (tmp_path / ".epoch-001.old-0123abcd" / "card.json").write_text(json.dumps(card))
    _fit(_gan(), SavedModelExport(tmp_path), 2, initial_epoch=1)
    assert _names(tmp_path) == ["epoch-001", "epoch-002", "latest"]


def test_metrics_that_went_bad_are_no_reason_to_stop(tmp_path, written):
    callback = SavedModelExport(tmp_path)
    callback.set_model(_gan())
    callback.on_train_begin()
    callback.on_epoch_end(0, {"loss": float("nan"), "accuracy": np.float32(0.5)})
    card = json.loads((tmp_path / "epoch-001" / "card.json").read_text())
    assert card["metrics"] == {"loss": None, "accuracy": 0.5}


def test_only_the_chief_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "fer_keras.callbacks.saved_model_export.is_chief", lambda: False
    )
    _fit(_gan(), SavedModelExport(tmp_path), 1)
    assert _names(tmp_path) == []


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="keep must be 1 or more, got 0"):
        SavedModelExport("export", keep=0)
