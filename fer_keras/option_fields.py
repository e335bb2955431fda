"""Options as fields of a dataclass, each with its help and its range."""

import dataclasses
import types
import typing
from collections.abc import Sequence
from typing import Any


def option(
    default: Any,
    help: str,
    group: str,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
    choices: Sequence | None = None,
) -> Any:
    """Returns a field of a class of options.

    Args:
        default: Its value where none is given.
        help: What it is, for the command line.
        group: The title under which the command line's help lists it.
        above: The value must be more than this.
        least: The value must be this or more.
        below: The value must be less than this.
        most: The value must be this or less.
        choices: All the values that it may have.
    """
    limits = {"above": above, "least": least, "below": below, "most": most}
    metadata = {"help": help, "group": group, "choices": choices, **limits}
    return dataclasses.field(default=default, metadata=metadata)


def value_type(field: dataclasses.Field) -> type:
    """Returns the type of a field's values, without the None that some may be."""
    if isinstance(field.type, types.UnionType):
        (kind,) = set(typing.get_args(field.type)) - {types.NoneType}
        return kind
    return field.type


def check_values(options: Any) -> None:
    """Checks all fields, and gives them their types.

    Args:
        options: An instance of a class of options. An int is taken for a float and a
            list for a tuple, as JSON has them.

    Raises:
        ValueError: A value has another type or is out of its field's range.
    """
    for field in dataclasses.fields(options):
        value = _checked_value(field, getattr(options, field.name))
        object.__setattr__(options, field.name, value)


def _checked_value(field, value):
    kind, name = value_type(field), field.name
    if value is None and kind is not field.type:
        return None
    origin = typing.get_origin(kind) or kind
    if origin is float and type(value) is int:
        value = float(value)
    if origin is tuple and isinstance(value, list):
        value = tuple(value)
    if type(value) is not origin:
        raise ValueError(f"{name} must be of type {kind.__name__}, got {value!r}.")
    choices = field.metadata["choices"]
    if choices and value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}.")
    limits = field.metadata
    # Each is asked for what holds: NaN is neither above nor below anything.
    for limit, words, holds in (
        ("above", "above", lambda bound: value > bound),
        ("least", "at least", lambda bound: value >= bound),
        ("below", "below", lambda bound: value < bound),
        ("most", "at most", lambda bound: value <= bound),
    ):
        if limits[limit] is not None and not holds(limits[limit]):
            raise ValueError(f"{name} must be {words} {limits[limit]}, got {value}.")
    return value
