"""Nothing in the project trains against a judge: read from the training code."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fer_keras"
TRAINING_ROOMS = ("data", "layers", "losses", "models", "networks", "training")


def python_files(*rooms):
    """Files of rooms, each a folder or one module."""
    found = [
        [PACKAGE / f"{room}.py", *(PACKAGE / room).rglob("*.py")] for room in rooms
    ]
    return sorted(path for paths in found for path in paths if path.is_file())


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", TRAINING_ROOMS)
def test_training_code_imports_no_judge(room):
    files = python_files(room)
    assert files
    for path in files:
        text = path.read_text("utf-8")
        names = [n for n in imported(ast.parse(text)) if n.startswith("fer_keras.")]
        judged = [n for n in names if n.split(".")[1] in ("judges", "evaluation")]
        assert not judged, f"{path} imports {judged}"
        scores = {"GenerationScores", "InversionScores", "TransferScores"}
        assert not [n for n in names if n.split(".")[-1] in scores]
        assert (
            "saved_models/judges" not in text and 'shipped_model("judges")' not in text
        )


def functions_that_score(path):
    """Returns the names of functions that ask a model's `scores` for values."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and node.attr in (
                    "scores",
                    "track_scores",
                ):
                    yield function.name


def test_scores_are_asked_in_evaluation_alone():
    found = {
        name for path in python_files("models") for name in functions_that_score(path)
    }
    assert "test_step" in found
    assert not [
        name for name in found if "train" in name and name != "compile_training"
    ]
