"""Random numbers that depend on a seed, a purpose and a number, and nothing else."""

import numpy as np

IDENTITY_STREAM, NOISE_STREAM, LABEL_STREAM = range(3)


def random_stream(stream: int, seed: int, index: int) -> np.random.Generator:
    """Returns a generator of its own for one purpose and one number in it."""
    return np.random.default_rng((stream, seed, index))
