"""The models of a run's phases, made as its options say."""

from pathlib import Path

import keras

from fer_keras import ConditionalDCGAN, EncoderInverter, JointTransfer
from fer_keras.cli.run_folder import RunFolder
from fer_keras.data.batches import steps_per_epoch
from fer_keras.export.presets import load_networks
from fer_keras.layers import SharedAugmentation
from fer_keras.training.network_copies import in_precision
from fer_keras.training.optimizer import FusedAdam


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
    )
    return gan


def make_inverter(gan, options):
    """Returns the compiled `EncoderInverter` of a GAN's G, whatever its precision."""
    precision = options["precision"]
    inverter = EncoderInverter(
        in_precision(gan.drawing_generator, precision),
        objective=options["objective"],
        latent_weight=options["latent_weight"],
        discriminator=in_precision(gan.discriminator, precision),
        feature_weight=options["feature_weight"],
        seed=options["seed"],
        dtype=precision,
    )
    inverter.compile(
        _optimizer(options, options["encoder_learning_rate"], options["encoder_beta_1"])
    )
    return inverter


def trained_networks(folder):
    """Returns E, G and D of a run or a preset, and a finish's critic or None.

    Args:
        folder: Of a preset, or of a run whose E is trained.
    """
    run = RunFolder(Path(folder))
    if run.model("joint").is_file():
        joint = _loaded(run.model("joint"))
        transfer = joint.as_transfer()
        networks = transfer.encoder, transfer.generator, joint.discriminator
        return *networks, joint.edit_head
    if run.model("inverter").is_file():
        inverter = _loaded(run.model("inverter"))
        # A run of E alone has its G and D from elsewhere.
        gan = _loaded(run.options["gan"] or run.model("gan"))
        return inverter.encoder, inverter.generator, gan.discriminator, None
    networks = load_networks(folder)
    return *(networks[n] for n in ("encoder", "generator", "discriminator")), None


def _loaded(file):
    return keras.saving.load_model(file, compile=False)


def make_joint(networks, critic, options, face_count):
    """Returns the compiled `JointTransfer`.

    Args:
        networks: E, G and D, of any precision.
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
    precision = options["precision"]
    joint = JointTransfer(
        *(in_precision(network, precision) for network in networks),
        augmentation=SharedAugmentation(seed=seed) if options["augment"] else None,
        average_decay=options["average_decay"] or None,
        seed=seed,
        dtype=precision,
    )
    if critic is not None:
        joint.edit_head.set_weights(critic.get_weights())
    steps = steps_per_epoch(face_count, options["finish_batch_size"])
    steps *= options["finish_epochs"]

    def optimizer(rate):
        if options["finish_decay"]:
            rate = keras.optimizers.schedules.PolynomialDecay(rate, steps, 0.0)
        return _optimizer(options, rate)

    rate = options["learning_rate"]
    weights = ("classifier_weight",)
    joint.compile(
        optimizer(rate),
        optimizer(options["discriminator_learning_rate"] or rate),
        **{name: options[name] for name in weights},
    )
    return joint
