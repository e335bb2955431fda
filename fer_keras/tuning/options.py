"""Which call takes an option: a model's constructor, compile, fit or its optimizers.

The signatures are read, so that an option that a model gains can be searched too.
"""

import inspect
from typing import NamedTuple

import keras

from fer_keras.training.optimizer import FusedAdam

# What `search` itself is given.
_OF_SEARCH = ("x", "y", "epochs", "validation_data")
# What the paper's optimizer differs in from Adam's own defaults.
_PAPER = {"learning_rate": 2e-4, "beta_1": 0.5}


def _parameters(owner: type, method: str) -> dict:
    """Returns the named parameters of a method with their defaults.

    Those of the classes above it too, to which it hands the options on.
    """
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = {}
    for above in reversed(inspect.getmro(owner)):
        if above is object or method not in vars(above):
            continue
        for name, parameter in inspect.signature(
            vars(above)[method]
        ).parameters.items():
            if parameter.kind in named and name != "self":
                parameters[name] = parameter.default
    return parameters


_ADAM = {**_parameters(keras.optimizers.Adam, "__init__"), **_PAPER}
del _ADAM["name"]


class Calls(NamedTuple):
    """The arguments of each call that makes and trains a model."""

    constructor: dict
    compile: dict
    fit: dict


class Routes:
    """Sorts options by the call that takes them.

    An option that a model's constructor, `compile` or `fit` names goes there, and one
    of Adam's to the optimizers: as it stands to all of them, or to one of them with a
    network's name before it, as in `generator_learning_rate`. Anything else goes to
    `compile`, which refuses what it does not know.

    Args:
        model_class: The model.
        networks: Networks with an optimizer of their own, such as
            `("generator", "discriminator")`; none for a model with one `optimizer`.
    """

    def __init__(self, model_class, networks=()):
        self._constructor = _parameters(model_class, "__init__")
        self._compile = _parameters(model_class, "compile")
        self._fit = _parameters(model_class, "fit")
        for given_by_search in _OF_SEARCH:
            self._fit.pop(given_by_search, None)
        self._networks = networks

    def default(self, name: str):
        """Returns the value that an option has when it is not given, if it has one."""
        for parameters in (self._constructor, self._compile, self._fit):
            if name in parameters:
                return parameters[name]
        return _ADAM.get(self._adam_name(name)[1])

    def sort(self, options: dict) -> Calls:
        """Returns the options of each call, with optimizers made of theirs."""
        calls = Calls({}, {}, {})
        settings = {network: dict(_PAPER) for network in self._networks or ("",)}
        # Options for one network come last: they override those for all.
        for name in sorted(options, key=lambda name: self._adam_name(name)[0]):
            value = options[name]
            network, adam_name = self._adam_name(name)
            if name in self._constructor:
                calls.constructor[name] = value
            elif name in self._fit and name not in self._compile:
                calls.fit[name] = value
            elif adam_name and name not in self._compile:
                for owner in [network] if network else settings:
                    settings[owner][adam_name] = value
            else:
                calls.compile[name] = value
        for network, setting in settings.items():
            argument = f"{network}_optimizer" if network else "optimizer"
            calls.compile.setdefault(argument, FusedAdam(**setting))
        return calls

    def _adam_name(self, name):
        """Returns the network and Adam's own name of an option, or nothing twice."""
        if name in _ADAM:
            return "", name
        for network in self._networks:
            own = name.removeprefix(f"{network}_")
            if own != name and own in _ADAM:
                return network, own
        return "", ""
