"""Where a model is that a user names: a SavedModel, a run's folder, or none."""

from pathlib import Path

from fer_keras.shipped_models import shipped_model

DEFAULT_MODEL = "plus"


def saved_model_folder(path: str | None) -> Path:
    """Returns the folder of a SavedModel.

    Args:
        path: A SavedModel, a run's folder, or None for the shipped model.

    Raises:
        ValueError: There is none.
    """
    if path is None:
        candidates = [shipped_model(DEFAULT_MODEL)]
    else:
        candidates = [Path(path), Path(path) / "export" / "final"]
    for candidate in candidates:
        if (candidate / "saved_model.pb").is_file():
            return candidate
    if path is None:
        raise ValueError(
            "No model is shipped here. Name a SavedModel or a run's folder with "
            "--model; `fer-keras demo` and `fer-keras train` make one."
        )
    raise ValueError(
        f"{path} is neither a SavedModel nor the folder of a finished run."
    )


def gan_file(path: str) -> str:
    """Returns the file of a trained `ConditionalDCGAN`.

    Args:
        path: A run's folder, or the file itself.

    Raises:
        ValueError: There is none.
    """
    path = Path(path)
    file = path / "models" / "gan.keras" if path.is_dir() else path
    if not file.is_file():
        raise ValueError(f"{path} holds no trained GAN: {file} is missing.")
    return str(file.resolve())


def trained_folder(path: str) -> Path:
    """Returns the folder of a preset or of a run with trained E, G and D, whole.

    Raises:
        ValueError: It is neither.
    """
    for folder in (Path(path), shipped_model(path)):
        preset = (folder / "card.json").is_file() and (
            folder / "saved_model.pb"
        ).is_file()
        models = ("joint.keras", "inverter.keras")
        if preset or any((folder / "models" / name).is_file() for name in models):
            return folder.resolve()
    raise ValueError(f"{path} is neither a run that has trained E nor a preset.")
