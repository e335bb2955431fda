"""The trained models that a user names: a preset, a SavedModel, a run, a file."""

from pathlib import Path
from typing import Any

from fer_keras.shipped_models import shipped_model

DEFAULT_MODEL = "plus"


def saved_model_folder(path: str | None) -> Path:
    """Returns the folder of a SavedModel.

    Args:
        path: A SavedModel, a preset's name, a run's folder, or None for the shipped
            model.

    Raises:
        ValueError: There is none.
    """
    name = DEFAULT_MODEL if path is None else path
    for folder in (Path(name), Path(name) / "export" / "final", shipped_model(name)):
        if (folder / "saved_model.pb").is_file():
            return folder
    if path is None:
        raise ValueError(
            "No model is shipped here. Name a SavedModel or a run's folder with "
            "--model; `fer-keras demo` and `fer-keras train` make one."
        )
    raise ValueError(
        f"{path!r} is neither a SavedModel nor the folder of a finished run."
    )


def gan_path(path: str) -> Path:
    """Returns the file of a trained `ConditionalDCGAN`, or the folder of a preset.

    Args:
        path: A run's folder, the file itself, or a preset.

    Raises:
        ValueError: There is none.
    """
    file = Path(path) / "models" / "gan.keras" if Path(path).is_dir() else Path(path)
    if file.is_file():
        return file.resolve()
    preset = _preset(path)
    if preset is None:
        raise ValueError(f"{path} holds no trained GAN: {file} is missing.")
    return preset


def networks_path(path: str) -> Path:
    """Returns the folder of a preset or of a run with trained E, G and D.

    Raises:
        ValueError: It is neither.
    """
    models = [Path(path, "models", f"{phase}.keras") for phase in ("joint", "encoder")]
    if any(file.is_file() for file in models):
        return Path(path).resolve()
    preset = _preset(path)
    if preset is None:
        raise ValueError(f"{path} is neither a run that has trained E nor a preset.")
    return preset


def _preset(path):
    for folder in (Path(path), shipped_model(path)):
        if all((folder / name).is_file() for name in ("card.json", "saved_model.pb")):
            return folder.resolve()
    return None


def load_gan_from(path: str | Path) -> Any:
    """Returns the `ConditionalDCGAN` of `gan_path`, compiled if it was saved so."""
    import keras

    from fer_keras import ConditionalDCGAN

    path = gan_path(path)
    if path.is_file():
        return keras.saving.load_model(path)
    return ConditionalDCGAN.from_preset(path)


def load_networks_from(path: str | Path) -> tuple[dict, dict]:
    """Returns what `networks_path` holds to go on from.

    Returns:
        The networks by name ("encoder", "generator", "discriminator"), and what else
        an earlier joint training has: "teacher" and "edit_head", or nothing.
    """
    import keras

    from fer_keras.cli.run_folder import RunFolder
    from fer_keras.config import TrainingOptions
    from fer_keras.export.presets import load_networks

    run = RunFolder(networks_path(path))
    if run.model("joint").is_file():
        joint = keras.saving.load_model(run.model("joint"), compile=False)
        networks = {**joint.inference_networks, "discriminator": joint.discriminator}
        return networks, {"teacher": joint.teacher, "edit_head": joint.edit_head}
    if run.model("encoder").is_file():
        inverter = keras.saving.load_model(run.model("encoder"), compile=False)
        # A run of E alone has its G and D from elsewhere.
        gan = load_gan_from(run.options(TrainingOptions).start or run.model("gan"))
        networks = {
            "encoder": inverter.encoder,
            "generator": inverter.generator,
            "discriminator": gan.discriminator,
        }
        return networks, {}
    return load_networks(run.path), {}
