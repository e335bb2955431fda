"""Copies of a network: not trained, or of another precision."""


def frozen_copy(network):
    """Returns a copy of a network that is not trained."""
    copy = _copy(network)
    copy.trainable = False
    return copy


def in_precision(network, precision):
    """Returns a network, or a copy of it where its precision is another.

    Args:
        network: An `Encoder`, `Generator` or `Discriminator`. Its weights are float32
            in every precision; that of the calculation is what differs.
        precision: "float32", "mixed_bfloat16" or "mixed_float16".
    """
    if network.dtype_policy.name == precision:
        return network
    return _copy(network, dtype=precision)


def _copy(network, **changes):
    copy = type(network).from_config({**network.get_config(), **changes})
    for mine, theirs in zip(copy.variables, network.variables, strict=True):
        mine.assign(theirs)
    return copy
