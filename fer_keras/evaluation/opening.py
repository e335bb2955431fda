"""From a path that a user names to a candidate."""

from pathlib import Path

import tensorflow as tf

from fer_keras.evaluation.candidate import (
    Candidate,
    GeneratorCandidate,
    TransferCandidate,
)


def open_candidate(
    path: str | Path, name: str | None = None, refine: int = 0
) -> Candidate:
    """Opens whatever holds a trained model.

    Args:
        path: A run's folder (its newest stage is taken: the finish, else E with G,
            else G alone), a SavedModel's folder, or a `.keras` file of a
            `ConditionalDCGAN`, an `EncoderInverter`, a `JointTransfer` or an
            `EmotionTransfer`.
        name: How the tables call it. Default: the file's or folder's name.
        refine: Steps of descent on z after E's guess. Default 0.

    Raises:
        ValueError: There is no such model, or of another kind, or one that has no
            encoder, or is a SavedModel and no preset, to be refined.
    """
    path = Path(path)
    name = name or (path.stem if path.suffix == ".keras" else path.name) or str(path)
    path = model_path(path, of_networks=refine > 0)
    if (path / "saved_model.pb").is_file():
        if refine:
            return _from_preset(path, name, refine)
        return _from_saved_model(path, name)
    if path.suffix == ".keras" and path.is_file():
        return candidate_of(_loaded(path), name, refine)
    raise ValueError(
        f"{path} holds no model: expected a run's folder, a SavedModel or a .keras "
        "file."
    )


def candidate_of(model, name: str, refine: int = 0) -> Candidate:
    """Makes a candidate of a model in memory.

    Args:
        model: A `ConditionalDCGAN`, an `EncoderInverter`, a `JointTransfer` or an
            `EmotionTransfer`.
        name: How the tables call it.
        refine: See `open_candidate`.

    Raises:
        ValueError: It is none of these, or is to be refined and has no encoder.
    """
    from fer_keras.models import (
        ConditionalDCGAN,
        EmotionTransfer,
        EncoderInverter,
        JointTransfer,
    )

    if isinstance(model, ConditionalDCGAN):
        if refine:
            raise ValueError(f"{name} has no encoder whose guess could be refined.")
        return GeneratorCandidate(name, model.generate, model.latent_dim)
    if isinstance(model, (EncoderInverter, JointTransfer)):
        model = model.as_transfer()
    if not isinstance(model, EmotionTransfer):
        raise ValueError(
            "Expected a ConditionalDCGAN, an EncoderInverter, a JointTransfer or an "
            f"EmotionTransfer, got {type(model).__name__}."
        )

    def transfer_all(images, labels):
        return model.transfer_all(images, refine=refine)

    return TransferCandidate(
        name, model.decode, model.generator.latent_dim, transfer_all
    )


def model_path(path: str | Path, of_networks: bool = False) -> Path:
    """Returns a run's newest model, and any other path as it is.

    Args:
        path: What the user named.
        of_networks: Whether to leave out a run's SavedModel, which has no descent.

    Raises:
        ValueError: The run has no finished model.
    """
    path = Path(path)
    if not (path / "run.json").is_file():
        return path
    stages = [
        path / "models" / "joint.keras",
        path / "models" / "inverter.keras",
        *([] if of_networks else [path / "export" / "final"]),
        path / "models" / "gan.keras",
    ]
    for stage in stages:
        if stage.exists():
            return stage
    raise ValueError(
        f"The run {path} has no finished model yet: expected one of "
        f"{', '.join(str(stage.relative_to(path)) for stage in stages)}."
    )


def _loaded(path: Path):
    import keras

    import fer_keras  # noqa: F401  (registers the classes)

    try:
        return keras.saving.load_model(path, compile=False)
    # Keras raises whatever the damaged part of the file makes it stumble over.
    except Exception as error:
        raise ValueError(f"{path} could not be loaded: {error}") from error


def _from_preset(folder: Path, name: str, refine: int) -> Candidate:
    """Opens it as networks: a SavedModel alone has no descent."""
    from fer_keras.models import EmotionTransfer

    return candidate_of(EmotionTransfer.from_preset(folder), name, refine)


def _from_saved_model(folder: Path, name: str) -> Candidate:
    try:
        model = tf.saved_model.load(str(folder))
        latents = _inputs(model, "generate")["latents"]
    # A damaged or foreign file ends in errors of many kinds.
    except Exception as error:
        raise ValueError(
            f"{folder} could not be loaded as a SavedModel of this package: {error}"
        ) from error

    def generate(latents, labels):
        return model.generate(tf.constant(latents), tf.constant(labels))

    if "transfer_all" not in model.signatures:
        return GeneratorCandidate(name, generate, latents.shape[1])

    def transfer_all(images, labels):
        return model.transfer_all(tf.constant(images))

    return TransferCandidate(name, generate, latents.shape[1], transfer_all)


def _inputs(model, signature: str) -> dict:
    return model.signatures[signature].structured_input_signature[1]
