"""The whole protocol: controls, models, comparisons, sentences."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from fer_keras.emotions import class_names
from fer_keras.evaluation.blend_search import BlendCurve
from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.controls import BlendedFace, LinearFaces
from fer_keras.evaluation.evaluator import Evaluator
from fer_keras.evaluation.published import CAVEAT, PublishedTransfers
from fer_keras.evaluation.published_comparison import PublishedFaces
from fer_keras.evaluation.result import Comparison, Entry, compare
from fer_keras.evaluation.statements import statements
from fer_keras.evaluation.store import PROTOCOL
from fer_keras.evaluation.train_on_generated import score_train_on_generated
from fer_keras.metrics import linear_probe

# What the probe learns from: more faces change its accuracy by less than a point.
_PROBE_FACES = 10_000


@dataclasses.dataclass
class Evaluation:
    """What was found, in the order of the tables.

    Attributes:
        setting: What was measured on, and how much of it.
        judges: What the judges can do on real faces, and their hashes.
        entries: Controls, published results, models.
        comparisons: Each model with the first one and with its controls.
        sentences: What the tables say.
        blend: The blend's scores at the weights that were tried.
        same_faces: Everybody on the 64 published faces, where these were given.
        same_faces_comparisons: Each model there with the published results.
    """

    setting: dict
    judges: dict
    entries: list[Entry]
    comparisons: list[Comparison]
    sentences: list[str]
    blend: BlendCurve
    same_faces: list[Entry] = dataclasses.field(default_factory=list)
    same_faces_comparisons: list[Comparison] = dataclasses.field(default_factory=list)

    def as_json(self) -> dict:
        """Returns all of it as JSON values."""
        return {
            "protocol": PROTOCOL,
            "setting": self.setting,
            "judges": self.judges,
            "entries": [entry.as_json() for entry in self.entries],
            "comparisons": [pair.as_json() for pair in self.comparisons],
            "sentences": self.sentences,
            "blend_search": {
                name: values.tolist()
                for name, values in dataclasses.asdict(self.blend).items()
            },
            "same_faces": {
                "caveat": CAVEAT,
                "entries": [entry.as_json() for entry in self.same_faces],
                "comparisons": [pair.as_json() for pair in self.same_faces_comparisons],
            }
            if self.same_faces
            else None,
        }


def evaluate(
    evaluator: Evaluator,
    models: Sequence[Candidate],
    published: PublishedTransfers | None = None,
    train_on_generated: bool = False,
    setting: dict | None = None,
) -> Evaluation:
    """Measures models beside the controls, and compares them.

    Args:
        evaluator: Of the split.
        models: From `open_candidate` or `candidate_of`, the first being what the
            others are compared with.
        published: The paper's published pictures.
        train_on_generated: Whether to add the score that takes minutes a row.
        setting: What else the result should say of the data.
    """
    blend = evaluator.search_blend()
    latent_dims = [model.latent_dim for model in models]
    controls = evaluator.controls(blend.best_weight, latent_dims)
    # A model's faces dealt out come before the model: the judges then know them.
    candidates = list(controls)
    for model in models:
        candidates += [
            *([evaluator.random_latents(model)] if model.edits else []),
            model,
        ]
    by_name = {candidate.name: evaluator.measure(candidate) for candidate in candidates}
    if train_on_generated:
        for candidate in candidates:
            if candidate.generates:
                by_name[candidate.name].scores["train_on_generated"] = (
                    score_train_on_generated(
                        candidate, evaluator.real, evaluator.faces_per_class
                    )
                )
    entries = [entry for entry in by_name.values() if entry.kind != "model"]
    mine = [by_name[model.name] for model in models]
    comparisons = _comparisons(models, mine, controls, by_name)
    judges = describe_judges(evaluator)
    result = Evaluation(
        setting={
            **(setting or {}),
            "faces": len(evaluator.real),
            "edits": len(evaluator.real) * (evaluator.panel.num_classes - 1),
            "faces_per_class": evaluator.faces_per_class,
            "resamples": evaluator.resamples,
            "seed": evaluator.seed,
            "emotions": class_names(evaluator.panel.num_classes),
        },
        judges=judges,
        entries=entries + mine,
        comparisons=comparisons,
        sentences=statements(mine, comparisons, controls, judges),
        blend=blend,
    )
    if published is not None:
        _add_published(result, evaluator, published, [*controls, *models], entries)
    return result


def _comparisons(models, entries, controls, by_name) -> list[Comparison]:
    pairs = [compare(entry, entries[0]) for entry in entries[1:]]
    for model, entry in zip(models, entries, strict=True):
        for control in controls:
            own_size = (
                isinstance(control, LinearFaces)
                and control.latent_dim == model.latent_dim
            )
            if isinstance(control, BlendedFace) or own_size:
                pairs.append(compare(entry, by_name[control.name]))
    return pairs


def _add_published(result, evaluator, published, candidates, controls) -> None:
    faces = PublishedFaces(evaluator, published)
    row = faces.published_entry()
    result.entries.insert(len(controls), row)
    others = [faces.entry(candidate) for candidate in candidates if candidate.edits]
    result.same_faces = [row, *others]
    result.same_faces_comparisons = [
        compare(other, row) for other in others if other.kind == "model"
    ]


def describe_judges(evaluator: Evaluator) -> dict:
    """Returns what the judges can do on the real faces of the split.

    Returns:
        `hashes`; `accuracy` of each; `all_agree`, the share of faces that all give
        their label, and that by class, which relative hits are relative to; the
        identity encoder's `emotion_probe`, the accuracy of a linear probe of the
        emotion, beside the `commonest_class`.
    """
    real, training = evaluator.real, evaluator.training
    rows = np.linspace(
        0, len(training), min(len(training), _PROBE_FACES), endpoint=False
    ).astype(int)
    return {
        "hashes": evaluator.panel.hashes,
        "accuracy": {
            name: float(np.mean(predictions == real.labels))
            for name, predictions in zip(
                evaluator.panel.names, real.predictions, strict=True
            )
        },
        "all_agree": float(real.recognised.mean()),
        "all_agree_by_class": [float(rate) for rate in real.hit_rates],
        "emotion_probe": linear_probe(
            evaluator.training_features[rows],
            training.labels[rows],
            real.identity_features,
            real.labels,
            num_classes=real.num_classes,
        ),
        "commonest_class": float(np.bincount(real.labels).max() / len(real)),
    }
