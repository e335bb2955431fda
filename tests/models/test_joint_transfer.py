"""E, G and D trained together: what each term reaches, and what is kept."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import (
    Discriminator,
    Encoder,
    Generator,
    JointTransfer,
    MapEncoder,
    MapGenerator,
)
from fer_keras.layers import SharedAugmentation
from fer_keras.layers.keep_source import KeepSource
from fer_keras.models import joint_transfer
from fer_keras.networks.emotion_teacher import emotion_teacher
from fer_keras.training.replicas import GlobalBatch

SIZES = {"image_shape": (12, 12, 1), "width": 2, "depth": 2, "seed": 3}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (12, 12, 12, 1), dtype="uint8")
LABELS = np.arange(12) % 7
ERRORS = ("image_error", "change", "consistency_error", "latent_error")
MAP_SIZES = {"vector_dim": 3, "map_channels": 2, "width": 4, "blocks": 1, "seed": 3}


def make(
    classifier=False,
    average_decay=None,
    augmentation=None,
    teacher=None,
    likeness=1.0,
    latent_map=False,
    **compile_options,
):
    shape = SIZES["image_shape"]
    joint = JointTransfer(
        MapEncoder(shape, **MAP_SIZES)
        if latent_map
        else Encoder(**SIZES, latent_dim=4),
        MapGenerator(shape, **MAP_SIZES)
        if latent_map
        else Generator(**SIZES, latent_dim=4),
        Discriminator(**SIZES, conditioning="projection", classifier=classifier),
        teacher,
        augmentation=augmentation,
        average_decay=average_decay,
        likeness=likeness,
        seed=5,
    )
    joint.compile(**{"run_eagerly": True, **compile_options})
    return joint


@keras.saving.register_keras_serializable(package="tests")
class Teacher(keras.Model):
    """Names the emotion by the mean grey, a seventh of the range for each."""

    def call(self, images, training=False):
        grey = (tf.reduce_mean(images, axis=[1, 2, 3]) + 1.0) / 2.0 * 6.0
        return -tf.square(grey[:, None] - tf.range(7.0))


def values(network):
    return [np.array(weight) for weight in network.trainable_variables]


def moved(before, network):
    pairs = zip(before, values(network), strict=True)
    return [bool(np.abs(new - old).max() > 0.0) for old, new in pairs]


@pytest.mark.parametrize("latent_map", [False, True])
def test_a_step_trains_all_three_and_logs_every_term(latent_map):
    joint = make(
        classifier=True,
        augmentation=SharedAugmentation(seed=0),
        teacher=Teacher(),
        likeness=0.1,
        latent_map=latent_map,
    )
    networks = joint.encoder, joint.generator, joint.discriminator
    before = [values(network) for network in networks]
    logs = joint.fit(IMAGES, LABELS, batch_size=6, verbose=0).history
    assert all(
        all(moved(old, network)) for old, network in zip(before, networks, strict=True)
    )
    assert set(logs) == {
        *ERRORS,
        *("generator_loss", "discriminator_loss", "real_accuracy"),
        *("generated_accuracy", "real_emotion_accuracy"),
        *("generated_emotion_accuracy", "teacher_accuracy"),
        *["prior_error"] * latent_map,
    }
    assert all(np.isfinite(value).all() for value in logs.values())


def test_without_its_own_terms_it_is_the_gans_step_for_d():
    """D is told nothing but equation 5, of two faces a real one."""
    joint = make(discriminator_optimizer=keras.optimizers.SGD(0.0))
    logs = joint.fit(IMAGES, LABELS, batch_size=12, verbose=0).history
    assert 0.0 < logs["discriminator_loss"][0] < 3.0
    assert logs["generated_accuracy"][0] * 24 == pytest.approx(
        round(logs["generated_accuracy"][0] * 24)
    )


def test_edited_and_drawn_faces_have_heads_of_their_own():
    joint = make(optimizer=keras.optimizers.SGD(0.0))
    head, judge = joint.edit_head, joint.discriminator
    features = judge.features((IMAGES / 127.5 - 1.0, LABELS))
    np.testing.assert_array_equal(
        head(features, LABELS), judge.decision(features, LABELS)
    )
    # G draws the same whatever the origin: only what they have seen parts them.
    joint.fit(IMAGES, LABELS, batch_size=6, verbose=0)
    assert np.abs(head.decide.kernel - judge.decide.kernel).max() > 0.0
    assert np.abs(head.project.kernel - judge.project.kernel).max() > 0.0


def test_averages_transfer_while_the_last_weights_train():
    joint = make(average_decay=0.5)
    joint.fit(IMAGES, LABELS, batch_size=6, verbose=0)
    transfer = joint.as_transfer()
    assert transfer.generator is joint.averages[1].network
    pairs = zip(values(joint.generator), transfer.generator.variables, strict=False)
    assert any(np.abs(last - mean).max() > 0.0 for last, mean in pairs)
    assert joint.as_transfer().encoder is joint.averages[0].network


def test_saved_and_loaded_it_goes_on_bit_for_bit(tmp_path):
    options = {"average_decay": 0.9, "augmentation": SharedAugmentation(seed=2)}
    joint = make(classifier=True, **options)
    joint.train_on_batch(IMAGES, LABELS)
    joint.save(tmp_path / "joint.keras")
    loaded = keras.saving.load_model(tmp_path / "joint.keras")
    for model in (joint, loaded):
        model.train_on_batch(IMAGES, LABELS)
    for ours, theirs in zip(joint.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_it_exports_what_it_transfers_with(tmp_path):
    joint = make(average_decay=0.5)
    joint.train_on_batch(IMAGES, LABELS)
    joint.export(tmp_path / "joint")
    loaded = tf.saved_model.load(tmp_path / "joint")
    np.testing.assert_allclose(
        loaded.transfer(IMAGES, 3).numpy().astype(int),
        joint.as_transfer().transfer(IMAGES, 3).astype(int),
        atol=1,
    )


def test_one_optimizer_for_both_is_refused():
    optimizer = keras.optimizers.SGD(0.1)
    with pytest.raises(ValueError, match="expected one for each"):
        make(optimizer=optimizer, discriminator_optimizer=optimizer)
    # One name makes two.
    joint = make(optimizer="adam", discriminator_optimizer="adam")
    assert joint.optimizer is not joint.discriminator_optimizer


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="change_weight=-1"):
        make(change_weight=-1.0)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="pixel_weight"):
        make(pixel_weight=1.0)


@pytest.mark.parametrize("likeness", [0.0, 0.5])
def test_the_errors_are_those_of_the_transfer_that_it_returns(likeness):
    joint = make(likeness=likeness, teacher=Teacher())
    logs = joint.evaluate(IMAGES, LABELS, return_dict=True, verbose=0, batch_size=12)
    transfer = joint.as_transfer()
    assert transfer.likeness == likeness
    images = (IMAGES / 127.5 - 1.0).astype("float32")
    latents = transfer.encode(IMAGES)
    rebuilt = np.asarray(transfer.decode(latents, LABELS))
    # Row i moves on by 1 + i mod 6 classes.
    others = (LABELS + 1 + np.arange(12) % 6) % 7
    edits = np.asarray(transfer.decode(latents, others))
    edits = np.asarray(KeepSource(likeness)((images, rebuilt, edits)))
    again = transfer.encode(edits)
    for name, first, second in (
        ("image_error", images, rebuilt),
        ("change", images, edits),
    ):
        assert logs[name] == pytest.approx(np.abs(first - second).mean(), rel=1e-4)
    assert logs["consistency_error"] == pytest.approx(
        np.mean((latents - again) ** 2), rel=1e-3
    )
    named = np.argmax(joint.teacher(edits), axis=1)
    assert logs["teacher_accuracy"] == pytest.approx(np.mean(named == others))


@pytest.mark.parametrize(
    "weight",
    ["image", "change", "consistency", "latent", "teacher"],
)
def test_each_weight_reaches_the_loss(weight):
    """Gradient descent moves E in proportion to each weight."""
    names = ("image", "change", "consistency", "latent", "teacher")

    def moves(amount):
        weights = {f"{name}_weight": 0.0 for name in names}
        weights[f"{weight}_weight"] = amount
        joint = make(
            optimizer=keras.optimizers.SGD(0.1),
            teacher=Teacher(),
            likeness=0.0,
            **weights,
        )
        before = values(joint.encoder)
        joint.train_on_batch(IMAGES, LABELS)
        return [
            new - old for old, new in zip(before, values(joint.encoder), strict=True)
        ]

    none, one, two = moves(0.0), moves(1.0), moves(2.0)
    assert max(np.abs(b - a).max() for a, b in zip(none, one, strict=True)) > 0.0
    for base, once, twice in zip(none, one, two, strict=True):
        np.testing.assert_allclose(twice - base, 2 * (once - base), atol=3e-6)


def test_a_teacher_is_not_trained_and_travels_with_the_model(tmp_path):
    teacher = emotion_teacher((48, 48, 1), width=2, seed=0)
    joint = JointTransfer(
        MapEncoder(**MAP_SIZES),
        MapGenerator(**MAP_SIZES),
        Discriminator(width=2, conditioning="projection"),
        teacher,
        seed=5,
    )
    joint.compile(run_eagerly=True)
    faces = RANDOM.integers(0, 256, (4, 48, 48, 1), dtype="uint8")
    before = [np.array(weight) for weight in teacher.weights]
    joint.train_on_batch(faces, LABELS[:4])
    joint.save(tmp_path / "joint.keras")
    loaded = keras.saving.load_model(tmp_path / "joint.keras")
    for old, new, kept in zip(
        before, teacher.weights, loaded.teacher.weights, strict=True
    ):
        np.testing.assert_array_equal(old, new)
        np.testing.assert_array_equal(old, kept)


def test_edits_have_the_first_head_and_the_full_weight():
    joint = make(classifier=True, classifier_weight=3.0)
    labels = tf.one_hot(LABELS, 7)
    batch = GlobalBatch.around(labels)
    images = (IMAGES / 127.5 - 1.0).astype("float32")
    noise = np.zeros((12, 4), "float32")
    made = joint._make(joint, images, labels, noise, batch)
    edited, drawn = np.split(np.argmax(made.labels, axis=1), 2)
    assert (edited != LABELS).all()
    np.testing.assert_array_equal(drawn, LABELS)
    assert joint._adversarial_loss.heads[0] is joint.edit_head
    assert joint._adversarial_loss.head_weights == (3.0, pytest.approx(0.6))


def test_the_prior_is_told_the_moments_of_e():
    joint = make(latent_map=True)
    random = np.random.default_rng(4)
    latents, drawn = (random.normal(size=(12, 5)).astype("float32") for _ in range(2))
    error = np.square(latents.mean(0) - drawn.mean(0))
    error += np.square(latents.std(0) - drawn.std(0))
    found = joint_transfer._moment_error(latents, drawn, GlobalBatch.around(latents))
    assert float(found) == pytest.approx(error.mean(), rel=1e-4)
    logs = joint.fit(IMAGES, LABELS, batch_size=12, verbose=0).history
    assert logs["prior_error"][0] > 0.0
