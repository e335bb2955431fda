"""All that the rest of a training run depends on, taken out of a model and put back."""

import json
from importlib import metadata
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_PACKAGES = ("fer-keras", "keras", "tensorflow")


def versions() -> dict[str, str]:
    """Returns the versions of the packages that decide a training run's numbers."""
    return {name: metadata.version(name) for name in _PACKAGES}


def model_configuration(model: keras.Model) -> dict:
    """Returns what a compiled model was made and compiled with, as JSON holds it."""
    configuration = {
        "class": type(model).__name__,
        "model": model.get_config(),
        "compile": model.get_compile_config(),
    }
    return _without_names(json.loads(json.dumps(configuration, default=str)))


def _without_names(configuration):
    """Leaves out the names of objects, which Keras numbers anew in each process."""
    if isinstance(configuration, list):
        return [_without_names(part) for part in configuration]
    if not isinstance(configuration, dict) or (
        # Of a policy the name is all there is.
        configuration.get("class_name") == "DTypePolicy"
    ):
        return configuration
    return {
        key: _without_names(part)
        for key, part in configuration.items()
        if key != "name"
    }


def differences(before: Any, now: Any, name: str = "") -> list[str]:
    """Names what differs between two configurations.

    Returns:
        Lines such as `"model.width: 64 before, 32 now"`.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        pairs = [(key, before.get(key), now.get(key)) for key in keys]
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = [(i, *pair) for i, pair in enumerate(zip(before, now, strict=True))]
    else:
        return [] if before == now else [f"{name}: {before!r} before, {now!r} now"]
    return [
        line
        for key, old, new in pairs
        for line in differences(old, new, f"{name}.{key}" if name else str(key))
    ]


def model_arrays(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns the values of all variables of a model and its optimizers.

    Weights, moving statistics and averages, the state of the noise, both optimizers'
    moments, steps and learning rates.
    """
    return _values(_model_variables(model))


def metric_arrays(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns the sums behind the running means of the metrics."""
    return _values(_metric_variables(model))


def restore_model(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Puts back what `model_arrays` took.

    Raises:
        ValueError: The arrays belong to another model; nothing was changed.
    """
    _restore(_model_variables(model), arrays)


def restore_metrics(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Puts back what `metric_arrays` took; see `restore_model`."""
    _restore(_metric_variables(model), arrays)


def not_finite(arrays: dict[str, np.ndarray]) -> str | None:
    """Returns the name of the first array with a NaN or an infinite number."""
    for name, array in arrays.items():
        if not np.isfinite(array.astype("float32", copy=False)).all():
            return name
    return None


def _model_variables(model):
    groups = {"model": model.variables}
    seen = set()
    for name, value in vars(model).items():
        if isinstance(value, keras.optimizers.Optimizer) and id(value) not in seen:
            seen.add(id(value))
            groups[name.lstrip("_")] = value.variables
    return _named(groups)


def _metric_variables(model):
    return _named({f"metric/{m.name}": m.variables for m in model.metrics})


def _named(groups):
    """Names variables by their place: Keras numbers names anew in each process."""
    return {
        f"{group}/{index}/{variable.name}": variable
        for group, variables in groups.items()
        for index, variable in enumerate(variables)
    }


def _replicas(variable):
    """Returns the copies of a variable on the replicas of this process.

    Each is read and written as it is: Keras' metrics would be summed over replicas,
    which on several machines waits for all of them.
    """
    strategy = tf.distribute.get_strategy()
    value = variable.value
    return getattr(value, "values", None) or strategy.experimental_local_results(value)


def _values(variables):
    return {name: _replicas(v)[0].numpy() for name, v in variables.items()}


def _restore(variables, arrays):
    expected = {name: (tuple(v.shape), v.dtype) for name, v in variables.items()}
    found = {name: (a.shape, a.dtype.name) for name, a in arrays.items()}
    different = differences(found, expected)
    if different:
        raise ValueError(f"The arrays are those of another model: {different[0]}.")
    for name, variable in variables.items():
        for copy in _replicas(variable):
            copy.assign(arrays[name])
