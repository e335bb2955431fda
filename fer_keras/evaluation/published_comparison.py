"""The published pictures in the tables, and everybody on the same 64 faces."""

import dataclasses

import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.edits import record_edits
from fer_keras.evaluation.evaluator import Evaluator
from fer_keras.evaluation.inversion import score_inversion
from fer_keras.evaluation.published import PublishedTransfers
from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.evaluation.result import Entry
from fer_keras.evaluation.transfer import score_transfer, transfer_details


class PublishedFaces:
    """Scores on the 64 published faces.

    A source is searched for among these and all faces of the evaluated split, and
    hits are relative to the judges' accuracy on that split.

    Args:
        evaluator: Of the split.
        published: The published pictures.
    """

    def __init__(self, evaluator: Evaluator, published: PublishedTransfers):
        self._evaluator = evaluator
        self._published = published
        self._rows = np.arange(len(published.labels))
        self._gallery = _joined(
            _seen(evaluator, published.images, published.labels), evaluator.real
        )

    def published_entry(self) -> Entry:
        """Returns the row of the paper's published results."""
        entry = self.entry(self._published)
        record = self._published.record_generation(self._evaluator.panel)
        self._evaluator.add_generation_scores(entry, record)
        return entry

    def entry(self, candidate: Candidate) -> Entry:
        """Returns a candidate's inversion and transfer of these 64 faces."""
        evaluator, entry = self._evaluator, Entry(candidate.name, candidate.kind)
        record = record_edits(candidate, self._gallery, evaluator.panel, self._rows)
        entry.scores["inversion"] = score_inversion(record, evaluator.resamples)
        entry.scores["transfer"] = score_transfer(
            record,
            hit_rates=evaluator.real.hit_rates,
            resamples=evaluator.resamples,
        )
        entry.details["transfer"] = transfer_details(
            record,
            evaluator.real.predictions,
            evaluator.real.labels,
            evaluator.panel.names,
        )
        return entry


def _seen(evaluator: Evaluator, images, labels) -> RealFaces:
    seen = evaluator.panel.observe(images)
    return RealFaces(
        images,
        labels,
        seen.predictions,
        seen.emotion_features,
        seen.identity_features,
        evaluator.panel.num_classes,
    )


def _joined(first: RealFaces, second: RealFaces) -> RealFaces:
    arrays = {
        field.name: np.concatenate(
            [getattr(first, field.name), getattr(second, field.name)],
            axis=int(field.name == "predictions"),
        )
        for field in dataclasses.fields(RealFaces)
        if field.name != "num_classes"
    }
    return RealFaces(**arrays, num_classes=first.num_classes)
