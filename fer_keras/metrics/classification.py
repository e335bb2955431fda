"""What a judge says of images whose label is known or was asked for."""

import numpy as np

from fer_keras.emotions import EMOTIONS
from fer_keras.metrics.input_checks import check_labels, check_same_length


def accuracy(labels, predictions, num_classes: int = len(EMOTIONS)) -> float:
    """Returns the share of predictions that equal their label, 0 to 1.

    Args:
        labels: Integer `(count,)`: true labels, or those that a generator was asked
            for (label accuracy of generated faces).
        predictions: Integer `(count,)`, the judge's.
        num_classes: Number of classes.

    Raises:
        ValueError: Not such ids, or not as many of each.

    Example:
        >>> accuracy([0, 3, 3, 6], [0, 3, 4, 6])
        0.75
    """
    labels, predictions = _checked(labels, predictions, num_classes)
    return float(np.mean(labels == predictions))


def confusion_matrix(
    labels, predictions, num_classes: int = len(EMOTIONS)
) -> np.ndarray:
    """Returns how often each label was judged each class.

    Args:
        labels: Integer `(count,)`, true or asked for.
        predictions: Integer `(count,)`, the judge's.
        num_classes: Number of classes.

    Returns:
        int64 `(num_classes, num_classes)` of counts; rows are labels, columns
        predictions.

    Raises:
        ValueError: Not such ids, or not as many of each.

    Example:
        >>> confusion_matrix([0, 0, 1], [0, 1, 1], num_classes=2)
        array([[1, 1],
               [0, 1]])
    """
    labels, predictions = _checked(labels, predictions, num_classes)
    cells = np.bincount(labels * num_classes + predictions, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def class_hit_rates(
    labels, predictions, num_classes: int = len(EMOTIONS)
) -> np.ndarray:
    """Returns for each class the share of its images judged as it (recall).

    Args:
        labels: Integer `(count,)`, true or asked for.
        predictions: Integer `(count,)`, the judge's.
        num_classes: Number of classes.

    Returns:
        float64 `(num_classes,)` in 0 to 1; NaN for a class without images.

    Raises:
        ValueError: Not such ids, or not as many of each.

    Example:
        >>> class_hit_rates([0, 0, 1], [0, 1, 1], num_classes=3)
        array([0.5, 1. , nan])
    """
    matrix = confusion_matrix(labels, predictions, num_classes)
    images = matrix.sum(axis=1)
    return np.where(images > 0, np.diag(matrix) / np.maximum(images, 1), np.nan)


def _checked(labels, predictions, num_classes: int):
    labels = check_labels("labels", labels, num_classes)
    predictions = check_labels("predictions", predictions, num_classes)
    check_same_length(labels=labels, predictions=predictions)
    return labels, predictions
