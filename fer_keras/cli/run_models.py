"""The models of a run's phases, made as its options say."""

from pathlib import Path

import keras

from fer_keras import ConditionalDCGAN, EncoderInverter, JointTransfer
from fer_keras.batches import steps_per_epoch
from fer_keras.fused_adam import FusedAdam
from fer_keras.layers import SharedAugmentation
from fer_keras.presets import load_networks


def _optimizer(options, learning_rate=None, beta_1=-1.0):
    learning_rate = learning_rate or options["learning_rate"]
    return FusedAdam(learning_rate, options["beta_1"] if beta_1 < 0 else beta_1)


def make_gan(options):
    """Returns the compiled `ConditionalDCGAN`."""
    seed = options["seed"]
    gan = ConditionalDCGAN(
        latent_dim=options["latent_dim"],
        width=options["width"],
        kernel_size=options["kernel_size"],
        conditioning=options["conditioning"],
        projection=options["projection"],
        classifier=options["classifier_weight"] > 0,
        augmentation=SharedAugmentation(seed=seed) if options["augment"] else None,
        average_decay=options["average_decay"] or None,
        seed=seed,
        dtype=options["precision"],
    )
    gan.compile(
        _optimizer(options),
        _optimizer(options, options["discriminator_learning_rate"]),
        generator_steps=options["generator_steps"],
        classifier_weight=options["classifier_weight"],
        wrong_label_weight=options["wrong_label_weight"],
        gradient_penalty_weight=options["gradient_penalty_weight"],
    )
    return gan


def make_inverter(gan, options):
    """Returns the compiled `EncoderInverter` of a GAN's G."""
    inverter = EncoderInverter(
        gan.drawing_generator,
        objective=options["objective"],
        latent_weight=options["latent_weight"],
        conditional=options["conditional_encoder"],
        discriminator=gan.discriminator,
        feature_weight=options["feature_weight"],
        consistency_weight=options["consistency_weight"],
        seed=options["seed"],
        dtype=options["precision"],
    )
    inverter.compile(
        _optimizer(options, options["encoder_learning_rate"], options["encoder_beta_1"])
    )
    return inverter


def finished(folder, precision):
    """Returns E, G and D of a finished run or a preset, and a run's critic.

    Raises:
        ValueError: They were trained in another precision, which is a part of them.
    """
    file = Path(folder) / "models" / "joint.keras"
    if file.is_file():
        joint = keras.saving.load_model(file, compile=False)
        transfer = joint.as_transfer()
        found = transfer.encoder, transfer.generator, joint.discriminator
        critic = joint.transfer_critic
    else:
        networks = load_networks(folder)
        found = tuple(networks[n] for n in ("encoder", "generator", "discriminator"))
        critic = None
    theirs = found[0].dtype_policy.name
    if theirs != precision:
        raise ValueError(
            f"{folder} was trained with --precision {theirs}, got {precision}: give "
            "that, since the finish trains its networks as they are."
        )
    return *found, critic


def make_joint(networks, critic, options, face_count):
    """Returns the compiled `JointTransfer`.

    Args:
        networks: E, G and D.
        critic: An earlier finish's, or None.
        options: The run's.
        face_count: Faces that an epoch trains on.

    Raises:
        ValueError: Emotions are to be recognised by a D that names none, or the other
            way round.
    """
    weight = options["classifier_weight"]
    if networks[-1].classifier and not weight:
        raise ValueError(
            "D names emotions, and --classifier-weight is 0: give one above 0, or the "
            "recipe that it was trained by."
        )
    if weight and not networks[-1].classifier:
        raise ValueError(
            f"D does not name emotions, and --classifier-weight is {weight}: give 0."
        )
    seed = options["seed"]
    joint = JointTransfer(
        *networks,
        augmentation=SharedAugmentation(seed=seed) if options["augment"] else None,
        average_decay=options["average_decay"] or None,
        seed=seed,
        dtype=options["precision"],
    )
    if critic is not None:
        joint.transfer_critic.set_weights(critic.get_weights())
    steps = steps_per_epoch(face_count, options["finish_batch_size"])
    steps *= options["finish_epochs"]

    def optimizer(rate):
        if options["finish_decay"]:
            rate = keras.optimizers.schedules.PolynomialDecay(rate, steps, 0.0)
        return _optimizer(options, rate)

    rate = options["learning_rate"]
    weights = (
        "classifier_weight",
        "transfer_classifier_weight",
        "noise_classifier_weight",
        "anchor_weight",
    )
    joint.compile(
        optimizer(rate),
        optimizer(options["discriminator_learning_rate"] or rate),
        **{name: options[name] for name in weights},
    )
    return joint
