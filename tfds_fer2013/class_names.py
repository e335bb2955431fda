"""Class names from words: emotions in their own order, others as people count."""

import re
from collections.abc import Iterable

LABEL_NAMES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The names of the labels 0 to 6, in the order of the CSV and of the paper."""

FERPLUS_NAMES = (*LABEL_NAMES, "contempt")
"""The eight emotions of FER+: ids 0 to 6 mean what they mean in FER2013."""

_WORDS = {name: name for name in FERPLUS_NAMES} | {
    "anger": "angry",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "contemptuous": "contempt",
}


def class_ids(words: Iterable[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Orders classes, of which only the words for them are known.

    Where all words are emotions ("Happiness", "3_happy"), the classes bear the
    emotions' names and stand in their order, never in the alphabet's. Other classes
    are in alphabetical order, numbers by their size.

    Args:
        words: The words, such as the names of folders.

    Returns:
        The class names, and the id of each word.

    Example:
        >>> class_ids(["neutral", "Anger", "happy"])
        (('angry', 'happy', 'neutral'), {'neutral': 2, 'Anger': 0, 'happy': 1})
    """
    names = {word: _emotion(word) for word in words}
    if None in names.values():
        names = {word: word for word in names}
        order = sorted(names, key=_natural)
    else:
        order = [name for name in FERPLUS_NAMES if name in names.values()]
    return tuple(order), {word: order.index(name) for word, name in names.items()}


def _emotion(word: str) -> str | None:
    return _WORDS.get(re.sub(r"^[\d\s_.-]+", "", word).strip().lower())


def _natural(word: str):
    parts = re.split(r"(\d+)", word.casefold())
    return [int(part) if part.isdecimal() else part for part in parts], word
