"""Measures of generation, inversion and transfer: pure functions of arrays."""

from fer_keras.metrics.distribution_distances import (
    frechet_distance,
    frechet_influence,
    kernel_distance,
    kernel_influence,
)
from fer_keras.metrics.headline import harmonic_mean
from fer_keras.metrics.reconstruction import (
    mean_squared_error,
    peak_signal_to_noise_ratio,
    structural_similarity,
)
from fer_keras.metrics.retrieval import retrieval_ranks

__all__ = [
    "frechet_distance",
    "frechet_influence",
    "harmonic_mean",
    "kernel_distance",
    "kernel_influence",
    "mean_squared_error",
    "peak_signal_to_noise_ratio",
    "retrieval_ranks",
    "structural_similarity",
]
