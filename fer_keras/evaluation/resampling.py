"""Scores with the draws behind their intervals, so that two can be compared."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from fer_keras.metrics import BootstrapInterval

RESAMPLES = 1000
CONFIDENCE = 0.95


class ResampledScore(NamedTuple):
    """A score and what it is on resamples of the images."""

    estimate: float
    draws: np.ndarray
    """float64 `(resamples,)`. Draw i of two scores took the same real images."""

    @property
    def interval(self) -> BootstrapInterval:
        """The estimate with its percentile interval, 95 %."""
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(self.draws, [tail, 1 - tail])
        return BootstrapInterval(float(self.estimate), float(low), float(high))

    def minus(self, other: "ResampledScore") -> "ResampledScore":
        """Returns by how much this exceeds another score, paired draw by draw.

        Raises:
            ValueError: They have not the same number of draws.
        """
        if len(self.draws) != len(other.draws):
            raise ValueError(
                f"Only scores with as many draws can be paired, got {len(self.draws)} "
                f"and {len(other.draws)}."
            )
        return ResampledScore(self.estimate - other.estimate, self.draws - other.draws)


Scores = dict[str, ResampledScore]
"""Scores by name."""


def resample(
    names: Sequence[str],
    statistic: Callable[[np.ndarray], Sequence[float]],
    count: int,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Scores:
    """Returns several scores of the same images with their draws.

    Args:
        names: The scores' names.
        statistic: Takes image indices, int64 `(count,)` with repetitions, and
            returns the scores in the names' order.
        count: Number of images.
        resamples: Number of draws.
        seed: Seed of the draws; they are those of
            `fer_keras.metrics.bootstrap_statistic`.

    Reference:
        Efron, Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    """
    random = np.random.default_rng(seed)
    draws = np.array(
        [statistic(random.integers(count, size=count)) for _ in range(resamples)],
        "float64",
    )
    estimates = statistic(np.arange(count))
    return {
        name: ResampledScore(float(estimate), column)
        for name, estimate, column in zip(names, estimates, draws.T, strict=True)
    }


def drawn_counts(count: int, resamples: int, seed: int) -> np.ndarray:
    """Returns how often each of `count` images is drawn, `(count, resamples)`."""
    random = np.random.default_rng(seed)
    return np.stack(
        [
            np.bincount(random.integers(count, size=count), minlength=count)
            for _ in range(resamples)
        ],
        axis=1,
    ).astype("float64")
