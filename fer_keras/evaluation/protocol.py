"""The whole protocol: controls, models, comparisons, sentences."""

import dataclasses
from collections.abc import Sequence

from fer_keras.evaluation.candidates import Model
from fer_keras.evaluation.controls import (
    BlendedFace,
    PrincipalComponents,
    RandomLatents,
    controls_of,
)
from fer_keras.evaluation.evaluator import Evaluator
from fer_keras.evaluation.observations import PROTOCOL
from fer_keras.evaluation.published import CAVEAT, PublishedPictures
from fer_keras.evaluation.result import Comparison, Entry
from fer_keras.judges import SAME_PERSON, UNRELATED


@dataclasses.dataclass
class Evaluation:
    """What was found, in the order of the tables.

    Attributes:
        setting: What was measured on, and how much of it.
        judges: What the judges can do on real faces, and their hashes.
        entries: Controls, then models.
        comparisons: Each model with the first one and with its controls.
        sentences: What the tables say.
        same_faces: The published row and all models on the 64 published faces.
        same_faces_comparisons: Each model there with the published row.
    """

    setting: dict
    judges: dict
    entries: list[Entry]
    comparisons: list[Comparison]
    sentences: list[str]
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
    models: Sequence[Model],
    published: PublishedPictures | None = None,
    setting: dict | None = None,
) -> Evaluation:
    """Measures models beside the controls, and compares them.

    Args:
        evaluator: Of the split.
        models: From `open_model` or `model_of`; the others are compared with the first.
        published: The paper's published pictures.
        setting: What else the result should say of the data.

    Example:
        >>> evaluate(evaluator, [open_model("saved_models/plus")]).sentences
    """
    controls = controls_of(evaluator.training)
    dealt = [
        RandomLatents(model, evaluator.judges.num_classes, evaluator.seed)
        for model in models
        if model.edits
    ]
    rows = [evaluator.measure(candidate) for candidate in (*controls, *dealt)]
    mine = [evaluator.measure(model) for model in models]
    comparisons = [Comparison.of(entry, mine[0]) for entry in mine[1:]]
    for entry in mine:
        comparisons += [
            Comparison.of(entry, row)
            for control, row in zip(controls, rows, strict=False)
            if isinstance(control, (BlendedFace, PrincipalComponents))
        ]
    judges = evaluator.judges_on_real_faces()
    result = Evaluation(
        setting={
            **(setting or {}),
            "faces": len(evaluator.real.labels),
            "sources": len(evaluator.rows),
            "edits": len(evaluator.rows) * (evaluator.judges.num_classes - 1),
            "faces_per_class": evaluator.faces_per_class,
            "resamples": evaluator.resamples,
            "seed": evaluator.seed,
            "emotions": list(evaluator.emotions),
            "identity_distance_of": {
                "one person in two emotions": SAME_PERSON,
                "unrelated faces": UNRELATED,
            },
        },
        judges=judges,
        entries=rows + mine,
        comparisons=comparisons,
        sentences=[*_weak_judges(judges), *_sentences(mine, comparisons)],
    )
    if published is not None:
        row = evaluator.measure_published(published, published)
        others = [
            evaluator.measure_published(model, published)
            for model in models
            if model.edits
        ]
        result.same_faces = [row, *others]
        result.same_faces_comparisons = [Comparison.of(other, row) for other in others]
    return result


def _sentences(models, comparisons) -> list[str]:
    """Says of each comparison who is better in the headline."""
    verbs = {
        "better": "beats",
        "worse": "does not beat",
        "not told apart": "does not beat, nor lose to,",
    }
    headlines = {
        entry.name: entry.scores["transfer"]["headline"].interval
        for entry in models
        if "transfer" in entry.scores
    }
    said = []
    for pair in comparisons:
        verdict = pair.verdict("transfer", "headline")
        if verdict is None:
            continue
        mine = headlines[pair.name]
        difference = pair.differences["transfer"]["headline"].interval
        theirs = mine.estimate - difference.estimate
        said.append(
            f"{pair.name} {verbs[verdict]} {pair.other} in the headline: "
            f"{mine.estimate:.3f} [{mine.low:.3f}, {mine.high:.3f}] against "
            f"{theirs:.3f}; paired difference {difference.estimate:+.3f} "
            f"[{difference.low:+.3f}, {difference.high:+.3f}]."
        )
    return said


def _weak_judges(judges: dict) -> list[str]:
    """Says so where the judges hardly recognise the real faces."""
    recognised = judges["accuracy"]["all agree and are right"]
    if recognised >= 2 / len(judges["by_class"]):
        return []
    return [
        f"The judges recognise only {recognised:.3f} of these real faces: they were "
        "trained on others, and their hits mean little here. Name judges trained on "
        "such faces with --judges."
    ]
