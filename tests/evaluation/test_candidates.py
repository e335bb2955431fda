import numpy as np
import pytest

from fer_keras import ConditionalDCGAN, EmotionTransfer, Encoder, EncoderInverter
from fer_keras.evaluation import model_of, open_model

_SIZES = {"image_shape": (16, 16, 1), "latent_dim": 4, "width": 4, "depth": 2}


@pytest.fixture(scope="module")
def transfer():
    gan = ConditionalDCGAN(seed=0, **_SIZES)
    return EmotionTransfer(Encoder(seed=1, **_SIZES), gan.generator)


@pytest.fixture(scope="module")
def faces():
    random = np.random.default_rng(0)
    return random.integers(256, size=(5, 16, 16, 1), dtype="uint8"), np.arange(5)


def _check(candidate, transfer, faces):
    images, labels = faces
    assert candidate.kind == "model"
    assert candidate.noise_dim == 4
    edited = candidate.edit(images, labels)
    assert edited.dtype == np.uint8
    # A SavedModel's arithmetic differs by rounding, so a grey level by one.
    difference = edited.astype(int) - transfer.transfer_all(images)
    assert np.abs(difference).max() <= 1
    _check_generation(candidate, transfer)


def _check_generation(candidate, transfer):
    labels = np.array([3, 3, 0])
    generated = candidate.generate(labels, np.random.default_rng(7))
    latents = np.random.default_rng(7).uniform(-1, 1, (3, 4)).astype("float32")
    expected = (np.asarray(transfer.decode(latents, labels)) + 1) * 127.5
    assert generated.dtype == np.uint8
    assert np.abs(generated - expected).max() <= 1.01


def test_models_in_memory(transfer, faces):
    _check(model_of(transfer, "a"), transfer, faces)
    inverter = EncoderInverter(transfer.generator, transfer.encoder)
    _check(model_of(inverter, "b"), transfer, faces)
    with pytest.raises(ValueError, match="got Encoder"):
        model_of(transfer.encoder, "c")


def test_a_generator_alone_generates_and_does_not_edit():
    gan = ConditionalDCGAN(seed=0, **_SIZES)
    candidate = model_of(gan, "gan")
    assert candidate.generates and not candidate.edits
    _check_generation(candidate, EmotionTransfer(Encoder(**_SIZES), gan.generator))


def test_files_saved_models_and_runs(transfer, faces, tmp_path):
    transfer.save(tmp_path / "mine.keras")
    _check(open_model(tmp_path / "mine.keras"), transfer, faces)
    transfer.export(tmp_path / "run" / "export" / "final")
    saved = open_model(tmp_path / "run" / "export" / "final", "exported")
    assert saved.name == "exported"
    _check(saved, transfer, faces)
    (tmp_path / "run" / "run.json").write_text('{"options": {}}')
    run = open_model(tmp_path / "run")
    assert run.name == "run"
    _check(run, transfer, faces)


def test_what_holds_no_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no model"):
        open_model(tmp_path)
    (tmp_path / "damaged.keras").write_bytes(b"no archive")
    with pytest.raises(ValueError, match="could not be loaded"):
        open_model(tmp_path / "damaged.keras")
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ValueError, match="no finished model yet: .*encoder.keras"):
        open_model(tmp_path)
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="could not be loaded as a SavedModel"):
        open_model(tmp_path / "saved")


def test_refinement_is_a_models_own(transfer, faces, tmp_path):
    images, labels = faces
    refined = model_of(transfer, "refined", refine=3).edit(images, labels)
    np.testing.assert_array_equal(refined, transfer.transfer_all(images, refine=3))
    assert (refined != model_of(transfer, "plain").edit(images, labels)).any()
    with pytest.raises(ValueError, match="has no encoder"):
        model_of(ConditionalDCGAN(seed=0, **_SIZES), "gan", refine=3)
    transfer.export(tmp_path / "alone")
    with pytest.raises(ValueError, match="no card of a preset"):
        open_model(tmp_path / "alone", refine=3)


def test_joint_fine_tuning_is_a_runs_newest_stage(transfer, faces, tmp_path):
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "models").mkdir()
    other = EmotionTransfer(Encoder(seed=7, **_SIZES), transfer.generator)
    other.save(tmp_path / "models" / "encoder.keras")
    transfer.save(tmp_path / "models" / "joint.keras")
    edited = open_model(tmp_path).edit(*faces)
    np.testing.assert_array_equal(edited, transfer.transfer_all(faces[0]))


def test_the_own_column_is_the_reconstruction_alone(transfer, faces, tmp_path):
    """Kept pixels of the source are an edit's, and would make any inversion perfect."""
    images, labels = faces
    keeping = EmotionTransfer(transfer.encoder, transfer.generator, likeness=1.0)
    keeping.export(tmp_path / "keeping")
    rebuilt = transfer.reconstruct(images, labels).astype(int)
    for candidate in (model_of(keeping, "a"), open_model(tmp_path / "keeping")):
        edits = candidate.edit(images, labels)
        own = edits[np.arange(len(images)), labels]
        assert np.abs(own - rebuilt).max() <= 1
        other = np.delete(edits, labels[0], axis=1)[0].astype(int)
        raw = np.delete(transfer.transfer_all(images), labels[0], axis=1)[0]
        assert np.abs(other - raw).max() > 1
