"""That a training's options reach its models."""

import dataclasses

import numpy as np
import pytest

from fer_keras.config import RECIPES, TrainingOptions
from fer_keras.models.from_options import (
    gan_from_options,
    inverter_from_options,
    joint_from_options,
)

TINY = {"width": 2, "latent_dim": 4, "learning_rate": 0.5, "seed": 3}


def plus(**options):
    return dataclasses.replace(RECIPES["plus"], **TINY, **options)


def inverter_of(gan, options):
    return inverter_from_options(gan.drawing_generator, gan.discriminator, options)


@pytest.fixture(scope="module")
def networks():
    gan = gan_from_options(plus())
    inverter = inverter_of(gan, plus())
    return inverter.encoder, inverter.generator, gan.discriminator


def test_each_phase_gets_its_own_options(networks):
    options = plus(joint_learning_rate=0.25, transfer_classifier_weight=5.0)
    gan = gan_from_options(options)
    assert (gan.width, gan.kernel_size, gan.conditioning) == (2, 4, "normalization")
    assert gan.classifier and gan.augmentation and gan.average_decay == 0.999
    inverter = inverter_of(gan, options)
    assert (inverter.objective, inverter.feature_weight) == ("both", 100.0)
    assert float(inverter.optimizer.learning_rate) == pytest.approx(3.5e-4)
    assert inverter.optimizer.beta_1 == 0.7
    joint = joint_from_options(networks, options, 100)
    arguments = joint.get_compile_config()
    # Of the joint model, not the weight of E's own features.
    assert arguments["feature_weight"] == 2.0
    assert arguments["transfer_classifier_weight"] == 5.0
    assert arguments["anchor_weight"] == 10.0
    assert float(joint.optimizer.learning_rate) == 0.25
    assert joint.optimizer.beta_1 == 0.5
    paper = gan_from_options(TrainingOptions(**TINY))
    assert (paper.augmentation, paper.average_decay) == (None, None)


def test_the_rate_falls_to_0_over_joint_fine_tuning(networks):
    options = plus(joint_epochs=2, joint_batch_size=30)
    joint = joint_from_options(networks, options, 100)
    # Two epochs of 100 faces in batches of 30.
    for optimizer in (joint.optimizer, joint.discriminator_optimizer):
        for step, share in ((0, 1.0), (4, 0.5), (8, 0.0)):
            optimizer.iterations.assign(step)
            assert float(optimizer.learning_rate) == pytest.approx(0.5 * share)
    fixed = joint_from_options(networks, plus(joint_decay=False), 100)
    fixed.optimizer.iterations.assign(8)
    assert float(fixed.optimizer.learning_rate) == 0.5


def test_joint_fine_tuning_goes_on_with_an_earlier_head(networks):
    first = joint_from_options(networks, plus(), 100)
    kernel = np.full(first.transfer_critic.decide.kernel.shape, 0.5)
    first.transfer_critic.decide.kernel.assign(kernel)
    second = joint_from_options(networks, plus(), 100, first.transfer_critic)
    np.testing.assert_array_equal(second.transfer_critic.decide.kernel, kernel)
    assert np.abs(second.discriminator.decide.kernel - kernel).min() > 0.1


def test_a_classifiers_weight_and_the_classifier_belong_together(networks):
    with pytest.raises(ValueError, match="D names emotions"):
        joint_from_options(networks, plus(classifier_weight=0.0), 100)
    plain = gan_from_options(plus(classifier_weight=0.0))
    with pytest.raises(ValueError, match="does not name emotions"):
        joint_from_options((*networks[:2], plain.discriminator), plus(), 100)


def test_networks_go_on_in_the_precision_that_is_asked_for(networks):
    options = plus(precision="mixed_bfloat16")
    joint = joint_from_options(networks, options, 100)
    inverter = inverter_of(gan_from_options(plus()), options)
    for model, other in ((joint, networks[1]), (inverter, networks[1])):
        for network in (model.encoder, model.generator, model.discriminator):
            assert network.dtype_policy.name == "mixed_bfloat16"
        assert model.generator is not other
    for mine, theirs in zip(joint.generator.weights, networks[1].weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
