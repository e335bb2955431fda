"""What scores by judges have in common: judges that travel with a model by name."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import tensorflow as tf

from fer_keras.judges.loading import load_judge


class JudgedScores:
    """Base: scores of a batch by fixed judges, over all replicas.

    It is no layer: the judges' weights are not the model's and are not saved with it.
    A saved model names its judges by SHA-256; where one is not there on loading, the
    scores that need judges are left out, with a warning.

    Args:
        judges: Names of judges, or `fer_keras.judges.Judge` objects.
        folder: Where the named ones are. Default: the shipped judges.
        faces_per_batch: How many faces of each global batch, its first ones, the
            costly identity judge looks at.
    """

    of_edits = False
    """Whether `made` is to be the face with another emotion, not with its own."""

    def __init__(
        self,
        judges: Sequence = (),
        folder: str | Path | None = None,
        faces_per_batch: int = 8,
    ):
        self.folder = None if folder is None else str(folder)
        self.faces_per_batch = faces_per_batch
        self.judges = tuple(
            load_judge(judge, folder) if isinstance(judge, str) else judge
            for judge in judges
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The scores' names."""
        raise NotImplementedError

    def __call__(self, images, made, labels, batch) -> dict[str, tf.Tensor]:
        """Returns this replica's shares of the scores' means over a global batch.

        Args:
            images: float32 `(local_size, height, width, channels)` in [-1, 1].
            made: What the model made for these, the same shape.
            labels: float32 `(local_size, num_classes)`, asked for.
            batch: The `GlobalBatch` around them.
        """
        raise NotImplementedError

    def get_config(self) -> dict:
        return {
            "judges": {
                str(judge.card.get("name")): judge.sha256 for judge in self.judges
            },
            "folder": self.folder,
            "faces_per_batch": self.faces_per_batch,
        }

    @classmethod
    def from_config(cls, config: dict) -> Self:
        scores = cls.__new__(cls)
        folder, known = config["folder"], config["judges"]
        try:
            judges = [_same_judge(name, known[name], folder) for name in known]
        except ValueError as error:
            warnings.warn(
                f"This model's scores are left out: {error} Compile it with other "
                "scores to go on being scored.",
                stacklevel=2,
            )
            judges = []
        JudgedScores.__init__(scores, judges, folder, config["faces_per_batch"])
        return scores


def _same_judge(name, sha256, folder):
    judge = load_judge(name, folder)
    if judge.sha256 != sha256:
        raise ValueError(
            f"the judge {name!r} that is there is not the one that scored it "
            f"({sha256})."
        )
    return judge
