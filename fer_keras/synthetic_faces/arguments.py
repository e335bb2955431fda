"""Checks of what a caller gave."""

import numpy as np


def whole_number(name: str, value: int, least: int = 0) -> int:
    """Returns `value` as an int.

    Raises:
        ValueError: It is no integer, or less than `least`.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"Expected {name} to be an integer, got {value!r}.")
    if value < least:
        raise ValueError(f"Expected {name} to be {least} or more, got {value}.")
    return int(value)
