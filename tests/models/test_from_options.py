"""That a training's options reach its models."""

import dataclasses
import inspect

import numpy as np
import pytest

from fer_keras.config import RECIPES, TrainingOptions
from fer_keras.models import JointTransfer
from fer_keras.models.from_options import (
    fresh_networks,
    gan_from_options,
    inverter_from_options,
    joint_from_options,
)
from fer_keras.networks import MapGenerator
from fer_keras.training.schedules import FallingRate

TINY = {"width": 2, "latent_dim": 4, "seed": 3}
SIZES = (16, 16, 3), 5


def plus(**options):
    tiny = {"joint_vector_dim": 4, "joint_map_channels": 1}
    tiny["joint_discriminator_width"] = 2
    return dataclasses.replace(RECIPES["plus"], **{**TINY, **tiny, **options})


@pytest.fixture(scope="module")
def networks():
    return fresh_networks(plus(), *SIZES)


def test_each_phase_gets_its_own_options():
    options = TrainingOptions(
        **TINY, projection=True, classifier_weight=2.0, augment=True, beta_1=0.7
    )
    gan = gan_from_options(options, *SIZES)
    assert (gan.width, gan.latent_dim, gan.seed) == (2, 4, 3)
    assert (gan.image_shape, gan.num_classes) == SIZES
    assert gan.classifier and gan.augmentation and gan.average_decay is None
    assert gan.get_compile_config()["classifier_weight"] == 2.0
    inverter = inverter_from_options(gan.generator, options)
    assert (inverter.objective, inverter.optimizer.beta_1) == ("image", 0.7)
    paper = gan_from_options(TrainingOptions(**TINY))
    assert (paper.augmentation, paper.classifier) == (None, False)


def test_the_joint_training_gets_its_own_options(networks):
    assert networks["generator"].map_shape == (4, 4, 1)
    assert networks["generator"].width == networks["discriminator"].width == 2
    assert networks["discriminator"].classifier
    joint = joint_from_options(networks, plus(joint_change_weight=7.0), 100)
    assert joint.get_compile_config()["change_weight"] == 7.0
    assert (joint.average_decay, joint.likeness) == (0.999, 1.0)
    fixed = joint_from_options(networks, plus(joint_decay=0.0), 100)
    rates = fixed.optimizer, fixed.discriminator_optimizer
    assert [float(each.learning_rate) for each in rates] == pytest.approx([4e-4, 2e-4])


def test_defaults_are_those_of_the_models():
    options = TrainingOptions().of_phase("joint")
    for call in (JointTransfer.compile, JointTransfer.__init__, MapGenerator.__init__):
        for name, parameter in inspect.signature(call).parameters.items():
            if name in options and name not in ("seed", "classifier_weight"):
                assert options[name] == parameter.default, name


def test_the_rate_falls_to_0_at_the_end(networks):
    joint = joint_from_options(networks, plus(joint_decay=0.5), 8)
    for optimizer, rate in (
        (joint.optimizer, 4e-4),
        (joint.discriminator_optimizer, 2e-4),
    ):
        for step, share in ((0, 1.0), (4, 1.0), (6, 0.5), (8, 0.0), (9, 0.0)):
            optimizer.iterations.assign(step)
            assert float(optimizer.learning_rate) == pytest.approx(rate * share)
    schedule = FallingRate(1.0, 8, 0.5)
    assert FallingRate.from_config(schedule.get_config()).share == 0.5


def test_a_joint_training_goes_on_with_an_earlier_head(networks):
    first = joint_from_options(networks, plus(), 100)
    kernel = np.full(first.edit_head.decide.kernel.shape, 0.5)
    first.edit_head.decide.kernel.assign(kernel)
    second = joint_from_options(networks, plus(), 100, edit_head=first.edit_head)
    np.testing.assert_array_equal(second.edit_head.decide.kernel, kernel)
    assert np.abs(second.discriminator.decide.kernel - kernel).min() > 0.1


def test_a_classifiers_weight_and_the_classifier_belong_together(networks):
    with pytest.raises(ValueError, match="D names emotions"):
        joint_from_options(networks, plus(classifier_weight=0.0), 100)
    plain = fresh_networks(plus(classifier_weight=0.0), *SIZES)
    with pytest.raises(ValueError, match="does not name emotions"):
        joint_from_options(plain, plus(), 100)


def test_networks_go_on_in_the_precision_that_is_asked_for(networks):
    joint = joint_from_options(networks, plus(precision="mixed_bfloat16"), 100)
    for name, other in networks.items():
        network = getattr(joint, name)
        assert network.dtype_policy.name == "mixed_bfloat16"
        assert network is not other
        for mine, theirs in zip(network.weights, other.weights, strict=True):
            np.testing.assert_array_equal(mine, theirs)
