"""Scores with the draws behind their intervals, so that two can be compared."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A score with its 95 % percentile interval."""

    estimate: float
    low: float
    high: float


class Score(NamedTuple):
    """A score and what it is on resamples of the faces."""

    estimate: float
    draws: np.ndarray
    """float64 `(resamples,)`. Draw i of two scores took the same real faces."""

    @property
    def interval(self) -> Interval:
        """The estimate with its percentile interval."""
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(self.draws, [tail, 1 - tail])
        return Interval(float(self.estimate), float(low), float(high))

    def minus(self, other: "Score") -> "Score":
        """Returns by how much this exceeds another score, paired draw by draw."""
        return Score(self.estimate - other.estimate, self.draws - other.draws)


class Bootstrap:
    """Draws faces with repetition; each draw is how often each face was drawn.

    A face is drawn with all its edits, so that edits of one face are not mistaken for
    independent ones, and every candidate is scored on the same draws.

    Args:
        count: Number of faces.
        resamples: Number of draws.
        seed: Of the draws.

    Reference:
        Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    """

    def __init__(self, count: int, resamples: int = 1000, seed: int = 0):
        random = np.random.default_rng(seed)
        even = np.full(count, 1 / count)
        # float32 `(resamples, count)`, of mean 1.
        self.weights = random.multinomial(count, even, resamples).astype("float32")

    def mean(self, values: np.ndarray) -> Score:
        """Returns the mean of values `(count,)`, or of a row of values for each face.

        NaN stands for a value that a face does not have.
        """
        values = np.asarray(values, "float64").reshape(len(values), -1)
        known = ~np.isnan(values)
        sums = np.where(known, values, 0.0).sum(axis=1)
        counts = known.sum(axis=1)
        draws = (self.weights @ sums) / np.maximum(self.weights @ counts, 1e-9)
        return Score(float(sums.sum() / max(counts.sum(), 1)), draws)

    def shift(
        self, influence: np.ndarray, rows: np.ndarray | None = None
    ) -> np.ndarray:
        """Returns what the draws add to a statistic, in first order.

        Args:
            influence: float `(values,)`: how much each value pulls at the statistic.
            rows: The face of each value. Default: one value a face.
        """
        weights = self.weights if rows is None else self.weights[:, rows]
        return weights @ (np.asarray(influence) / len(influence))


def combined(function: Callable, *scores: Score) -> Score:
    """Returns a function of scores, with its draws."""
    return Score(
        float(function(*(score.estimate for score in scores))),
        function(*(score.draws for score in scores)),
    )
