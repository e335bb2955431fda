"""E, G and D trained together: what each term reaches, and what is kept."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import Discriminator, Encoder, Generator, JointTransfer
from fer_keras.layers import SharedAugmentation
from fer_keras.training.replicas import GlobalBatch

SIZES = {"image_shape": (12, 12, 1), "width": 2, "depth": 2, "seed": 3}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (12, 12, 12, 1), dtype="uint8")
LABELS = np.arange(12) % 7
ERRORS = ("image_error", "feature_error", "consistency_error", "latent_error")


def make(classifier=False, average_decay=None, augmentation=None, **compile_options):
    joint = JointTransfer(
        Encoder(**SIZES, latent_dim=4),
        Generator(**SIZES, latent_dim=4),
        Discriminator(**SIZES, conditioning="projection", classifier=classifier),
        augmentation=augmentation,
        average_decay=average_decay,
        seed=5,
    )
    joint.compile(**{"run_eagerly": True, **compile_options})
    return joint


def values(network):
    return [np.array(weight) for weight in network.trainable_variables]


def moved(before, network):
    pairs = zip(before, values(network), strict=True)
    return [bool(np.abs(new - old).max() > 0.0) for old, new in pairs]


def test_a_step_trains_all_three_and_logs_every_term():
    joint = make(classifier=True, augmentation=SharedAugmentation(seed=0))
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
        "generated_emotion_accuracy",
    }
    assert all(np.isfinite(value).all() for value in logs.values())


def test_the_anchors_error_is_taken_and_logged_where_it_is_weighed():
    logs = make(anchor_weight=1.0).fit(IMAGES, LABELS, batch_size=6, verbose=0).history
    assert {*ERRORS, "anchor_error"} <= set(logs)


def test_the_errors_are_those_of_the_transfer_that_it_returns():
    joint = make()
    logs = joint.evaluate(IMAGES, LABELS, return_dict=True, verbose=0, batch_size=12)
    transfer = joint.as_transfer()
    images = IMAGES / 127.5 - 1.0
    latents = transfer.encode(IMAGES)
    rebuilt = np.asarray(transfer.decode(latents, LABELS))
    assert logs["image_error"] == pytest.approx(
        np.mean((images - rebuilt) ** 2), rel=1e-4
    )
    # Row i moves on by 1 + i mod 6 classes.
    others = (LABELS + 1 + np.arange(12) % 6) % 7
    again = transfer.encode(np.asarray(transfer.decode(latents, others)))
    assert logs["consistency_error"] == pytest.approx(
        np.mean((latents - again) ** 2), rel=1e-3
    )
    features, theirs = (
        np.asarray(joint.discriminator.features((faces, LABELS)))
        for faces in (images.astype("float32"), rebuilt)
    )
    assert logs["feature_error"] == pytest.approx(
        np.mean((features - theirs) ** 2), rel=1e-3
    )


def test_the_terms_weights_reach_the_loss():
    def moves(**weights):
        off = dict.fromkeys(("image_weight", "feature_weight", "latent_weight"), 0.0)
        # Gradient descent, so that the steps add up; E is reached by these alone.
        joint = make(optimizer=keras.optimizers.SGD(0.1), **{**off, **weights})
        before = values(joint.encoder)
        joint.train_on_batch(IMAGES, LABELS)
        return [
            new - old for old, new in zip(before, values(joint.encoder), strict=True)
        ]

    base, image, twice, latent = (
        moves(),
        moves(image_weight=1.0),
        moves(image_weight=2.0),
        moves(latent_weight=1.0),
    )
    for none, one, two, other in zip(base, image, twice, latent, strict=True):
        np.testing.assert_allclose(two - none, 2 * (one - none), atol=2e-6)
        assert np.abs(other - one).max() > 0.0


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


def test_the_anchor_holds_what_g_draws_from_noise():
    def change(weight):
        joint = make(
            optimizer=keras.optimizers.Adam(0.003),
            discriminator_optimizer=keras.optimizers.SGD(0.0),
            anchor_weight=weight,
            # G's faces of noise are pulled elsewhere by these.
            image_weight=20.0,
        )
        noise = RANDOM.uniform(-1, 1, (12, 4)).astype("float32")
        before = np.array(joint.anchor((noise, LABELS)))
        for _ in range(20):
            joint.train_on_batch(IMAGES, LABELS)
        np.testing.assert_array_equal(joint.anchor((noise, LABELS)), before)
        logs = joint.evaluate(
            IMAGES, LABELS, return_dict=True, verbose=0, batch_size=12
        )
        return logs["anchor_error"]

    # A weight that is next to nothing, since the error is logged where it is weighed.
    free, held = change(1e-6), change(200.0)
    assert free > 0.0
    assert held < 0.5 * free


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
    with pytest.raises(ValueError, match="anchor_weight=-1"):
        make(anchor_weight=-1.0)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="pixel_weight"):
        make(pixel_weight=1.0)


def test_edits_come_first_with_their_head_and_weight():
    weights = {"transfer_classifier_weight": 3.0, "noise_classifier_weight": 0.25}
    joint = make(classifier=True, **weights)
    labels = tf.one_hot(LABELS, 7)
    wanted = joint._wanted_labels(labels, GlobalBatch.around(labels))
    edited, drawn = np.split(np.argmax(wanted, axis=1), 2)
    assert (edited != LABELS).all()
    np.testing.assert_array_equal(drawn, LABELS)
    assert joint._adversarial_loss.heads[0] is joint.edit_head
    assert joint._adversarial_loss.head_weights == (3.0, 0.25)
