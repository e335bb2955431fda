"""What an evaluation found: rows of scores, and how two rows compare."""

import dataclasses

from fer_keras.evaluation.edits import EditRecord
from fer_keras.evaluation.scores import Score

SECTIONS = {
    "transfer": "Transfer to all other emotions",
    "likeness": "Are the edits real faces? Distances to the real faces of each emotion",
    "hits": "Relative hits by each judge alone",
    "inversion": "Inversion: the face rebuilt with its own emotion",
    "generation": "Generated faces",
    "truth": "Transfer of drawn faces, whose truth is known",
}
"""The tables and their titles."""

HEADS = {
    "target_hit": "target hit",
    "relative_hit": "relative hit",
    "source_kept": "source kept",
    "identity_distance": "identity distance",
    "rank_1": "rank 1",
    "rank_10": "rank 10",
    "headline": "headline",
    "edits_kernel": "kernel, mean",
    "edits_frechet": "Fréchet, mean",
    "mean_squared_error": "MSE",
    "peak_signal_to_noise_ratio": "PSNR, dB",
    "structural_similarity": "SSIM",
    "reconstruction_distance": "identity distance",
    "kernel_distance": "kernel distance",
    "frechet_distance": "Fréchet distance",
    "label_accuracy": "label accuracy",
    "closer_than_unseen": "closer than unseen",
    "truth_mean_squared_error": "MSE to the truth",
    "truth_structural_similarity": "SSIM to the truth",
}
"""What the tables call the scores; others go by their own name."""

_LOWER_IS_BETTER = {
    "source_kept",
    "identity_distance",
    "mean_squared_error",
    "reconstruction_distance",
    "kernel_distance",
    "frechet_distance",
    "truth_mean_squared_error",
}
_NEITHER_IS_BETTER = {"closer_than_unseen"}


def direction(section: str, score: str) -> int:
    """Returns 1 where more is better, -1 where less is, 0 where neither is."""
    if score in _NEITHER_IS_BETTER:
        return 0
    return -1 if section == "likeness" or score in _LOWER_IS_BETTER else 1


@dataclasses.dataclass
class Entry:
    """A row of the tables.

    Attributes:
        name: The row's name.
        kind: "model", "control" or "published".
        scores: By section, then by name.
        details: Matrices behind the scores.
        edits: What the scores of the edits were made of.
    """

    name: str
    kind: str
    scores: dict[str, dict[str, Score]] = dataclasses.field(default_factory=dict)
    details: dict = dataclasses.field(default_factory=dict)
    edits: EditRecord | None = None

    def as_json(self) -> dict:
        """Returns the entry as JSON values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "scores": {
                section: {name: s.interval._asdict() for name, s in scores.items()}
                for section, scores in self.scores.items()
            },
            "details": self.details,
        }


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two entries, paired face by face.

    Attributes:
        name: The entry that is compared.
        other: With what.
        differences: By section: the scores of `name` less those of `other`.
    """

    name: str
    other: str
    differences: dict[str, dict[str, Score]]

    @classmethod
    def of(cls, entry: Entry, other: Entry) -> "Comparison":
        """Compares two entries in all scores that both have."""
        differences = {
            section: {
                name: score.minus(other.scores[section][name])
                for name, score in scores.items()
                if name in other.scores[section]
            }
            for section, scores in entry.scores.items()
            if section in other.scores
        }
        return cls(entry.name, other.name, differences)

    def verdict(self, section: str, score: str) -> str | None:
        """Returns "better", "worse", "not told apart", or None where it cannot be."""
        difference = self.differences.get(section, {}).get(score)
        better = direction(section, score)
        if difference is None or not better:
            return None
        _, low, high = difference.interval
        if low <= 0 <= high:
            return "not told apart"
        return "better" if (low > 0) == (better > 0) else "worse"

    def as_json(self) -> dict:
        """Returns the comparison as JSON values."""
        return {
            "name": self.name,
            "other": self.other,
            "differences": {
                section: {
                    name: {
                        **difference.interval._asdict(),
                        "verdict": self.verdict(section, name),
                    }
                    for name, difference in differences.items()
                }
                for section, differences in self.differences.items()
            },
        }
