"""The package as its reader finds it: names, imports, examples."""

import ast
import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import fer_keras.metrics

_MODULES = sorted(
    module.name for module in pkgutil.iter_modules(fer_keras.metrics.__path__)
)
_ALLOWED = ("collections", "typing", "numpy", "keras", "fer_keras.metrics")
_ALLOWED += ("fer_keras.emotions", "fer_keras.images")


@pytest.mark.parametrize("name", _MODULES)
def test_examples_of_docstrings_run_and_print_what_they_say(name):
    module = importlib.import_module(f"fer_keras.metrics.{name}")
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", _MODULES)
def test_metrics_import_no_more_than_they_may(name):
    source = Path(fer_keras.metrics.__path__[0], f"{name}.py").read_text()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        for imported in names:
            assert any(
                imported == allowed or imported.startswith(f"{allowed}.")
                for allowed in _ALLOWED
            ), f"{name} imports {imported}"


def test_every_exported_name_exists_and_is_listed_once():
    names = fer_keras.metrics.__all__
    assert names == sorted(set(names))
    assert all(getattr(fer_keras.metrics, name).__doc__ for name in names)
