"""Measures candidates on one split, by one set of judges."""

from collections.abc import Callable, Sequence

import numpy as np

from fer_keras.emotions import class_names
from fer_keras.evaluation.candidates import Candidate
from fer_keras.evaluation.controls import TrainingFaces
from fer_keras.evaluation.edits import RealFaces, record_edits
from fer_keras.evaluation.generation import (
    TrainingNeighbours,
    generated_faces,
    record_generation,
    score_generation,
)
from fer_keras.evaluation.observations import JudgeSet, Observations
from fer_keras.evaluation.published import PublishedPictures
from fer_keras.evaluation.result import Entry
from fer_keras.evaluation.scores import Bootstrap
from fer_keras.evaluation.transfer import (
    asked_and_seen,
    score_hits_by_judge,
    score_likeness,
    score_transfer,
    transfer_matrix,
)

Split = tuple[np.ndarray, np.ndarray]


class Evaluator:
    """Measures candidates on one split, by one set of judges.

    Args:
        judges: Who looks.
        split: Images uint8 `(count, height, width, 1)` and labels int64 `(count,)` to
            measure on. All of it is the gallery.
        train: The training split: for the controls, and to find copies.
        sources: How many faces of the split are changed, a fixed sample; 0: all.
        faces_per_class: How many faces of each emotion a candidate generates.
        resamples: Number of bootstrap draws.
        seed: Of the noise of generated faces.
        ferplus: FER+'s plurality labels of the split, int64 `(count,)`, -1 for none.
        emotions: The classes' names. Default: FER2013's, or numbers.
        truth_of: For drawn faces, see `record_edits`.
        report: Told what is being done. Default: nobody.

    Raises:
        ValueError: The split is empty or has a class without a face.

    Example:
        >>> evaluator = Evaluator(JudgeSet.load(), validation, train)
        >>> evaluator.measure(open_model("runs/first")).scores["transfer"]["headline"]
    """

    def __init__(
        self,
        judges: JudgeSet,
        split: Split,
        train: Split,
        sources: int = 400,
        faces_per_class: int = 400,
        resamples: int = 1000,
        seed: int = 0,
        ferplus: np.ndarray | None = None,
        emotions: Sequence[str] | None = None,
        truth_of: Callable | None = None,
        report: Callable[[str], None] = lambda text: None,
    ):
        self.judges = judges
        self.faces_per_class = faces_per_class
        self.resamples = resamples
        self.seed = seed
        self.ferplus = ferplus
        self.emotions = emotions or class_names(judges.num_classes)
        self._truth_of = truth_of
        self._report = report
        images, labels = split
        missing = set(range(judges.num_classes)) - set(np.unique(labels).tolist())
        if missing:
            raise ValueError(
                f"The split has no face of class {sorted(missing)}: an evaluation "
                "needs one or more of each."
            )
        if labels.max() >= judges.num_classes:
            raise ValueError(
                f"The judges know {judges.num_classes} classes, the split holds class "
                f"{labels.max()}: give judges trained on such data."
            )
        self.training = TrainingFaces(*train, judges.num_classes)
        seen = judges.observe(images, keep=True, progress=self._progress("real faces"))
        self.real = RealFaces(images, labels, seen, judges.num_classes)
        self.rows = fixed_sample(labels, sources)
        self._sources = Bootstrap(len(self.rows), resamples)
        self._split = Bootstrap(len(labels), resamples, seed=1)
        self._neighbours = TrainingNeighbours(train[0])
        self._unseen = self._neighbours.distances(images)

    def measure(self, candidate: Candidate) -> Entry:
        """Returns all scores that a candidate can have."""
        entry = Entry(candidate.name, candidate.kind)
        if candidate.edits:
            self._add_edits(entry, candidate)
        if candidate.generates:
            faces, labels = generated_faces(
                candidate, self.real.num_classes, self.faces_per_class, self.seed
            )
            self._add_generation(entry, faces, labels)
        return entry

    def measure_published(
        self, candidate: Candidate, published: PublishedPictures
    ) -> Entry:
        """Returns a candidate's scores on the 64 published faces alone.

        A source is searched for among these and all faces of the split; hits are
        relative to what the judges recognise in the split.
        """
        seen = self.judges.observe(published.images, keep=True)
        parts = zip(seen, self.real.seen, strict=True)
        gallery = RealFaces(
            np.concatenate([published.images, self.real.images]),
            np.concatenate([published.labels, self.real.labels]),
            Observations(*(np.concatenate(part) for part in parts)),
            self.real.num_classes,
        )
        entry = Entry(candidate.name, candidate.kind)
        faces = Bootstrap(len(published.labels), self.resamples)
        rows = np.arange(len(published.labels))
        record = record_edits(candidate, gallery, rows, self.judges)
        self._add_edit_scores(entry, record, faces)
        if candidate is published:
            made = published.generated
            labels = np.tile(np.arange(made.shape[1]), len(made))
            self._add_generation(entry, made.reshape(-1, *made.shape[2:]), labels)
        return entry

    def judges_on_real_faces(self) -> dict:
        """Returns what the judges can do on the real faces of the split.

        Returns:
            `hashes`; `accuracy` of each and of all together, `by_class`, the share of
            each emotion that all recognise; with FER+, the same against its labels.
        """
        found = {"hashes": self.judges.hashes}
        for suffix, labels in (("", self.real.labels), ("_ferplus", self.ferplus)):
            if labels is None:
                continue
            known = labels >= 0
            right = self.real.seen.predictions[known] == labels[known, None]
            columns = zip(self.judges.names, right.T, strict=True)
            found[f"accuracy{suffix}"] = {
                **{name: float(column.mean()) for name, column in columns},
                "all agree and are right": float(right.all(axis=1).mean()),
            }
            rates = np.nan_to_num(self.real.recognised(labels))
            found[f"by_class{suffix}"] = [float(rate) for rate in rates]
        return found

    def _add_edits(self, entry, candidate):
        record = record_edits(
            candidate,
            self.real,
            self.rows,
            self.judges,
            self._truth_of,
            self._progress(f"{candidate.name}, edits"),
        )
        entry.edits = record
        self._add_edit_scores(entry, record, self._sources)
        entry.scores["hits"] = score_hits_by_judge(
            record,
            self.real,
            self.judges.names,
            self._sources,
            self.ferplus,
            self.rows,
        )
        entry.scores["likeness"] = score_likeness(
            record, self.real, self.emotions, self._sources, self._split
        )
        entry.scores = {name: found for name, found in entry.scores.items() if found}
        entry.details["transfer_matrix"] = transfer_matrix(record)

    def _add_edit_scores(self, entry, record, faces):
        entry.scores["transfer"] = score_transfer(record, self.real, faces)
        for section, columns in (
            ("inversion", record.reconstruction),
            ("truth", record.truth),
        ):
            if columns:
                entry.scores[section] = {
                    name: faces.mean(values) for name, values in columns.items()
                }

    def _add_generation(self, entry, faces, labels):
        record = record_generation(
            faces,
            labels,
            self.judges,
            self._neighbours,
            keep=entry.kind != "model",
            progress=self._progress(f"{entry.name}, generated faces"),
        )
        entry.scores["generation"] = score_generation(
            record, self.real, self._unseen, self._split
        )
        if len(labels) < self.faces_per_class * self.real.num_classes:
            # It depends on the number of faces: no comparison with those of more.
            del entry.scores["generation"]["frechet_distance"]
        entry.details["asked_and_seen"] = {
            name: asked_and_seen(labels, seen, self.real.num_classes)
            for name, seen in zip(self.judges.names, record.predictions.T, strict=True)
        }

    def _progress(self, what):
        return lambda done, total: self._report(f"{what}: {done:,} of {total:,}")


def fixed_sample(labels: np.ndarray, count: int) -> np.ndarray:
    """Returns rows spread evenly over every emotion of a split; 0: all of them."""
    count = min(count or len(labels), len(labels))
    places = np.linspace(0, len(labels), count, endpoint=False).astype(int)
    return np.sort(np.argsort(labels, kind="stable")[places])
