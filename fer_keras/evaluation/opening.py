"""From a path that a user names to a candidate."""

from pathlib import Path

import tensorflow as tf

from fer_keras.evaluation.candidate import (
    Candidate,
    GeneratorCandidate,
    TransferCandidate,
)


def open_candidate(path: str | Path, name: str | None = None) -> Candidate:
    """Opens whatever holds a trained model.

    Args:
        path: A run's folder (its newest stage is taken: E with G, else G alone), a
            SavedModel's folder, or a `.keras` file of a `ConditionalDCGAN`, an
            `EncoderInverter` or an `EmotionTransfer`.
        name: How the tables call it. Default: the file's or folder's name.

    Raises:
        ValueError: There is no such model, or of another kind.
    """
    path = Path(path)
    name = name or (path.stem if path.suffix == ".keras" else path.name) or str(path)
    path = model_path(path)
    if (path / "saved_model.pb").is_file():
        return _from_saved_model(path, name)
    if path.suffix == ".keras" and path.is_file():
        return candidate_of(_loaded(path), name)
    raise ValueError(
        f"{path} holds no model: expected a run's folder, a SavedModel or a .keras "
        "file."
    )


def candidate_of(model, name: str) -> Candidate:
    """Makes a candidate of a model in memory.

    Args:
        model: A `ConditionalDCGAN`, an `EncoderInverter` or an `EmotionTransfer`.
        name: How the tables call it.

    Raises:
        ValueError: It is none of these.
    """
    from fer_keras.models import (
        ConditionalDCGAN,
        EmotionTransfer,
        EncoderInverter,
        JointTransfer,
    )

    if isinstance(model, ConditionalDCGAN):
        return GeneratorCandidate(name, model.generate, model.latent_dim)
    if isinstance(model, (EncoderInverter, JointTransfer)):
        model = model.as_transfer()
    if not isinstance(model, EmotionTransfer):
        raise ValueError(
            "Expected a ConditionalDCGAN, an EncoderInverter or an EmotionTransfer, "
            f"got {type(model).__name__}."
        )
    conditional = model.encoder.conditional

    def transfer_all(images, labels):
        return model.transfer_all(images, source=labels if conditional else None)

    return TransferCandidate(
        name, model.decode, model.generator.latent_dim, transfer_all
    )


def model_path(path: str | Path) -> Path:
    """Returns a run's newest model, and any other path as it is.

    Raises:
        ValueError: The run has no finished model.
    """
    path = Path(path)
    if not (path / "run.json").is_file():
        return path
    stages = [
        path / "models" / "inverter.keras",
        path / "export" / "final",
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
    conditional = "source" in _inputs(model, "transfer_all")

    def transfer_all(images, labels):
        source = (tf.constant(labels, tf.int64),) if conditional else ()
        return model.transfer_all(tf.constant(images), *source)

    return TransferCandidate(name, generate, latents.shape[1], transfer_all)


def _inputs(model, signature: str) -> dict:
    return model.signatures[signature].structured_input_signature[1]
