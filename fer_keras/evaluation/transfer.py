"""Scores of edits: the emotion, the person, and whether the faces are real ones."""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import confusion_matrix

from fer_keras.evaluation.edits import EditRecord, RealFaces
from fer_keras.evaluation.scores import Bootstrap, Score, combined
from fer_keras.metrics import (
    frechet_distance,
    frechet_influence,
    harmonic_mean,
    kernel_distance,
    kernel_influence,
)

FEWEST_OF_A_CLASS = 200
"""An emotion with fewer real faces says too little about itself."""


def score_transfer(record: EditRecord, real: RealFaces, faces: Bootstrap) -> dict:
    """Returns the scores of all edits to other emotions.

    `target_hit` and `source_kept` are the shares of edits in which all judges see the
    target's or the source's emotion. `relative_hit` divides the hits by the share of
    real faces of the targets that the judges recognise: 1 is "as often as real faces".
    `identity_distance` is the mean distance to the source, `rank_1` and `rank_10` the
    shares of edits whose source is found first, or among ten, of all real faces.
    `headline` is the harmonic mean of `relative_hit`, capped at 1, and `rank_1`.

    Args:
        record: The edits.
        real: The real faces.
        faces: Draws of the sources.
    """
    sources = record.labels[:, None, None]
    kept = (record.predictions == sources).all(axis=2)
    hit = faces.mean(record.of_edits(record.hits))
    relative = _relative(record.hits, record.labels, real.recognised(), faces)
    rank_1 = faces.mean(record.of_edits(record.ranks <= 1))
    return {
        "target_hit": hit,
        "relative_hit": relative,
        "source_kept": faces.mean(record.of_edits(kept)),
        "identity_distance": faces.mean(record.of_edits(record.distances)),
        "rank_1": rank_1,
        "rank_10": faces.mean(record.of_edits(record.ranks <= 10)),
        "headline": combined(
            lambda hits, rank: harmonic_mean(np.minimum(hits, 1.0), rank),
            relative,
            rank_1,
        ),
    }


def score_hits_by_judge(
    record: EditRecord,
    real: RealFaces,
    names: Sequence[str],
    faces: Bootstrap,
    plurality: np.ndarray | None = None,
    rows: np.ndarray | None = None,
) -> dict[str, Score]:
    """Returns relative hits of each judge alone, and of all by FER+ labels.

    Args:
        record: The edits.
        real: The real faces.
        names: The judges' names.
        faces: Draws of the sources.
        plurality: Integer `(real faces,)`: the FER+ labels of the split, -1 for none.
            The edits are then those to another emotion than this, relative to real
            faces of this label.
        rows: The sources' rows in the split, where `plurality` is given.
    """
    targets = np.arange(real.num_classes)
    scores = {}
    for column, name in enumerate(names):
        right = real.seen.predictions[:, column] == real.labels
        rates = [right[real.labels == target].mean() for target in targets]
        hits = record.predictions[:, :, column] == targets
        scores[name] = _relative(hits, record.labels, np.array(rates), faces)
    if plurality is not None:
        rates = real.recognised(plurality)
        scores["all, by FER+"] = _relative(record.hits, plurality[rows], rates, faces)
    return scores


def _relative(hits, labels, rates, faces: Bootstrap) -> Score:
    """Returns the hits relative to what the judges recognise of real faces.

    Targets that the judges recognise in no real face, sources without a label and the
    sources' own emotions are left out.
    """
    counted = (labels[:, None] != np.arange(hits.shape[1])) & (labels >= 0)[:, None]
    counted &= rates > 0
    made = faces.mean(np.where(counted, hits, np.nan))
    expected = faces.mean(np.where(counted, rates, np.nan))
    return combined(lambda a, b: a / np.maximum(b, 1e-9), made, expected)


def score_likeness(
    record: EditRecord,
    real: RealFaces,
    names: Sequence[str],
    faces: Bootstrap,
    split: Bootstrap,
) -> dict[str, Score]:
    """Returns the distances of the edits to each emotion from its real faces.

    An edit that stamps one grimace on everybody is far from them, however often the
    judges see the emotion. By name: `edits_kernel` and `edits_frechet`, the means over
    the emotions, and the kernel distance of each emotion.

    Args:
        record: The edits.
        real: The real faces; emotions with fewer than 200 are left out.
        names: The emotions' names.
        faces: Draws of the sources.
        split: Draws of the real faces.
    """
    kernel, frechet = {}, {}
    for target, name in enumerate(names):
        of_real = np.flatnonzero(real.labels == target)
        sources = np.flatnonzero(record.labels != target)
        if len(of_real) < FEWEST_OF_A_CLASS or len(sources) < 2:
            continue
        pair = real.seen.features[of_real], record.features[sources, target]
        for found, distance, influence in (
            (kernel, kernel_distance, kernel_influence),
            (frechet, frechet_distance, frechet_influence),
        ):
            value, (pulls, others) = distance(*pair), influence(*pair)
            draws = value + split.shift(pulls, of_real) + faces.shift(others, sources)
            found[name] = Score(value, draws)
    if not kernel:
        return {}
    return {
        "edits_kernel": combined(_mean, *kernel.values()),
        "edits_frechet": combined(_mean, *frechet.values()),
        **kernel,
    }


def _mean(*values):
    return sum(values) / len(values)


def transfer_matrix(record: EditRecord) -> list:
    """Returns the hit rate from each emotion (row) to each other (column).

    Returns:
        Lists with None where there is no edit, as on the diagonal.
    """
    classes = record.ranks.shape[1]
    rates = np.full((classes, classes), None, object)
    for source in np.unique(record.labels):
        rates[source] = record.hits[record.labels == source].mean(axis=0)
        rates[source, source] = None
    return rates.tolist()


def asked_and_seen(asked: np.ndarray, seen: np.ndarray, num_classes: int) -> list:
    """Returns shares of faces by the emotion asked for (row) and seen (column)."""
    labels = range(num_classes)
    return confusion_matrix(asked, seen, labels=labels, normalize="true").tolist()
