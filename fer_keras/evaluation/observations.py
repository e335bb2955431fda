"""What the judges see in a set of faces."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fer_keras.judges import EMOTION_JUDGES, IDENTITY_JUDGE, IdentityJudge, load_judge

BATCH_SIZE = 256

PROTOCOL = "fer_keras-evaluation-2"
"""Names the way of measuring in every result; it changes whenever a score would."""

Progress = Callable[[int, int], None]


class Observations(NamedTuple):
    """What the judges see in faces, one row a face."""

    predictions: np.ndarray
    """int8 `(count, judges)`: each emotion judge's choice."""
    features: np.ndarray
    """float32 `(count, dimensions)`: the first emotion judge's features."""
    embeddings: np.ndarray
    """float32 `(count, dimensions)`: the identity judge's; no columns if not asked."""


class JudgeSet:
    """The judges that look at every face.

    A face that occurs again in one call is looked at once: an unchanged face in seven
    emotions is one image.

    Args:
        emotion: Emotion judges by name, one or more; an edit is a hit where all of
            them see the target. The first one's features measure distances.
        identity: An `IdentityJudge`.
        cache: Folder that keeps what was seen in faces that come again in the next
            evaluation. Default: nothing is kept, as for judges without a hash.

    Raises:
        ValueError: No emotion judge, or judges of other classes.

    Example:
        >>> judges = JudgeSet.load()
        >>> judges.observe(faces).predictions
    """

    def __init__(
        self, emotion: Mapping, identity: IdentityJudge, cache: str | Path | None = None
    ):
        sizes = {judge.num_classes for judge in emotion.values()}
        if len(sizes) != 1:
            raise ValueError(
                "Expected one or more emotion judges of the same classes, got "
                f"{sorted(sizes) or 'none'}."
            )
        self.num_classes = sizes.pop()
        self.names = tuple(emotion)
        self.emotion = dict(emotion)
        self.identity = identity
        everybody = {**emotion, IDENTITY_JUDGE: identity}
        self.hashes = {name: judge.sha256 for name, judge in everybody.items()}
        self._kept = None
        if cache and all(self.hashes.values()):
            from joblib import Memory

            memory = Memory(Path(cache), verbose=0)
            self._kept = memory.cache(_look, ignore=["judges", "progress"])

    @classmethod
    def load(
        cls, folder: str | Path | None = None, cache: str | Path | None = None
    ) -> "JudgeSet":
        """Loads the shipped judges.

        Args:
            folder: Where other emotion judges are. Default: the shipped ones.
            cache: See the class.

        Raises:
            ValueError: One is missing or differs from its card.
        """
        if folder is None:
            names = EMOTION_JUDGES
        else:
            names = sorted(path.stem for path in Path(folder).glob("*.json"))
            if not names:
                raise ValueError(f"{folder} holds no judge: expected NAME.json.")
        emotion = {name: load_judge(name, folder) for name in names}
        return cls(emotion, load_judge(IDENTITY_JUDGE), cache)

    def observe(
        self,
        images: np.ndarray,
        identity: bool = True,
        keep: bool = False,
        progress: Progress = lambda done, total: None,
    ) -> Observations:
        """Returns what the judges see.

        Args:
            images: uint8 `(count, height, width, channels)`.
            identity: Whether the identity judge, the slowest, looks too.
            keep: Whether these faces come again in other evaluations.
            progress: Called with faces done and faces in all.
        """
        look = self._kept if keep and self._kept else _look
        hashes = (PROTOCOL, *self.hashes.values())
        return Observations(*look(images, identity, hashes, self, progress))


def _look(images, identity, hashes, judges, progress):
    """Looks at each different image; `hashes` stands for the judges in the cache."""
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    keys = rows.view(f"V{rows.shape[1]}").ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    images, parts = images[first], []
    for start in range(0, len(images), BATCH_SIZE):
        batch = images[start : start + BATCH_SIZE]
        seen = [judge.predict(batch) for judge in judges.emotion.values()]
        labels = np.stack([each.labels for each in seen], axis=1).astype("int8")
        embeddings = (
            judges.identity.embed(batch) if identity else np.zeros((len(batch), 0))
        )
        parts.append((labels, seen[0].features, embeddings.astype("float32")))
        progress(min(start + BATCH_SIZE, len(images)), len(images))
    return tuple(np.concatenate(part)[inverse] for part in zip(*parts, strict=True))
