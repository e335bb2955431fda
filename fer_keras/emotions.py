"""The seven emotions: their order, their names, and what a user may say for one."""

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The labels of FER2013 in the paper's order: `EMOTIONS[3] == "happy"`."""

Emotion = int | str | Mapping[str, float] | Sequence | np.ndarray
"""What a user may say: an id, a name, weights by name, or one of these per face."""

_SYNONYMS = {
    "anger": "angry",
    "contemptuous": "contempt",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def class_names(
    num_classes: int, names: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Returns the names of classes.

    Args:
        num_classes: How many there are.
        names: The names in the order of the ids. Default: the emotions for seven
            classes, else the ids.

    Raises:
        ValueError: There are more or fewer names, or two are the same.

    Example:
        >>> class_names(2, ["smiling", "not smiling"])
        ('smiling', 'not smiling')
    """
    if names is None:
        emotions = num_classes == len(EMOTIONS)
        return EMOTIONS if emotions else tuple(map(str, range(num_classes)))
    names = tuple(map(str, names))
    if len({name.strip().lower() for name in names}) != num_classes:
        raise ValueError(
            f"Expected {num_classes} different class names, got {', '.join(names)}."
        )
    return names


def emotion_id(emotion: str | int, names: Sequence[str] = EMOTIONS) -> int:
    """Returns the class id of an emotion given by name or by id.

    Args:
        emotion: A name (any case, "surprised" as well as "surprise") or an id.
        names: The class names in order.

    Raises:
        ValueError: The name is unknown or the id out of range.

    Example:
        >>> emotion_id("Happy")
        3
    """
    if isinstance(emotion, str):
        words = [name.strip().lower() for name in names]
        word = emotion.strip().lower()
        word = word if word in words else _SYNONYMS.get(word, word)
        if word in words:
            return words.index(word)
        if not word.isdecimal():
            raise ValueError(
                f"Unknown emotion {emotion!r}: expected one of {', '.join(names)}."
            )
        emotion = int(word)
    if isinstance(emotion, (bool, np.bool_)) or not isinstance(
        emotion, (int, np.integer)
    ):
        raise ValueError(f"Expected an emotion's name or id, got {emotion!r}.")
    if not 0 <= emotion < len(names):
        raise ValueError(
            f"Emotion id {int(emotion)} is out of range: expected 0 to "
            f"{len(names) - 1} ({', '.join(names)})."
        )
    return int(emotion)


def one_hot(emotion: str | int, names: Sequence[str] = EMOTIONS) -> np.ndarray:
    """Returns an emotion as a one-hot row, float32 `(num_classes,)`."""
    return np.eye(len(names), dtype="float32")[emotion_id(emotion, names)]


def parse_emotion(text: str, names: Sequence[str] = EMOTIONS) -> int | dict[str, float]:
    """Returns what a user typed for an emotion, as `emotion_weights` takes it.

    Args:
        text: A name, an id, or weights such as "happy=0.6,sad=0.4".
        names: The class names in order.

    Returns:
        An id, or a mapping of names to weights.

    Raises:
        ValueError: It is none of these.
    """
    if "=" not in text:
        return emotion_id(text, names)
    weights = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            raise ValueError(
                f"Cannot read {part.strip()!r}: expected weights such as "
                "happy=0.6,sad=0.4."
            ) from None
    _weights_of_one(weights, names)
    return weights


def emotion_weights(
    emotion: Emotion, batch_size: int, names: Sequence[str] = EMOTIONS
) -> np.ndarray:
    """Returns what a user said for the emotion of a batch as rows of weights.

    Args:
        emotion: One of
            * a name or an id: the same for the whole batch;
            * a mapping of names (or ids) to non-negative weights, such as
              `{"happy": 0.6, "sad": 0.4}`: the same mixture for the whole
              batch, divided by its sum;
            * a sequence or array of `batch_size` of these, one per image;
            * an array `(batch_size, num_classes)` of weights, taken as it is (also
              with sums other than 1 and below 0, to exaggerate an emotion).
        batch_size: Number of images.
        names: The class names in order.

    Returns:
        float32 `(batch_size, num_classes)`.

    Raises:
        ValueError: Something else was given, or the wrong number of them.
    """
    if hasattr(emotion, "__array__"):
        # Labels come out of a dataset as tensors.
        emotion = np.asarray(emotion)
        if emotion.ndim == 2:
            return _checked_weights(emotion, (batch_size, len(names)))
        emotion = emotion.tolist()
    if isinstance(emotion, (str, int, np.integer, Mapping)):
        return np.tile(_weights_of_one(emotion, names), (batch_size, 1))
    try:
        emotions = list(emotion)
    except TypeError:
        raise ValueError(
            "Expected an emotion as a name, an id, weights by name, or a list with "
            f"one of these per image, got {emotion!r}."
        ) from None
    if len(emotions) != batch_size:
        raise ValueError(
            f"Expected one emotion per image ({batch_size}), got {len(emotions)}."
        )
    rows = [_weights_of_one(one, names) for one in emotions]
    return np.stack(rows) if rows else np.zeros((0, len(names)), "float32")


def _checked_weights(weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    if weights.shape != shape or weights.dtype.kind not in "fiu":
        raise ValueError(
            f"Expected emotion weights of shape {shape}, got {weights.dtype} of "
            f"shape {weights.shape}."
        )
    if not np.isfinite(weights).all():
        raise ValueError("Emotion weights hold NaN or infinity.")
    return weights.astype("float32")


def _weights_of_one(emotion, names: Sequence[str]) -> np.ndarray:
    if not isinstance(emotion, Mapping):
        return one_hot(emotion, names)
    for name, weight in emotion.items():
        if not isinstance(weight, Real) or not np.isfinite(weight) or weight < 0:
            raise ValueError(
                f"The weight of {name!r} is {weight!r}: expected a finite number "
                "of 0 or more."
            )
    largest = max(emotion.values(), default=0)
    if not largest > 0:
        raise ValueError("Emotion weights sum to 0: at least one must be positive.")
    weights = np.zeros(len(names))
    for name, weight in emotion.items():
        # Divided first: the sum of two finite numbers may be infinite.
        weights[emotion_id(name, names)] += weight / largest
    return (weights / weights.sum()).astype("float32")
