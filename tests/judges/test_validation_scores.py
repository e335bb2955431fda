"""The scores that `evaluate` adds, against the metrics on arrays."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import (
    ConditionalDCGAN,
    EncoderInverter,
    GenerationScores,
    InversionScores,
    TransferScores,
)
from fer_keras.files import sha256_of
from fer_keras.images import from_uint8, to_uint8
from fer_keras.judges import EmotionJudge, emotion_classifier, load_judge
from fer_keras.metrics import (
    kernel_distance,
    peak_signal_to_noise_ratio,
    structural_similarity,
)
from fer_keras.training.replicas import GlobalBatch

_SIZES = {"image_shape": (16, 16, 1), "latent_dim": 4, "width": 4, "depth": 2}


@pytest.fixture(scope="module")
def judges(tmp_path_factory):
    """A folder with a judge of small images that never was trained."""
    folder = tmp_path_factory.mktemp("judges")
    network = emotion_classifier((16, 16, 1), feature_dim=12, seed=0)
    network.save(folder / "small.keras")
    card = {"name": "small", "file": "small.keras"}
    card["sha256"] = sha256_of(folder / "small.keras")
    (folder / "small.json").write_text(json.dumps(card))
    return folder


@pytest.fixture(scope="module")
def faces():
    random = np.random.default_rng(0)
    images = random.integers(256, size=(22, 16, 16, 1), dtype="uint8")
    return images, random.integers(7, size=22)


@pytest.fixture(scope="module")
def identity_judge():
    return load_judge("face_recognition")


def _gan(**compile_options):
    gan = ConditionalDCGAN(seed=0, **_SIZES)
    gan.compile(**compile_options)
    return gan


def _inverter(**compile_options):
    inverter = EncoderInverter(_gan().generator, seed=1)
    inverter.compile(**compile_options)
    return inverter


def _latents_of_evaluation(count, offset):
    state = [0, offset]
    return tf.random.stateless_uniform([count, 4], state, -1.0, 1.0, alg="philox")


def test_generation_scores_are_the_metrics_averaged_over_batches(judges, faces):
    gan = _gan(scores=GenerationScores("small", judges))
    found = gan.evaluate(*faces, batch_size=8, return_dict=True, verbose=0)
    network, expected = gan.scores.judges[0].network, []
    for step, start in enumerate(range(0, 22, 8)):
        images, labels = (array[start : start + 8] for array in faces)
        generated = gan.generator((_latents_of_evaluation(len(images), step), labels))
        seen = network(generated)
        distance = kernel_distance(
            network(from_uint8(images))["features"].numpy(), seen["features"].numpy()
        )
        seen = np.argmax(seen["logits"], axis=1)
        expected.append((len(images), distance, np.mean(seen == labels)))
    weights, distances, accuracies = np.array(expected).T
    assert found["kernel_distance"] == pytest.approx(
        np.average(distances, weights=weights), rel=1e-3, abs=1e-5
    )
    assert found["label_accuracy"] == pytest.approx(
        np.average(accuracies, weights=weights)
    )


def test_inversion_scores_are_the_metrics(identity_judge, faces):
    inverter = _inverter(scores=InversionScores(identity_judge, faces_per_batch=3))
    found = inverter.evaluate(*faces, batch_size=8, return_dict=True, verbose=0)
    images, labels = faces
    rebuilt = to_uint8(
        inverter.generator((inverter.predict(images, verbose=0), labels))
    )
    first = np.flatnonzero(np.arange(22) % 8 < 3)
    distances = np.linalg.norm(
        identity_judge.embed(images[first]) - identity_judge.embed(rebuilt[first]),
        axis=1,
    )
    expected = {
        "structural_similarity": structural_similarity(images, rebuilt).mean(),
        "peak_signal_to_noise_ratio": peak_signal_to_noise_ratio(
            images, rebuilt
        ).mean(),
        # Batches count by their sizes: 8, 8 and 6, three faces of each.
        "identity_distance": np.average(
            distances.reshape(3, 3).mean(axis=1), weights=[8, 8, 6]
        ),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-4, abs=1e-5)


def test_transfer_scores_are_those_of_the_edits(judges, identity_judge):
    scores = TransferScores(
        (load_judge("small", judges), identity_judge), faces_per_batch=2
    )
    random = np.random.default_rng(1)
    images, edits = random.integers(256, size=(2, 4, 16, 16, 1), dtype="uint8")
    wanted = np.array([0, 1, 2, 3])
    found = scores(
        tf.constant(from_uint8(images)),
        tf.constant(from_uint8(edits)),
        tf.one_hot(wanted, 7),
        GlobalBatch.around(images),
    )
    pair = [identity_judge.embed(faces[:2]) for faces in (images, edits)]
    distances = np.linalg.norm(pair[0] - pair[1], axis=1)
    distance = float(found["identity_distance"])
    assert distance == pytest.approx(distances.mean(), rel=1e-4)
    seen = load_judge("small", judges).predict(edits[:2]).labels
    assert float(found["target_hit"]) == pytest.approx((seen == wanted[:2]).mean())


def test_without_a_judge_an_inversion_has_the_pixel_scores(faces):
    inverter = _inverter(scores=InversionScores(judge=None))
    found = inverter.evaluate(*faces, return_dict=True, verbose=0)
    assert "structural_similarity" in found and "identity_distance" not in found


def test_a_model_without_scores_is_what_it_was(faces):
    names = {"generator_loss", "discriminator_loss", "real_accuracy"}
    names.add("generated_accuracy")
    assert set(_gan().evaluate(*faces, return_dict=True, verbose=0)) == names
    found = _inverter().evaluate(*faces, return_dict=True, verbose=0)
    assert set(found) == {"loss", "image_error"}


def test_scores_change_neither_losses_nor_weights(judges, faces):
    plain, scored = _gan(), _gan(scores=GenerationScores("small", judges))
    assert len(scored.weights) == len(plain.weights)
    results = []
    for gan in (plain, scored):
        history = gan.fit(
            *faces, batch_size=11, epochs=2, validation_data=faces, verbose=0
        ).history
        results.append(history)
    for name in results[0]:
        np.testing.assert_array_equal(results[0][name], results[1][name])
    added = set(results[1]) - set(results[0])
    assert added == {"val_kernel_distance", "val_label_accuracy"}
    for first, second in zip(plain.weights, scored.weights, strict=True):
        np.testing.assert_array_equal(first, second)


def test_callbacks_can_watch_the_scores(judges, faces, tmp_path):
    gan = _gan(scores=GenerationScores("small", judges))
    watched = {"monitor": "val_kernel_distance", "mode": "min"}
    gan.fit(
        *faces,
        batch_size=22,
        epochs=2,
        validation_data=faces,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=5, **watched),
            keras.callbacks.ModelCheckpoint(
                tmp_path / "best.keras", save_best_only=True, **watched
            ),
        ],
    )
    assert (tmp_path / "best.keras").is_file()


@pytest.mark.parametrize("make", [_gan, _inverter])
def test_a_saved_model_names_its_judge_and_finds_it_again(
    make, judges, faces, tmp_path
):
    scores = GenerationScores("small", judges) if make is _gan else InversionScores()
    model = make(scores=scores)
    expected = model.evaluate(*faces, return_dict=True, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.scores.get_config() == model.scores.get_config()
    found = loaded.evaluate(*faces, return_dict=True, verbose=0)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("change", ["absent", "other"])
def test_a_model_loads_where_its_judge_is_not(change, judges, faces, tmp_path):
    folder = tmp_path / "judges"
    folder.mkdir()
    for file in judges.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    gan = _gan(scores=GenerationScores("small", folder))
    gan.save(tmp_path / "gan.keras")
    if change == "absent":
        (folder / "small.keras").unlink()
    else:
        emotion_classifier((16, 16, 1), seed=5).save(folder / "small.keras")
        card = {"name": "small", "file": "small.keras"}
        card["sha256"] = sha256_of(folder / "small.keras")
        (folder / "small.json").write_text(json.dumps(card))
    with pytest.warns(UserWarning, match="judge 'small'"):
        loaded = keras.saving.load_model(tmp_path / "gan.keras")
    found = loaded.evaluate(*faces, return_dict=True, verbose=0)
    assert "generator_loss" in found and "kernel_distance" not in found


def test_a_judge_in_memory_does_not_keep_a_model_from_being_saved(faces, tmp_path):
    judge = EmotionJudge(emotion_classifier((16, 16, 1), seed=0))
    gan = _gan(scores=GenerationScores(judge))
    gan.save(tmp_path / "gan.keras")
    with pytest.warns(UserWarning, match="scores are left out"):
        loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert "kernel_distance" not in loaded.evaluate(*faces, return_dict=True, verbose=0)


def _scored(judges, faces):
    gan = _gan(scores=GenerationScores("small", judges))
    inverter = _inverter(scores=InversionScores(faces_per_batch=3))
    # A last batch of six, three for each of two replicas.
    return [
        model.evaluate(*faces, batch_size=8, return_dict=True, verbose=0)
        for model in (gan, inverter)
    ]


def test_two_replicas_score_as_one(judges, faces, tmp_path):
    # In a process of its own: devices cannot be split once TensorFlow runs.
    np.savez(tmp_path / "faces.npz", *faces)
    answer = subprocess.run(
        [sys.executable, __file__, judges, tmp_path / "faces.npz"],
        capture_output=True,
        text=True,
        check=True,
    )
    together = json.loads(answer.stdout.splitlines()[-1])
    for alone, others in zip(_scored(judges, faces), together, strict=True):
        assert others == pytest.approx(alone, rel=1e-4, abs=1e-5)


def test_a_last_batch_of_one_has_no_distance_and_does_no_harm(judges, faces):
    gan = _gan(scores=GenerationScores("small", judges))
    images, labels = (array[:9] for array in faces)
    found = gan.evaluate(images, labels, batch_size=8, return_dict=True, verbose=0)
    assert np.isfinite(found["kernel_distance"])


if __name__ == "__main__":
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    names = [device.name for device in tf.config.list_logical_devices("CPU")]
    with tf.distribute.MirroredStrategy(names).scope(), np.load(sys.argv[2]) as arrays:
        print(json.dumps(_scored(sys.argv[1], [arrays["arr_0"], arrays["arr_1"]])))
