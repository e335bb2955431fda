"""That a run's options reach its models."""

import numpy as np
import pytest

from fer_keras.cli.run_models import (
    make_gan,
    make_inverter,
    make_joint,
    trained_networks,
)
from fer_keras.cli.run_options import complete

TINY = {"width": 2, "latent_dim": 4, "learning_rate": 0.5, "seed": 3}


@pytest.fixture(scope="module")
def networks():
    options = complete(TINY, "plus")
    gan = make_gan(options)
    inverter = make_inverter(gan, options)
    return inverter.encoder, inverter.generator, gan.discriminator


def joint_of(networks, **options):
    return make_joint(networks, None, complete({**TINY, **options}, "plus"), 100)


def test_the_weights_of_edited_and_of_drawn_faces_are_not_mixed_up(networks):
    joint = joint_of(
        networks,
        transfer_classifier_weight=5.0,
        noise_classifier_weight=0.25,
        anchor_weight=7.0,
    )
    arguments = joint.get_compile_config()
    assert arguments["classifier_weight"] == 1.0
    assert arguments["transfer_classifier_weight"] == 5.0
    assert arguments["noise_classifier_weight"] == 0.25
    assert arguments["anchor_weight"] == 7.0


def test_both_rates_fall_to_0_over_the_finish(networks):
    joint = joint_of(
        networks,
        discriminator_learning_rate=0.25,
        finish_epochs=2,
        finish_batch_size=30,
    )
    # Two epochs of 100 faces in batches of 30.
    for optimizer, rate in (
        (joint.optimizer, 0.5),
        (joint.discriminator_optimizer, 0.25),
    ):
        for step, share in ((0, 1.0), (4, 0.5), (8, 0.0)):
            optimizer.iterations.assign(step)
            assert float(optimizer.learning_rate) == pytest.approx(rate * share)
    fixed = joint_of(networks, finish_decay=False)
    fixed.optimizer.iterations.assign(8)
    assert float(fixed.optimizer.learning_rate) == 0.5


def test_a_finish_goes_on_with_the_critic_of_the_last_one(networks, tmp_path):
    first = joint_of(networks)
    kernel = np.full(first.edit_head.decide.kernel.shape, 0.5)
    first.edit_head.decide.kernel.assign(kernel)
    (tmp_path / "models").mkdir()
    first.save(tmp_path / "models" / "joint.keras")
    *found, critic = trained_networks(tmp_path)
    second = make_joint(found, critic, complete(TINY, "plus"), 100)
    np.testing.assert_array_equal(second.edit_head.decide.kernel, kernel)
    assert np.abs(second.discriminator.decide.kernel - kernel).min() > 0.1


def test_a_classifiers_weight_and_the_classifier_belong_together(networks):
    with pytest.raises(ValueError, match="D names emotions"):
        joint_of(networks, classifier_weight=0.0)
    plain = make_gan(complete({**TINY, "classifier_weight": 0.0}, "plus"))
    with pytest.raises(ValueError, match="does not name emotions"):
        joint_of((*networks[:2], plain.discriminator))


def test_networks_go_on_in_the_precision_that_is_asked_for(networks):
    options = complete({**TINY, "precision": "mixed_bfloat16"}, "plus")
    joint = make_joint(networks, None, options, 100)
    inverter = make_inverter(make_gan(complete(TINY, "plus")), options)
    for model, other in ((joint, networks[1]), (inverter, networks[1])):
        for network in (model.encoder, model.generator, model.discriminator):
            assert network.dtype_policy.name == "mixed_bfloat16"
        assert model.generator is not other
    for mine, theirs in zip(joint.generator.weights, networks[1].weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
