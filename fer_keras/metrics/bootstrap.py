"""Bootstrap intervals: how much of a score is the luck of the test faces."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class BootstrapInterval(NamedTuple):
    """A score with its interval; arrays where the statistic is one."""

    estimate: float | np.ndarray
    """The statistic of the images themselves."""
    low: float | np.ndarray
    high: float | np.ndarray


def bootstrap_statistic(
    statistic: Callable[[np.ndarray], float | np.ndarray],
    count: int,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> BootstrapInterval:
    """Returns the percentile interval of any statistic of a set of images.

    What is resampled is images. Where an image has several values, as a face has
    six edits, the statistic takes all of those of each image drawn, so that edits
    of one face are not mistaken for independent ones. For two models on the same
    images, let the statistic return their difference: the draws are then paired.

    Args:
        statistic: Takes image indices, int64 `(count,)` with repetitions, and
            returns a number or an array whose shape does not change.
        count: Number of images.
        confidence: The interval's coverage, above 0 and below 1.
        resamples: Number of resamples. The same seed, count and number of resamples
            give the same draws whatever the statistic.
        seed: Seed of the draws.

    Raises:
        ValueError: No images, no resamples, or a confidence out of range.

    Example:
        >>> scores = np.array([0.0, 1.0, 1.0, 1.0])
        >>> bootstrap_statistic(lambda rows: np.median(scores[rows]), 4).estimate
        1.0

    Reference:
        Efron, Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13:
        percentile interval.
    """
    if count < 1 or resamples < 1:
        raise ValueError(
            f"Expected 1 or more images and resamples, got {count} and {resamples}."
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be above 0 and below 1, got {confidence}.")
    random = np.random.default_rng(seed)
    drawn = np.stack(
        [
            np.asarray(statistic(random.integers(count, size=count)), "float64")
            for _ in range(resamples)
        ]
    )
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    estimate = np.asarray(statistic(np.arange(count)), "float64")
    if estimate.ndim == 0:
        return BootstrapInterval(float(estimate), float(low), float(high))
    return BootstrapInterval(estimate, low, high)


def bootstrap_mean(
    values, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> BootstrapInterval:
    """Returns the mean of values of images, with its percentile interval.

    Args:
        values: Boolean or float `(count,)`, one for each image; or `(count, edits)`,
            a row for each image, which is drawn whole.
        confidence: The interval's coverage, above 0 and below 1.
        resamples: Number of resamples.
        seed: Seed of the draws.

    Raises:
        ValueError: No values, other shapes, NaN or infinity, or as
            `bootstrap_statistic`.

    Example:
        >>> bootstrap_mean([0.5, 0.5, 0.5])
        BootstrapInterval(estimate=0.5, low=0.5, high=0.5)

    Reference:
        Efron, Tibshirani (1993), chapter 13.
    """
    per_image = _image_means("values", values)
    return bootstrap_statistic(
        lambda rows: per_image[rows].mean(),
        len(per_image),
        confidence,
        resamples,
        seed,
    )


def bootstrap_difference(
    values_a,
    values_b,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> BootstrapInterval:
    """Returns by how much model a's mean exceeds model b's, paired over images.

    Both models saw the same images, and each draw takes the same ones of both: what
    makes an image hard for either cancels out, and the interval is narrower than two
    separate ones suggest. The models differ where it leaves out 0.

    Args:
        values_a: `(count,)` or `(count, edits)` as for `bootstrap_mean`.
        values_b: As `values_a`, of the same images in the same order.
        confidence: The interval's coverage, above 0 and below 1.
        resamples: Number of resamples.
        seed: Seed of the draws.

    Raises:
        ValueError: As `bootstrap_mean`, or not as many images of each.

    Example:
        >>> bootstrap_difference([1.0, 5.0, 9.0], [0.0, 4.0, 8.0])
        BootstrapInterval(estimate=1.0, low=1.0, high=1.0)

    Reference:
        Efron, Tibshirani (1993), chapter 13.
    """
    means_a = _image_means("values_a", values_a)
    means_b = _image_means("values_b", values_b)
    if len(means_a) != len(means_b):
        raise ValueError(
            f"Paired values must be of the same images, got {len(means_a)} and "
            f"{len(means_b)} of them."
        )
    return bootstrap_mean(means_a - means_b, confidence, resamples, seed)


def _image_means(name: str, values) -> np.ndarray:
    values = np.asarray(values, "float64")
    if values.ndim not in (1, 2) or values.size == 0:
        raise ValueError(
            f"{name} must have shape (count,) or (count, edits), got {values.shape}."
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"{name} hold NaN or infinity: leave those images out, and say how many."
        )
    return values if values.ndim == 1 else values.mean(axis=1)
