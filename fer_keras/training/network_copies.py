"""Copies of a network: frozen, or of another precision."""

from typing import Any

import keras


def copy_network(network: keras.Model, **changes: Any) -> keras.Model:
    """Returns a copy of a network, with its variables' values.

    Args:
        network: Any network that is built by its constructor.
        **changes: Constructor arguments of the copy that differ, such as `dtype`.
    """
    copy = type(network).from_config({**network.get_config(), **changes})
    for mine, theirs in zip(copy.variables, network.variables, strict=True):
        mine.assign(theirs)
    return copy


def frozen_copy(network: keras.Model) -> keras.Model:
    """Returns a copy of a network that is not trained."""
    copy = copy_network(network)
    copy.trainable = False
    return copy


def in_precision(network: keras.Model, precision: str) -> keras.Model:
    """Returns a network, or a copy of it where its precision is another.

    Args:
        network: Its weights are float32 in every precision; that of the calculation
            is what differs.
        precision: "float32", "mixed_bfloat16" or "mixed_float16".
    """
    if network.dtype_policy.name == precision:
        return network
    return copy_network(network, dtype=precision)
