import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from fer_keras.models.classifier_training import ClassifierTraining
from fer_keras.models.identity_training import IdentityTraining
from fer_keras.models.judge_training import (
    KeepBest,
    train_classifier,
    train_identity_encoder,
)
from fer_keras.models.training_recipe import one_cycle_adamw
from fer_keras.networks.emotion_classifier import EmotionClassifier
from fer_keras.networks.identity_encoder import IdentityEncoder
from fer_keras.synthetic_faces import dataset_arrays


def small_faces(count, seed=0):
    """Drawn faces at a third of their size."""
    images, labels = dataset_arrays(count, seed=seed)
    return np.ascontiguousarray(images[:, 1::3, 1::3]), labels


def small_classifier(**options):
    return EmotionClassifier((16, 16, 1), seed=0, **options)


def test_evaluation_is_of_the_average_on_faces_as_they_are():
    images, labels = small_faces(21)
    training = ClassifierTraining(small_classifier(), seed=0)
    training.compile()
    training.fit(images, labels, batch_size=7, epochs=1, verbose=0)
    logits = training.average.network(images / np.float32(127.5) - 1).numpy()
    scores = training.evaluate(images, labels, return_dict=True, verbose=0)
    errors = -log_softmax(logits, axis=1)[np.arange(21), labels]
    assert scores["loss"] == pytest.approx(errors.mean(), rel=1e-4)
    assert scores["accuracy"] == pytest.approx((logits.argmax(1) == labels).mean())
    assert np.abs(training.classifier(images / 127.5 - 1) - logits).max() > 1e-3


def test_the_trained_loss_has_smoothed_labels():
    images, labels = small_faces(7)
    nothing = keras.layers.Identity()
    training = ClassifierTraining(
        small_classifier(dropout=0.0), nothing, label_smoothing=0.3
    )
    training.compile(keras.optimizers.SGD(0.0))
    logits = training.classifier(images / np.float32(127.5) - 1, training=True)
    truth = np.eye(7)[labels] * 0.7 + 0.3 / 7
    expected = -(truth * log_softmax(logits.numpy(), axis=1)).sum(axis=1).mean()
    logs = training.train_on_batch(images, labels, return_dict=True)
    assert logs["loss"] == pytest.approx(expected, rel=1e-4)


def test_it_learns_the_emotions_of_drawn_faces():
    images, labels = small_faces(140)
    training = ClassifierTraining(small_classifier(), average_decay=0.9, seed=0)
    training.compile(keras.optimizers.AdamW(3e-3))
    training.fit(images, labels, batch_size=20, epochs=12, verbose=0)
    assert training.evaluate(images, labels, verbose=0)[1] > 0.4


def test_predictions_can_be_saved_with_the_whole_training(tmp_path):
    images, labels = small_faces(14)
    training = ClassifierTraining(small_classifier(), seed=0)
    training.compile()
    training.fit(images, labels, batch_size=7, verbose=0)
    training.save(tmp_path / "t.keras")
    loaded = keras.saving.load_model(tmp_path / "t.keras")
    floats = images / np.float32(127.5) - 1
    np.testing.assert_allclose(
        softmax(loaded.predict(floats, verbose=0), axis=1),
        softmax(training.predict(floats, verbose=0), axis=1),
        atol=1e-6,
    )


def test_the_identity_encoder_learns_to_find_a_face():
    images, _ = small_faces(60)
    training = IdentityTraining(IdentityEncoder((16, 16, 1), seed=0), seed=0)
    training.compile(keras.optimizers.AdamW(2e-3))
    before = training.evaluate(images, batch_size=60, return_dict=True, verbose=0)
    again = training.evaluate(images, batch_size=60, return_dict=True, verbose=0)
    assert before == again
    training.fit(images, batch_size=30, epochs=15, verbose=0)
    after = training.evaluate(images, batch_size=60, return_dict=True, verbose=0)
    assert after["loss"] < before["loss"] - 0.3


def test_the_rate_rises_for_a_tenth_and_ends_at_zero():
    optimizer = one_cycle_adamw(100, 10, 10, learning_rate=1e-2, weight_decay=0.1)
    rates = [float(optimizer._learning_rate(step)) for step in range(101)]
    assert int(np.argmax(rates)) == 10
    assert max(rates) == pytest.approx(1e-2) and rates[0] == pytest.approx(5e-4)
    assert rates[100] == pytest.approx(0, abs=1e-9)


def test_weight_decay_spares_biases_and_normalisation():
    optimizer = one_cycle_adamw(10, 10, 1, 1e-2, weight_decay=0.5)
    network = small_classifier()
    optimizer.build(network.trainable_variables)
    decayed = {
        v.path.rsplit("/", 1)[-1]
        for v in network.trainable_variables
        if optimizer._use_weight_decay(v)
    }
    assert decayed == {"kernel"}


def test_the_kept_network_is_float32_and_that_of_the_best_epoch(tmp_path):
    path = train_classifier(
        small_faces(28),
        small_faces(14, 1),
        tmp_path,
        epochs=2,
        batch_size=14,
        verbose=0,
    )
    network = keras.saving.load_model(path)
    assert path.name == "vgg.keras"
    assert network.dtype_policy.name == network.trunk.dtype_policy.name == "float32"
    history = np.genfromtxt(tmp_path / "history.csv", delimiter=",", names=True)
    images, labels = small_faces(14, 1)
    hits = network(images / np.float32(127.5) - 1).numpy().argmax(1) == labels
    assert hits.mean() == pytest.approx(history["val_accuracy"].max(), abs=1 / 14)


def test_the_same_seed_trains_the_same_identity_encoder(tmp_path):
    images, _ = small_faces(32)
    results = [
        train_identity_encoder(
            images, images, tmp_path / name, epochs=1, batch_size=16, verbose=0
        )
        for name in ("a", "b")
    ]
    first, second = (
        keras.saving.load_model(path)(images / 127.5 - 1) for path in results
    )
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_stopped_and_started_again_it_ends_as_if_never_stopped(tmp_path, monkeypatch):
    options = {"epochs": 3, "batch_size": 14, "verbose": 0, "dtype": "float32"}
    splits = small_faces(28), small_faces(14, 1)
    train_classifier(*splits, tmp_path / "whole", **options)

    on_epoch_begin = KeepBest.on_epoch_begin

    def stop(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(KeepBest, "on_epoch_begin", stop)
    with pytest.raises(KeyboardInterrupt):
        train_classifier(*splits, tmp_path / "parts", **options)
    monkeypatch.setattr(KeepBest, "on_epoch_begin", on_epoch_begin)
    train_classifier(*splits, tmp_path / "parts", **options)

    whole, parts = (
        np.genfromtxt(tmp_path / name / "history.csv", delimiter=",", names=True)
        for name in ("whole", "parts")
    )
    assert whole["epoch"].tolist() == parts["epoch"].tolist() == [0, 1, 2]
    np.testing.assert_allclose(whole["val_loss"], parts["val_loss"], rtol=1e-3)
    assert not (tmp_path / "parts" / "backup").exists()
