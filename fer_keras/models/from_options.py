"""The compiled model of each phase of a training, made as its options say."""

from collections.abc import Sequence
from typing import Any

import keras

from fer_keras.config import TrainingOptions
from fer_keras.layers import SharedAugmentation
from fer_keras.models.conditional_dcgan import ConditionalDCGAN
from fer_keras.models.encoder_inverter import EncoderInverter
from fer_keras.models.joint_transfer import JointTransfer
from fer_keras.networks import Discriminator, MapEncoder, MapGenerator
from fer_keras.training.network_copies import in_precision
from fer_keras.training.optimizer import FusedAdam
from fer_keras.training.schedules import FallingRate


def gan_from_options(
    options: TrainingOptions,
    image_shape: tuple[int, int, int] = (48, 48, 1),
    num_classes: int = 7,
    class_names: Sequence[str] | None = None,
    scores: Any = None,
) -> ConditionalDCGAN:
    """Returns the model of phase `gan`.

    Args:
        options: The training's.
        image_shape: Height, width and channels of the data.
        num_classes: Number of the data's classes.
        class_names: Their names. Default: the emotions for seven, else the ids.
        scores: What `evaluate` adds, as for `compile`. Default: nothing.
    """
    gan = ConditionalDCGAN(
        image_shape,
        num_classes,
        class_names=class_names,
        **options.arguments_for(ConditionalDCGAN.__init__, "gan"),
        classifier=options.classifier_weight > 0,
        augmentation=_augmentation(options),
        dtype=options.precision,
    )
    gan.compile(
        *_optimizers(options),
        scores=scores,
        **options.arguments_for(ConditionalDCGAN.compile, "gan"),
    )
    return gan


def inverter_from_options(
    generator: keras.Model, options: TrainingOptions, scores: Any = None
) -> EncoderInverter:
    """Returns the model of phase `encoder`.

    Args:
        generator: The trained G, of any precision.
        options: The training's.
        scores: As for `gan_from_options`.
    """
    inverter = EncoderInverter(
        in_precision(generator, options.precision),
        **options.arguments_for(EncoderInverter.__init__, "encoder"),
        dtype=options.precision,
    )
    inverter.compile(_optimizers(options)[0], scores=scores)
    return inverter


def fresh_networks(
    options: TrainingOptions,
    image_shape: tuple[int, int, int] = (48, 48, 1),
    num_classes: int = 7,
    class_names: Sequence[str] | None = None,
) -> dict[str, keras.Model]:
    """Returns new networks for phase `joint`, by the names of `JointTransfer`.

    Args:
        options: The training's.
        image_shape: As for `gan_from_options`.
        num_classes: As for `gan_from_options`.
        class_names: As for `gan_from_options`.
    """

    def make(network_class, **arguments):
        return network_class(
            image_shape,
            **{**options.arguments_for(network_class.__init__, "joint"), **arguments},
            dtype=options.precision,
        )

    return {
        "encoder": make(MapEncoder, name="encoder"),
        "generator": make(
            MapGenerator,
            num_classes=num_classes,
            class_names=class_names,
            name="generator",
        ),
        "discriminator": make(
            Discriminator,
            num_classes=num_classes,
            width=options.joint_discriminator_width,
            conditioning="projection" if options.projection else "planes",
            classifier=options.classifier_weight > 0,
            name="discriminator",
        ),
    }


def joint_from_options(
    networks: dict[str, keras.Model],
    options: TrainingOptions,
    steps: int,
    teacher: keras.Model | None = None,
    edit_head: keras.Model | None = None,
    scores: Any = None,
) -> JointTransfer:
    """Returns the model of phase `joint`.

    Args:
        networks: "encoder", "generator" and "discriminator", of any precision.
        options: The training's.
        steps: Of the whole training, at whose end the rate has fallen.
        teacher: The classifier that judges edits. Default: none.
        edit_head: The head by which D judged edits in an earlier joint training, to go
            on from. Default: a new one.
        scores: As for `gan_from_options`.

    Raises:
        ValueError: Emotions are to be recognised by a D that names none, or the other
            way round.
    """
    weight = options.classifier_weight
    if networks["discriminator"].classifier != (weight > 0):
        names = "does not name" if weight else "names"
        raise ValueError(
            f"D {names} emotions, and classifier_weight is {weight}: give "
            f"--classifier-weight {'0' if weight else 'above 0'}, or the recipe "
            "that D was trained by."
        )
    joint = JointTransfer(
        **{
            name: in_precision(network, options.precision)
            for name, network in networks.items()
        },
        **options.arguments_for(JointTransfer.__init__, "joint"),
        teacher=teacher,
        augmentation=_augmentation(options),
        dtype=options.precision,
    )
    if edit_head is not None:
        joint.edit_head.set_weights(edit_head.get_weights())
    fall = (steps, options.joint_decay) if options.joint_decay else None
    joint.compile(
        *_optimizers(options, fall),
        scores=scores,
        **options.arguments_for(JointTransfer.compile, "joint"),
    )
    return joint


def _augmentation(options):
    return SharedAugmentation(seed=options.seed) if options.augment else None


def _optimizers(options, fall=None):
    """Returns Adam for what makes faces, and for D.

    Args:
        options: The training's.
        fall: Steps, and the share of them in which the rate falls; None: it does not.
    """
    rates = (
        options.learning_rate,
        options.discriminator_learning_rate or options.learning_rate,
    )
    if fall:
        rates = [FallingRate(rate, *fall) for rate in rates]
    return [FusedAdam(rate, options.beta_1) for rate in rates]
