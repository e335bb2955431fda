"""Arguments of the command line, made of the fields of a class of options."""

import argparse
import dataclasses
import typing
from collections.abc import Sequence

from fer_keras.option_fields import value_type


def add_options(
    parser: argparse.ArgumentParser, options_class: type, leave_out: Sequence[str] = ()
) -> None:
    """Adds an argument for each field, in the fields' groups.

    What is not given stays out of the parsed arguments: a recipe or the record of an
    earlier run fills it in.

    Args:
        parser: An `argparse.ArgumentParser`.
        options_class: A dataclass whose fields have `help` and `group` as metadata,
            such as `fer_keras.config.TrainingOptions`.
        leave_out: Names of fields that get no argument.
    """
    groups = {}
    for field in dataclasses.fields(options_class):
        if field.name in leave_out:
            continue
        title = field.metadata["group"]
        group = groups.get(title) or parser.add_argument_group(title)
        groups[title] = group
        text = field.metadata["help"].replace("%", "%%")
        kind, choices = value_type(field), field.metadata["choices"]
        if field.default is not None:
            text += f" (default {field.default})"
        settings = {"help": text, "default": argparse.SUPPRESS}
        if kind is bool:
            settings["action"] = argparse.BooleanOptionalAction
        elif choices:
            settings["choices"] = choices
        else:
            settings |= {"type": _reader(kind), "metavar": _metavar(kind)}
        group.add_argument(flag(field.name), **settings)


def given(arguments: argparse.Namespace, options_class: type) -> dict:
    """Returns the values of the fields that the user named."""
    names = {field.name for field in dataclasses.fields(options_class)}
    return {name: value for name, value in vars(arguments).items() if name in names}


def flag(name: str) -> str:
    """Returns the argument of a field: `--batch-size` of `batch_size`."""
    return f"--{name.replace('_', '-')}"


def words(options: dict) -> list[str]:
    """Returns the words of a command that give options these values."""
    found = []
    for name, value in options.items():
        if isinstance(value, bool):
            found.append(flag(name) if value else f"--no-{flag(name)[2:]}")
        elif isinstance(value, tuple):
            found += [flag(name), ",".join(map(str, value))]
        elif value is not None:
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            found += [flag(name), text]
    return found


def _reader(kind):
    if typing.get_origin(kind) is not tuple:
        return kind
    (item, *_) = typing.get_args(kind)

    def read_tuple(text):
        return tuple(item(part) for part in text.split(","))

    return read_tuple


def _metavar(kind):
    if typing.get_origin(kind) is tuple:
        return ",".join(item.__name__.upper() for item in typing.get_args(kind))
    return kind.__name__.upper()
