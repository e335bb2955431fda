"""By how much several replicas may differ from one."""

import numpy as np

from helpers.replica_training import ADAM_RATE, STEPS

# The sums over a batch are taken in another order: each of 20 steps rounds its
# gradient, a sum of some hundred numbers, by some 1e-6 of it, and moves by a hundredth
# of that. Measured: 1.3e-7 at most.
ROUNDING = 1e-6
# A bias whose mean normalisation takes out again has a gradient of zero but for
# rounding. Adam divides even that by its own size: up to one rate a step, one way
# here and the other way there. Only the moving mean follows it, and takes it out.
ADAM_NOISE = 2 * STEPS * ADAM_RATE


NORMALIZED_AWAY = [
    "generator/2/bias",
    "generator/9/bias",
    "discriminator/5/bias",
    "encoder/3/bias",
]


def bound_and_kind(name, expected):
    """Returns by how much a value may differ and what kind of value it is."""
    case, rest = name.split("/", 1)
    size = np.abs(expected).max()
    if rest.startswith("log/"):
        if "adam" in case and rest.startswith("log/val_"):
            # The moving means have a part in it.
            return 1e-4 * size, "validation logs, Adam"
        # An error may be next to nothing.
        return 2e-6 * size + 1e-12, "logs"
    moves = rest in NORMALIZED_AWAY or rest.endswith("moving_mean")
    if "adam" in case and moves:
        return ADAM_NOISE, "moved by rounding alone, Adam"
    return ROUNDING, "weights"


def differences(found, expected):
    """Returns the largest difference of each kind, and what is out of bounds."""
    assert set(found) <= set(expected)
    assert found
    largest, outside = {}, []
    for name, values in found.items():
        difference = np.abs(values - expected[name]).max()
        bound, kind = bound_and_kind(name, expected[name])
        largest[kind] = max(float(difference), largest.get(kind, 0.0))
        if not difference <= bound:
            outside.append(f"{name}: {difference:.1e}")
    return largest, outside
