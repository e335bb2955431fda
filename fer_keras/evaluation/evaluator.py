"""Measures candidates side by side: the controls, the models, the published faces."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from fer_keras.evaluation.blend_search import BlendCurve, search_blend
from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.controls import (
    BlendedFace,
    ClassMeanFace,
    LinearFaces,
    RandomLatents,
    UnchangedFace,
)
from fer_keras.evaluation.edits import EditRecord, record_edits
from fer_keras.evaluation.generated_faces import (
    FACES_PER_CLASS,
    GenerationRecord,
    generated_batches,
    record_generation,
)
from fer_keras.evaluation.generation import (
    generation_details,
    score_generation,
)
from fer_keras.evaluation.inversion import score_inversion
from fer_keras.evaluation.panel import JudgePanel
from fer_keras.evaluation.real_faces import RealFaces, batches, digest
from fer_keras.evaluation.resampling import RESAMPLES
from fer_keras.evaluation.result import Entry
from fer_keras.evaluation.store import MeasurementStore
from fer_keras.evaluation.synthetic_truth import score_truth
from fer_keras.evaluation.training_faces import Components, TrainingFaces
from fer_keras.evaluation.transfer import score_transfer, transfer_details

Split = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True)
class _Features:
    values: np.ndarray


class Evaluator:
    """Measures candidates on one split, by one panel of judges.

    Args:
        panel: The judges.
        split: Images uint8 `(count, height, width, 1)` and labels int64 `(count,)`
            to measure on.
        train: The training split: for the controls, and to find copies.
        validation: The split on which the blend's weight is chosen. Default:
            `split`, which favours that control.
        faces_per_class: How many faces of each emotion a candidate generates.
        resamples: Number of bootstrap draws.
        store: Keeps what is the same in every evaluation. Default: nothing kept, as
            in any case for judges that have no hash.
        truth_of: For drawn faces, as of `score_truth`.
        seed: Of the noise of generated faces.
        report: Told what is being done. Default: nobody.

    Example:
        >>> panel = JudgePanel.from_folder()
        >>> evaluator = Evaluator(panel, test, train, validation)
        >>> entries = [evaluator.measure(model) for model in models]
    """

    def __init__(
        self,
        panel: JudgePanel,
        split: Split,
        train: Split,
        validation: Split | None = None,
        faces_per_class: int = FACES_PER_CLASS,
        resamples: int = RESAMPLES,
        store: MeasurementStore | None = None,
        truth_of: Callable | None = None,
        seed: int = 0,
        report: Callable[[str], None] = lambda text: None,
    ):
        self.panel = panel
        self.faces_per_class = faces_per_class
        self.resamples = resamples
        self.seed = seed
        known = all(panel.hashes.values())
        self._store = store if store and known else MeasurementStore()
        self._truth_of = truth_of
        self._report = report
        self._validation = validation
        self.training = TrainingFaces(*train, panel.num_classes)
        report("real faces")
        self._data = digest(*split, *train), str(sorted(panel.hashes.items()))
        self.real = self._seen(split)
        self.training_features = self._store.fetch(
            _Features, ("training", *self._data), self._see_training
        ).values

    def _seen(self, split: Split) -> RealFaces:
        return self._store.fetch(
            RealFaces,
            ("split", digest(*split), self._data[1]),
            lambda: RealFaces.seen_by(self.panel, *split),
        )

    def _see_training(self) -> _Features:
        rows = batches(len(self.training))
        images = self.training.images
        return _Features(
            np.concatenate([self.panel.identity_features(images[row]) for row in rows])
        )

    def search_blend(self) -> BlendCurve:
        """Returns what blends of several weights score on the validation split."""

        def search():
            self._report("the blend's best weight")
            validation = self._validation
            real = self.real if validation is None else self._seen(validation)
            return search_blend(self.training, real, self.panel)

        other = digest(*self._validation) if self._validation else "the split"
        return self._store.fetch(BlendCurve, ("blend", other, *self._data), search)

    def controls(self, blend_weight: float, latent_dims: Sequence[int]) -> list:
        """Returns the controls that need no model."""
        return [
            UnchangedFace(self.training),
            ClassMeanFace(self.training),
            BlendedFace(self.training, blend_weight),
            *(
                LinearFaces(self.training, self._components(size))
                for size in sorted(set(latent_dims))
            ),
        ]

    def _components(self, count: int) -> Components:
        self._report(f"{count} principal components")
        return self._store.fetch(
            Components,
            ("components", count, digest(self.training.images)),
            lambda: self.training.principal_components(count),
        )

    def measure(self, candidate: Candidate) -> Entry:
        """Returns all scores that a candidate can have."""
        entry = Entry(candidate.name, candidate.kind)
        if candidate.generates:
            self._add_generation(entry, candidate)
        if candidate.edits:
            self._add_edits(entry, candidate)
        return entry

    def random_latents(self, model: Candidate) -> RandomLatents:
        """Returns the control of a model's encoder: its generated faces, dealt out."""
        drawn = generated_batches(
            model, self.panel.num_classes, self.faces_per_class, self.seed
        )
        faces = np.concatenate([faces for faces, _ in drawn])
        return RandomLatents(model.name, faces, self.panel.num_classes)

    def _add_generation(self, entry: Entry, candidate: Candidate) -> None:
        record = self._kept(
            GenerationRecord,
            candidate,
            lambda: record_generation(
                candidate,
                self.panel,
                self.faces_per_class,
                self.seed,
                self._progress(candidate, "generated"),
            ),
        )
        self.add_generation_scores(entry, record)

    def add_generation_scores(self, entry: Entry, record: GenerationRecord) -> None:
        """Scores generated faces that the judges have seen."""
        wanted = self.faces_per_class * self.panel.num_classes
        entry.scores["generation"] = score_generation(
            record,
            self.real,
            self.training_features,
            self.resamples,
            size_dependent=len(record.labels) >= wanted,
        )
        entry.details["generation"] = generation_details(
            record, self.real, self.panel.names, self.resamples
        )

    def _add_edits(self, entry: Entry, candidate: Candidate) -> None:
        entry.edits = record = self._kept(
            EditRecord,
            candidate,
            lambda: record_edits(
                candidate,
                self.real,
                self.panel,
                progress=self._progress(candidate, "edited"),
            ),
        )
        entry.scores["inversion"] = score_inversion(record, self.resamples)
        entry.scores["transfer"] = score_transfer(
            record, self.real.recognised, resamples=self.resamples
        )
        entry.details["transfer"] = transfer_details(
            record, self.real.predictions, self.real.labels, self.panel.names
        )
        if self._truth_of:
            entry.scores["truth"] = score_truth(
                candidate,
                self.real.images,
                self.real.labels,
                self._truth_of,
                self.resamples,
            )

    def _kept(self, kind, candidate, make):
        if candidate.key is None:
            return make()
        settings = (candidate.key, self.faces_per_class, self.seed)
        return self._store.fetch(kind, (*settings, *self._data), make)

    def _progress(self, candidate, done):
        return lambda count, total: self._report(
            f"{candidate.name}: {count:,} of {total:,} faces {done}"
        )
