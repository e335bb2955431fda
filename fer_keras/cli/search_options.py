"""What a search may be asked for, beside the options of the trainings it compares."""

import ast
import contextlib
import dataclasses

from fer_keras.option_fields import check_values, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """The options of a search, beside those of the trainings that it compares."""

    algorithm: str = option(
        "bayesian",
        "how trials are chosen",
        "search",
        choices=("bayesian", "hyperband", "random"),
    )
    trials: int = option(20, "trials at most", "search", above=0)
    trial_epochs: int = option(5, "epochs of a trial", "search", above=0)
    steps_per_epoch: int | None = option(
        None, "steps of an epoch; else once through the data", "search", above=0
    )
    repeats: int = option(
        1,
        "trainings of a trial, each with its seed; their mean counts",
        "search",
        above=0,
    )
    objective: str | None = option(
        None,
        "the score to compare, such as val_label_accuracy (gan; default "
        "val_kernel_distance), val_image_error (encoder; default "
        "val_structural_similarity); of joint: the identity distance less the hits of "
        "the target",
        "search",
    )
    validation_limit: int | None = option(
        None, "score on the first so many faces of validation only", "search", above=0
    )

    def __post_init__(self):
        check_values(self)


def parsed_range(text: str) -> tuple:
    """Returns name and values of a `--search`.

    Args:
        text: `NAME=LOW..HIGH`, `NAME=LOW..HIGH:log` or `NAME=ONE,ANOTHER,…`.

    Returns:
        The name, and values as `fer_keras.tuning` takes them.

    Raises:
        ValueError: It has another form.
    """
    name, equals, values = text.partition("=")
    if not (name.isidentifier() and equals and values):
        raise ValueError(f"--search {text}: expected NAME=… with an option's name.")
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


def _literal(text):
    """Returns a number, True or False, and any other text as it stands."""
    with contextlib.suppress(ValueError, SyntaxError):
        value = ast.literal_eval(text.strip())
        if isinstance(value, (bool, int, float)):
            return value
    return text.strip()
