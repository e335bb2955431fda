"""Mean and covariance of features that arrive in batches."""

import numpy as np

from fer_keras.metrics.input_checks import check_features


class FeatureStatistics:
    """Mean and covariance of a stream of features, in one pass.

    Memory is one `(dimensions, dimensions)` matrix however many rows come. Batches
    are joined by their own means (Chan et al.), which loses no digits when the mean
    is large against the deviation, as sums of squares would.

    Args:
        count: Number of rows already seen, to go on from kept statistics.
        mean: Their mean, `(dimensions,)`.
        covariance: Their unbiased covariance, `(dimensions, dimensions)`.

    Raises:
        ValueError: Only some of the three were given, or their shapes disagree.

    Example:
        >>> statistics = FeatureStatistics()
        >>> statistics.update([[0.0, 1.0], [2.0, 1.0]]).update([[4.0, 4.0]]).mean
        array([2., 2.])

    Reference:
        Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for
        Computing Sample Variances" (1979), equation 2.1.
    """

    def __init__(self, count: int = 0, mean=None, covariance=None):
        if len({bool(count), mean is not None, covariance is not None}) > 1:
            raise ValueError(
                "Give count, mean and covariance together, or none of them."
            )
        self.count = int(count)
        self._mean = self._scatter = None
        if count:
            self._mean = np.array(mean, "float64")
            self._scatter = np.array(covariance, "float64") * (self.count - 1)
            if self._scatter.shape != self._mean.shape * 2:
                raise ValueError(
                    "Expected a mean (dimensions,) and a covariance (dimensions, "
                    f"dimensions), got {self._mean.shape} and {self._scatter.shape}."
                )

    def update(self, features) -> "FeatureStatistics":
        """Takes in rows `(count, dimensions)`; returns itself.

        Raises:
            ValueError: Not such an array, NaN or infinity in it, or another number
                of dimensions than before.
        """
        features = check_features("features", features)
        mean = features.mean(axis=0)
        centred = features - mean
        self._join(len(features), mean, centred.T @ centred)
        return self

    def merge(self, other: "FeatureStatistics") -> "FeatureStatistics":
        """Takes in what another one has seen; returns itself."""
        if other.count:
            self._join(other.count, other._mean, other._scatter.copy())
        return self

    def _join(self, count: int, mean: np.ndarray, scatter: np.ndarray) -> None:
        if self.count == 0:
            self.count, self._mean, self._scatter = count, mean.copy(), scatter
            return
        if mean.shape != self._mean.shape:
            raise ValueError(
                f"Expected features of {len(self._mean)} dimensions as before, got "
                f"{len(mean)}."
            )
        total = self.count + count
        shift = mean - self._mean
        self._scatter += scatter
        self._scatter += np.outer(shift, shift * (self.count * count / total))
        self._mean += shift * (count / total)
        self.count = total

    @property
    def mean(self) -> np.ndarray:
        """The mean, float64 `(dimensions,)`."""
        self._need(1)
        return self._mean.copy()

    @property
    def covariance(self) -> np.ndarray:
        """The unbiased covariance, float64 `(dimensions, dimensions)`."""
        self._need(2)
        return self._scatter / (self.count - 1)

    def _need(self, rows: int) -> None:
        if self.count < rows:
            raise ValueError(
                f"Expected {rows} or more rows before this is asked, saw {self.count}."
            )
