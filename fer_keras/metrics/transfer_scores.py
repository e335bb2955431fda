"""Did the edit reach the emotion that was asked for?"""

import numpy as np

from fer_keras.emotions import EMOTIONS
from fer_keras.metrics.input_checks import check_labels, check_same_length


def transfer_pairs(
    labels, num_classes: int = len(EMOTIONS)
) -> tuple[np.ndarray, np.ndarray]:
    """Returns every edit of every face to every emotion but its own.

    Args:
        labels: Integer `(count,)`, the faces' own emotions.
        num_classes: Number of classes.

    Returns:
        Two int64 arrays `(count * (num_classes - 1),)`: the row of each edit's
        source face, and its target. The edits of a face stand together, targets
        rising, so `values.reshape(count, -1)` has a row for each face, as the
        bootstrap needs.

    Raises:
        ValueError: Not such ids.

    Example:
        >>> transfer_pairs([1, 0], num_classes=3)
        (array([0, 0, 1, 1]), array([0, 2, 1, 2]))
    """
    labels = check_labels("labels", labels, num_classes)
    rows, targets = np.nonzero(labels[:, None] != np.arange(num_classes))
    return rows, targets


def judged_as(labels, *predictions, num_classes: int = len(EMOTIONS)) -> np.ndarray:
    """Returns for each image whether every judge gives it this label.

    With the target as label these are the hits of an edit; with the source, the
    edits that changed nothing; with the true label of real faces, what the judges
    can do at all.

    Args:
        labels: Integer `(count,)`.
        *predictions: Integer `(count,)` of each judge, one judge or more.
        num_classes: Number of classes.

    Returns:
        Boolean `(count,)`.

    Raises:
        ValueError: No judge, not such ids, or not as many of each.

    Example:
        >>> judged_as([3, 3, 3], [3, 3, 0], [3, 6, 0])
        array([ True, False, False])
    """
    if not predictions:
        raise ValueError("Give the predictions of one judge or more.")
    labels = check_labels("labels", labels, num_classes)
    agreed = np.ones(len(labels), bool)
    for prediction in predictions:
        prediction = check_labels("predictions", prediction, num_classes)
        check_same_length(labels=labels, predictions=prediction)
        agreed &= prediction == labels
    return agreed


def relative_hit(hits, judge_accuracy) -> float:
    """Returns the hit rate of edits relative to what the judge can see in real faces.

    1 means that edited faces are recognised as often as real ones. It exceeds 1
    where they are more typical than real faces, as class means are, so read it
    beside the identity scores and not as a share.

    Args:
        hits: Boolean `(count,)`, one for each edit (`judged_as` the target).
        judge_accuracy: The same judges' accuracy on real faces, above 0 and up to
            1; or float `(count,)`, for each edit that on its target class
            (`class_hit_rates(...)[targets]`), which weighs the classes as the
            edits do: all emotions are targets about equally, but not equally
            frequent among real faces, nor equally hard.

    Raises:
        ValueError: No hits, or an accuracy that is out of range or not one for each.

    Example:
        >>> relative_hit([True, False, True, False], judge_accuracy=0.8)
        0.625
    """
    hits = np.asarray(hits)
    if hits.ndim != 1 or len(hits) == 0 or hits.dtype != bool:
        raise ValueError(
            f"hits must be booleans, one for each edit, got {hits.dtype} of shape "
            f"{hits.shape}."
        )
    judge_accuracy = np.asarray(judge_accuracy, "float64")
    if judge_accuracy.shape not in ((), hits.shape):
        raise ValueError(
            f"judge_accuracy must be one number or one for each of {len(hits)} "
            f"edits, got shape {judge_accuracy.shape}."
        )
    expected = judge_accuracy.mean()
    if not (0 < expected <= 1 and (judge_accuracy >= 0).all()):
        raise ValueError(
            f"judge_accuracy must be above 0 and at most 1, got {expected}. A judge "
            "that recognises no real face cannot judge edits."
        )
    return float(hits.mean() / expected)


def source_kept(source_labels, *predictions, num_classes: int = len(EMOTIONS)) -> float:
    """Returns the share of edits that every judge still gives the source's emotion.

    Args:
        source_labels: Integer `(count,)`, the emotion of each edit's source face.
        *predictions: Integer `(count,)` of each judge on the edited faces.
        num_classes: Number of classes.

    Raises:
        ValueError: No judge, not such ids, or not as many of each.

    Example:
        >>> source_kept([0, 0, 1, 1], [0, 3, 3, 3])
        0.25
    """
    return float(judged_as(source_labels, *predictions, num_classes=num_classes).mean())


def transfer_matrix(
    source_labels, target_labels, hits, num_classes: int = len(EMOTIONS)
) -> np.ndarray:
    """Returns the hit rate of the edits from each emotion to each other.

    Args:
        source_labels: Integer `(count,)`, the emotion of each edit's source face.
        target_labels: Integer `(count,)`, the emotion asked for.
        hits: `(count,)`, boolean, or any value to average in the cells.
        num_classes: Number of classes.

    Returns:
        float64 `(num_classes, num_classes)`; rows are sources, columns targets;
        NaN where there is no edit, as on the diagonal.

    Raises:
        ValueError: Not such ids, or not as many of each.

    Example:
        >>> transfer_matrix([0, 0, 1], [1, 1, 0], [True, False, True], num_classes=2)
        array([[nan, 0.5],
               [1. , nan]])
    """
    sources = check_labels("source_labels", source_labels, num_classes)
    targets = check_labels("target_labels", target_labels, num_classes)
    hits = np.asarray(hits, "float64")
    check_same_length(source_labels=sources, target_labels=targets, hits=hits)
    cells = sources * num_classes + targets
    edits = np.bincount(cells, minlength=num_classes**2)
    sums = np.bincount(cells, weights=hits, minlength=num_classes**2)
    means = np.where(edits > 0, sums / np.maximum(edits, 1), np.nan)
    return means.reshape(num_classes, num_classes)


def harmonic_mean(*scores: float) -> float:
    """Returns the harmonic mean of scores of 0 or more; 0 where any of them is 0.

    The headline of a transfer is that of `relative_hit` and rank-1 retrieval: the
    unchanged face has no hit and the class mean no rank, so neither scores.

    Args:
        *scores: One or more numbers.

    Raises:
        ValueError: None given, or one is negative, NaN or infinite.

    Example:
        >>> harmonic_mean(1.0, 0.5)
        0.6666666666666666
    """
    values = np.asarray(scores, "float64")
    if len(values) == 0 or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(f"Expected finite scores of 0 or more, got {scores}.")
    if (values == 0).any():
        return 0.0
    return float(len(values) / np.sum(1 / values))
