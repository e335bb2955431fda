"""What an evaluation found: entries with scores, and how they compare."""

import dataclasses

from fer_keras.evaluation.edits import EditRecord
from fer_keras.evaluation.generation import (
    GENERATION_SCORES,
)
from fer_keras.evaluation.inversion import INVERSION_SCORES
from fer_keras.evaluation.resampling import Scores
from fer_keras.evaluation.synthetic_truth import TRUTH_SCORES
from fer_keras.evaluation.transfer import TRANSFER_SCORES

TRAIN_ON_GENERATED_SCORES = {"test_on_real_accuracy": "test-on-real accuracy"}

SECTIONS = {
    "generation": GENERATION_SCORES,
    "inversion": INVERSION_SCORES,
    "transfer": TRANSFER_SCORES,
    "truth": TRUTH_SCORES,
    "train_on_generated": TRAIN_ON_GENERATED_SCORES,
}
"""The tables, and in each the scores by name with what the table calls them."""

LOWER_IS_BETTER = {
    "kernel_distance",
    "frechet_distance",
    "kernel_distance_without_labels",
    "frechet_distance_without_labels",
    "mean_squared_error",
    "source_kept",
    "truth_mean_squared_error",
}
NEITHER_IS_BETTER = {"closer_than_unseen", "density"}


@dataclasses.dataclass
class Entry:
    """A row of the tables.

    Attributes:
        name: The row's name.
        kind: "model", "control" or "published".
        scores: By section, then by name.
        details: By section: matrices, and scores by judge and by class.
        edits: The record behind the edits' scores, where there are any.
    """

    name: str
    kind: str
    scores: dict[str, Scores] = dataclasses.field(default_factory=dict)
    details: dict[str, dict] = dataclasses.field(default_factory=dict)
    edits: EditRecord | None = None

    def as_json(self) -> dict:
        """Returns the entry as JSON values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "scores": {
                section: {
                    name: score.interval._asdict() for name, score in scores.items()
                }
                for section, scores in self.scores.items()
            },
            "details": self.details,
        }


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two entries, paired image by image.

    Attributes:
        name: The entry that is compared.
        other: With what.
        differences: By section: the scores of `name` less those of `other`.
    """

    name: str
    other: str
    differences: dict[str, Scores]

    def verdict(self, section: str, score: str) -> str | None:
        """Returns "better", "worse", "not told apart", or None where not compared."""
        difference = self.differences.get(section, {}).get(score)
        if difference is None:
            return None
        _, low, high = difference.interval
        if low <= 0 <= high:
            return "not told apart"
        return "better" if (low > 0) != (score in LOWER_IS_BETTER) else "worse"

    def as_json(self) -> dict:
        """Returns the comparison as JSON values."""
        return {
            "name": self.name,
            "other": self.other,
            "differences": {
                section: {
                    name: {
                        **difference.interval._asdict(),
                        "verdict": None
                        if name in NEITHER_IS_BETTER
                        else self.verdict(section, name),
                    }
                    for name, difference in differences.items()
                }
                for section, differences in self.differences.items()
            },
        }


def compare(entry: Entry, other: Entry) -> Comparison:
    """Returns the paired differences of two entries, in all scores that both have."""
    return Comparison(
        entry.name,
        other.name,
        {
            section: {
                name: score.minus(other.scores[section][name])
                for name, score in scores.items()
                if name in other.scores[section]
            }
            for section, scores in entry.scores.items()
            if section in other.scores
        },
    )
