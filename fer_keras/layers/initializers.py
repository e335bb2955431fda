"""Weights N(0, 0.02), reproducible from one seed (Radford et al. 2016, section 4)."""

import zlib

import keras
import numpy as np


def seeded(seed: int | None, purpose: str) -> int | None:
    """Returns a seed for one purpose, so that no two layers draw the same numbers."""
    if seed is None:
        return None
    words = [seed & 0xFFFFFFFF, zlib.crc32(purpose.encode())]
    return int(np.random.SeedSequence(words).generate_state(1)[0] >> 1)


def normal(seed: int | None, purpose: str) -> keras.initializers.Initializer:
    """N(0, 0.02), for dense layers and transposed convolutions."""
    return keras.initializers.RandomNormal(0.0, 0.02, seed=seeded(seed, purpose))


def truncated_normal(seed: int | None, purpose: str) -> keras.initializers.Initializer:
    """N(0, 0.02) without values beyond two deviations, for convolutions."""
    return keras.initializers.TruncatedNormal(0.0, 0.02, seed=seeded(seed, purpose))
