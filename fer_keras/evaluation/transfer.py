"""Transfer: is the asked emotion there, and is the person still?"""

import numpy as np

from fer_keras.evaluation.edits import EditRecord
from fer_keras.evaluation.resampling import RESAMPLES, Scores, resample
from fer_keras.metrics import harmonic_mean, transfer_matrix

TRANSFER_SCORES = {
    "target_hit": "target hit",
    "relative_hit": "relative hit",
    "source_kept": "source kept",
    "rank_1": "rank 1",
    "rank_10": "rank 10",
    "outside_similarity": "SSIM outside",
    "headline": "headline",
}
"""The scores of a transfer and what the tables call them."""


def score_transfer(
    record: EditRecord,
    recognised: np.ndarray | None = None,
    hit_rates: np.ndarray | None = None,
    resamples: int = RESAMPLES,
) -> Scores:
    """Returns the scores of all edits to other emotions.

    `target_hit` and `source_kept` are the shares of edits to which all judges give
    the target's or the source's emotion. `relative_hit` divides the hits by what
    the judges make of real faces, class by class as the targets have them, so that
    1 is "recognised as often as real faces". `rank_1` and `rank_10` are the shares
    whose source is found first, or among the first ten, of all real faces.
    `headline` is the harmonic mean of `relative_hit` and `rank_1`: the unchanged
    face fails in the one and the class mean in the other. Faces are drawn with all
    their edits, and with them the judges' accuracy on them.

    Args:
        record: The edits of some faces.
        recognised: Boolean `(count,)`: which of these faces, unchanged, all judges
            give their own label (`RealFaces.recognised`).
        hit_rates: float `(num_classes,)`: instead, the judges' hit rates on other
            real faces, which are then taken as given.
        resamples: Number of bootstrap draws over the faces.

    Raises:
        ValueError: Neither `recognised` nor `hit_rates` was given, or both.
    """
    if (recognised is None) == (hit_rates is None):
        raise ValueError("Give either `recognised` or `hit_rates`.")
    if hit_rates is not None:

        def rates_of(rows):
            return np.asarray(hit_rates, "float64")

    else:
        rates_of = _class_rates(record, np.asarray(recognised))
    per_face = np.stack(
        [
            record.of_edits(hits_of_targets(record)).mean(axis=1),
            record.of_edits(kept_sources(record)).mean(axis=1),
            record.of_edits(record.ranks <= 1).mean(axis=1),
            record.of_edits(record.ranks <= 10).mean(axis=1),
            record.of_edits(record.outside_similarity).mean(axis=1),
        ],
        axis=1,
    )

    def statistic(rows):
        hit, kept, first, among_ten, outside = per_face[rows].mean(axis=0)
        rates = rates_of(rows)
        own = rates[record.labels[rows]].mean()
        expected = (rates.sum() - own) / (len(rates) - 1)
        relative = hit / expected if expected > 0 else 0.0
        both = harmonic_mean(relative, first)
        return hit, relative, kept, first, among_ten, outside, both

    return resample(tuple(TRANSFER_SCORES), statistic, len(record), resamples)


def hits_of_targets(record: EditRecord) -> np.ndarray:
    """Boolean `(count, num_classes)`: all judges see the column's emotion."""
    targets = np.arange(record.ranks.shape[1])
    return (record.predictions == targets).all(axis=0)


def kept_sources(record: EditRecord) -> np.ndarray:
    """Boolean `(count, num_classes)`: all judges still see the source's emotion."""
    return (record.predictions == record.labels[:, None]).all(axis=0)


def _class_rates(record: EditRecord, recognised: np.ndarray):
    classes = record.ranks.shape[1]
    everywhere = np.bincount(record.labels, recognised, minlength=classes)
    everywhere = everywhere / np.bincount(record.labels, minlength=classes).clip(1)

    def rates_of(rows):
        labels = record.labels[rows]
        count = np.bincount(labels, minlength=classes)
        hits = np.bincount(labels, recognised[rows], minlength=classes)
        # A draw may leave out all faces of a rare class: it keeps its rate.
        return np.where(count > 0, hits / count.clip(1), everywhere)

    return rates_of


def transfer_details(record: EditRecord, real_predictions, real_labels, names) -> dict:
    """Returns what stands behind the scores: by emotion and by judge.

    Args:
        record: The edits.
        real_predictions: int8 `(judges, count)`, of real faces unchanged.
        real_labels: int64 `(count,)`, of these.
        names: The judges' names.

    Returns:
        `matrix`, the hit rates from each emotion (row) to each other (column) with
        None on the diagonal; `judges`, for each its hit rate and its accuracy on
        real faces.
    """
    classes = record.ranks.shape[1]
    sources = np.repeat(record.labels, classes - 1)
    targets = record.of_edits(np.tile(np.arange(classes), (len(record), 1))).ravel()
    hits = record.of_edits(hits_of_targets(record)).ravel()
    judges = {}
    for name, predictions, real in zip(
        names, record.predictions, real_predictions, strict=True
    ):
        own_hits = predictions == np.arange(classes)
        judges[name] = {
            "target_hit": float(record.of_edits(own_hits).mean()),
            "accuracy_on_real_faces": float(np.mean(real == real_labels)),
        }
    return {
        "matrix": without_nan(transfer_matrix(sources, targets, hits, classes)),
        "judges": judges,
    }


def without_nan(table: np.ndarray) -> list:
    """Returns a table as lists with None for NaN, as JSON needs."""
    return [[None if np.isnan(cell) else float(cell) for cell in row] for row in table]
