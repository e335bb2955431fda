"""Where the trained networks are that come with the package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_model(name: str) -> Path:
    """Returns the folder of a shipped model, which need not exist.

    A wheel holds the models as `fer_keras/saved_models`. In a clone, editable or not,
    `saved_models` stands beside the package.

    Args:
        name: "paper", "plus", or "judges", the folder of all judges.
    """
    installed, clone = (
        parent / "saved_models" / name for parent in (_PACKAGE, _PACKAGE.parent)
    )
    return installed if installed.is_dir() else clone
