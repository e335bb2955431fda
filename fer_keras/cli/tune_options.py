"""The options of a search: their defaults, their help, and what is written in them."""

import ast

from fer_keras.cli.recipes import RECIPES
from fer_keras.cli.run_options import OPTIONS as TRAINING

# name -> (default, type, help).
OPTIONS = {
    "data": TRAINING["data"],
    "limit": TRAINING["limit"],
    "validation_limit": (
        0,
        int,
        "score on the first so many faces of validation only; 0: all",
    ),
    "algorithm": ("bayesian", str, "bayesian, hyperband or random"),
    "trials": (20, int, "trials at most; 0: as many as hyperband makes"),
    "epochs": (5, int, "epochs of a trial; with hyperband, of the longest"),
    "steps_per_epoch": (0, int, "steps of an epoch; 0: once through the data"),
    "repeats": (1, int, "trainings of a trial, each with its seed; their mean counts"),
    "max_hours": (0.0, float, "begin no trial after so many hours; 0: no limit"),
    "objective": (
        "",
        str,
        "the score to compare, such as val_kernel_distance or val_label_accuracy of "
        "the gan (the first is the default), val_structural_similarity or "
        "val_image_error of the encoder; never a loss of the gan",
    ),
    "recipe": ("paper", str, "whose options to take where none are given"),
    "separate": (False, bool, "give G and D learning rates and beta_1 of their own"),
    "batch_size": TRAINING["batch_size"],
    "width": TRAINING["width"],
    "precision": TRAINING["precision"],
    "seed": (0, int, "for the search's draws, weights, noise and the data's order"),
}
CHOICES = {
    "recipe": tuple(RECIPES),
    "algorithm": ("bayesian", "hyperband", "random"),
    "precision": ("float32", "mixed_bfloat16", "mixed_float16"),
}
# A search may be made longer; anything else would make it another search.
LENGTHS = ("trials", "max_hours")


def add_search_options(parser):
    """Adds every option; what is not given stays None, so that a record can fill it."""
    for name, form in {"search": "NAME=RANGE", "set": "NAME=VALUE"}.items():
        parser.add_argument(
            _flag(name), metavar=form, action="append", help="see above; repeatable"
        )
    for name, (default, kind, text) in OPTIONS.items():
        if kind is bool:
            parser.add_argument(
                _flag(name), action="store_true", default=None, help=text
            )
            continue
        parser.add_argument(
            _flag(name),
            type=kind,
            choices=CHOICES.get(name),
            metavar=None if name in CHOICES else kind.__name__.upper(),
            help=text if default == "" else f"{text} (default {default})",
        )


def given(arguments) -> dict:
    """Returns the options that the user named."""
    values = {name: getattr(arguments, name) for name in (*OPTIONS, "search", "set")}
    return {name: value for name, value in values.items() if value is not None}


def complete(options: dict) -> dict:
    """Fills in the defaults and checks what can be checked without a model.

    Raises:
        ValueError: A number is out of its range, or a range or value is malformed.
    """
    defaults = {name: default for name, (default, *_) in OPTIONS.items()}
    options = {**defaults, "search": [], "set": [], **options}
    for name in ("epochs", "repeats", "batch_size", "width"):
        if options[name] < 1:
            raise ValueError(f"{_flag(name)} must be 1 or more, got {options[name]}.")
    for name, (_, kind, _) in OPTIONS.items():
        if kind in (int, float) and not options[name] >= 0:
            raise ValueError(f"{_flag(name)} must be 0 or more, got {options[name]}.")
    if not options["trials"] and options["algorithm"] != "hyperband":
        raise ValueError("--trials must be 1 or more, but for --algorithm hyperband.")
    for text in options["search"]:
        parsed_range(text)
    for text in options["set"]:
        parsed_value(text)
    return options


def _flag(name):
    return f"--{name.replace('_', '-')}"


def parsed_range(text: str) -> tuple:
    """Returns name and values of a `--search`.

    Args:
        text: `NAME=LOW..HIGH`, `NAME=LOW..HIGH:log` or `NAME=ONE,ANOTHER,…`.

    Returns:
        The name, and values as `fer_keras.tuning` takes them.

    Raises:
        ValueError: It has another form.
    """
    name, values = _halves("--search", text)
    bounds, _, sampling = values.partition(":")
    if ".." not in bounds:
        return name, [_literal(value) for value in values.split(",")]
    low, high = (_literal(bound) for bound in bounds.split("..", 1))
    numbers = all(type(bound) in (int, float) for bound in (low, high))
    if not (numbers and low < high and sampling in ("", "linear", "log")):
        raise ValueError(
            f"--search {text}: expected NAME=LOW..HIGH with two numbers, the lower one "
            "first, and :log after them for a scale of logarithms."
        )
    if sampling == "log" and low <= 0:
        raise ValueError(f"--search {text}: with :log both ends must be above 0.")
    return name, (low, high, sampling or "linear")


def parsed_value(text: str) -> tuple:
    """Returns name and value of a `--set NAME=VALUE`.

    Raises:
        ValueError: It has another form.
    """
    name, value = _halves("--set", text)
    return name, _literal(value)


def _halves(option, text):
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals and value):
        raise ValueError(f"{option} {text}: expected NAME=… with an option's name.")
    return name, value


def _literal(text):
    """Returns a number, True, False or None, and any other text as it stands."""
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text.strip()
    plain = value is None or isinstance(value, (bool, int, float, str))
    return value if plain else text.strip()
