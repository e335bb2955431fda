"""What the tables say, in plain sentences."""

from collections.abc import Sequence

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.controls import LinearFaces
from fer_keras.evaluation.result import Comparison, Entry

_VERBS = {
    "better": "beats",
    "worse": "does not beat",
    "not told apart": "does not beat, nor lose to,",
}


def beats(model: Entry, comparison: Comparison, control: Candidate) -> list[str]:
    """Says whether a model beats a control, paired over the faces.

    The transfer is compared by its headline with every control; the inversion by
    SSIM with principal components alone, since a blend holds the face itself.

    Args:
        model: The model's entry.
        comparison: Of the model with the control.
        control: The control.
    """
    said = [_sentence(model, comparison, "transfer", "headline", "the transfer")]
    if isinstance(control, LinearFaces):
        what = "the inversion (SSIM)"
        said.append(
            _sentence(model, comparison, "inversion", "structural_similarity", what)
        )
    return [sentence for sentence in said if sentence]


def _sentence(model, comparison, section, name, what) -> str | None:
    verdict = comparison.verdict(section, name)
    if verdict is None:
        return None
    mine = model.scores[section][name].interval
    difference = comparison.differences[section][name].interval
    theirs = mine.estimate - difference.estimate
    return (
        f"{model.name} {_VERBS[verdict]} {comparison.other} in {what}: "
        f"{mine.estimate:.3f} [{mine.low:.3f}, {mine.high:.3f}] against {theirs:.3f}; "
        f"paired difference {difference.estimate:+.3f} "
        f"[{difference.low:+.3f}, {difference.high:+.3f}]."
    )


def weak_judges(judges: dict) -> str | None:
    """Says so where the judges hardly recognise the real faces.

    Args:
        judges: From `describe_judges`.
    """
    recognised = judges["all_agree"]
    if recognised >= 2 / len(judges["all_agree_by_class"]):
        return None
    return (
        f"The judges recognise only {recognised:.3f} of these real faces: they were "
        "trained on others, and their hits mean little here. Name judges trained on "
        "such faces with --judges."
    )


def statements(
    models: Sequence[Entry],
    comparisons: Sequence[Comparison],
    controls: Sequence[Candidate],
    judges: dict,
) -> list[str]:
    """Returns the sentences of all models.

    Args:
        models: The models' entries.
        comparisons: Of all pairs that were compared.
        controls: The control candidates, among which the blend is found.
        judges: From `describe_judges`.
    """
    by_pair = {(pair.name, pair.other): pair for pair in comparisons}
    warning = weak_judges(judges)
    found = [warning] if warning else []
    for model in models:
        for control in controls:
            pair = by_pair.get((model.name, control.name))
            if pair is not None:
                found += beats(model, pair, control)
    return found
