"""Ranges in plain Python, and the hyperparameters that KerasTuner makes of them."""

from numbers import Real


def sampled(hp, name: str, values, default=None):
    """Returns a hyperparameter's value, declaring it where it is new.

    Args:
        hp: The `keras_tuner.HyperParameters` of a trial.
        name: Its name.
        values: A list for a choice, or `(low, high)` or `(low, high, "log")` for a
            range with both ends; two integers make a range of integers.
        default: The value of a search's first trial. Default, and where this one is
            not among the values: the first of a list, the middle of a range.

    Raises:
        ValueError: The values have another form.

    Example:
        >>> sampled(hp, "learning_rate", (2e-5, 2e-3, "log"), 2e-4)
    """
    if isinstance(values, list) and values:
        return _choice(hp, name, values, default if default in values else values[0])
    low, high, sampling = _checked_range(name, values)
    if isinstance(low, int) and isinstance(high, int):
        declare, middle = hp.Int, (low + high) // 2
    else:
        declare, middle = hp.Float, (low + high) / 2
        if sampling == "log":
            middle = (low * high) ** 0.5
    inside = isinstance(default, Real) and low <= default <= high
    return declare(
        name, low, high, sampling=sampling, default=default if inside else middle
    )


def _choice(hp, name, values, first):
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        # KerasTuner would make a choice of them one of 0 and 1.
        both = len(set(values)) == 2
        return hp.Boolean(name, default=first) if both else hp.Fixed(name, first)
    if kinds == {int, float}:
        values, first = [float(value) for value in values], float(first)
    elif len(kinds) > 1 or not kinds <= {int, float, str}:
        raise ValueError(
            f"The choices of {name} are {values!r}: expected numbers, texts or truth "
            "values, all of one kind. A function as `space` can turn them into others."
        )
    return hp.Choice(name, values, default=first, ordered=False)


def _checked_range(name, values):
    numbers = values[:2] if isinstance(values, tuple) else ()
    sampling = values[2] if len(numbers) == 2 and len(values) == 3 else "linear"
    right = (
        len(numbers) == 2
        and len(values) <= 3
        and all(isinstance(n, Real) and not isinstance(n, bool) for n in numbers)
        and numbers[0] < numbers[1]
        and sampling in ("linear", "log")
        and (sampling == "linear" or numbers[0] > 0)
    )
    if not right:
        raise ValueError(
            f"The range of {name} is {values!r}: expected a list of choices, "
            '(low, high) or (low, high, "log") with low below high, and above 0 for '
            '"log".'
        )
    return *numbers, sampling
