"""A linear probe: what a set of features still tells about the emotion."""

from typing import NamedTuple

import numpy as np

from fer_keras.emotions import EMOTIONS
from fer_keras.metrics.input_checks import (
    check_feature_pair,
    check_features,
    check_labels,
    check_same_length,
)

_DECREMENT = 1e-10


class LinearProbe(NamedTuple):
    """A linear classifier of features."""

    weights: np.ndarray
    """float64 `(dimensions, num_classes)`."""
    bias: np.ndarray
    """float64 `(num_classes,)`."""

    def predict(self, features) -> np.ndarray:
        """Returns class ids int64 `(count,)` of features `(count, dimensions)`."""
        features = check_features("features", features)
        return (features @ self.weights + self.bias).argmax(axis=1)


def linear_probe(
    features,
    labels,
    test_features,
    test_labels,
    ridge: float = 1e-3,
    num_classes: int = len(EMOTIONS),
) -> float:
    """Returns the test accuracy of a linear classifier of features, 0 to 1.

    Beside an identity encoder's retrieval score it says how much emotion that
    encoder tells: the nearer to the share of the commonest class, the less a
    changed emotion alone can cost rank.

    Args:
        features: Float `(count, dimensions)`, of training faces.
        labels: Integer `(count,)`.
        test_features: Float `(test_count, dimensions)`.
        test_labels: Integer `(test_count,)`.
        ridge: As for `fit_linear_probe`.
        num_classes: Number of classes.

    Raises:
        ValueError: Other shapes, ids out of range, NaN or infinity.

    Reference:
        Alain, Bengio, "Understanding Intermediate Layers Using Linear Classifier
        Probes" (2016), section 3.
    """
    features, test_features = check_feature_pair(
        "features", features, "test_features", test_features
    )
    test_labels = check_labels("test_labels", test_labels, num_classes)
    check_same_length(test_features=test_features, test_labels=test_labels)
    probe = fit_linear_probe(features, labels, ridge, num_classes)
    return float(np.mean(probe.predict(test_features) == test_labels))


def fit_linear_probe(
    features,
    labels,
    ridge: float = 1e-3,
    num_classes: int = len(EMOTIONS),
    iterations: int = 1000,
) -> LinearProbe:
    """Returns the multinomial logistic regression of labels on features.

    Minimises the mean cross-entropy plus half of `ridge` times the squared weights
    of features scaled to mean 0 and deviation 1; the bias goes free. The problem is
    convex and the start is fixed, so there is no seed and one answer.

    Args:
        features: Float `(count, dimensions)`.
        labels: Integer `(count,)`.
        ridge: Strength of the penalty, above 0.
        num_classes: Number of classes.
        iterations: The most steps to take.

    Raises:
        ValueError: Other shapes, ids out of range, NaN or infinity, or a ridge of 0
            or less.

    Reference:
        Böhning, "Multinomial Logistic Regression Algorithm" (1992), section 2: one
        bound on the Hessian for all steps, here with the accelerated steps and
        restarts of O'Donoghue, Candès, "Adaptive Restart for Accelerated Gradient
        Schemes" (2015), section 3.2.
    """
    features = check_features("features", features)
    labels = check_labels("labels", labels, num_classes)
    check_same_length(features=features, labels=labels)
    if not ridge > 0:
        raise ValueError(f"ridge must be above 0, got {ridge}.")
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    # A feature that never changes tells nothing: dividing it by its rounding
    # noise would make it look as if it did.
    deviation = np.where(deviation > 1e-12 * np.abs(mean).clip(1), deviation, np.inf)
    scaled = np.column_stack([(features - mean) / deviation, np.ones(len(features))])
    coefficients = _minimise(scaled, np.eye(num_classes)[labels], ridge, iterations)
    weights = coefficients[:-1] / deviation[:, None]
    return LinearProbe(weights, coefficients[-1] - mean @ weights)


def _minimise(
    rows: np.ndarray, one_hot: np.ndarray, ridge: float, iterations: int
) -> np.ndarray:
    penalty = np.full((rows.shape[1], 1), ridge)
    penalty[-1] = 0.0
    # The Hessian is at most half the rows' second moment for each class.
    bound = rows.T @ rows / (2 * len(rows)) + np.diag(penalty[:, 0])
    inverse_bound = np.linalg.inv(bound)
    coefficients = ahead = np.zeros((rows.shape[1], one_hot.shape[1]))
    momentum = 1.0
    for _ in range(iterations):
        errors = _softmax(rows @ ahead) - one_hot
        gradient = rows.T @ errors / len(rows) + penalty * ahead
        step = inverse_bound @ gradient
        if np.sum(step * gradient) < _DECREMENT:
            return ahead
        following = ahead - step
        if np.sum(gradient * (following - coefficients)) > 0:
            momentum = 1.0
        next_momentum = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / next_momentum * (following - coefficients)
        coefficients, momentum = following, next_momentum
    return coefficients


def _softmax(logits: np.ndarray) -> np.ndarray:
    logits = logits - logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    return logits / logits.sum(axis=1, keepdims=True)
