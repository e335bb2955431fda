"""Drawn faces in FER2013's element form, and their truth in every emotion."""

import numpy as np

from fer_keras.emotions import EMOTIONS
from fer_keras.synthetic_faces.arguments import whole_number
from fer_keras.synthetic_faces.population import sample_identity
from fer_keras.synthetic_faces.rendering import SMALLEST_SIZE, render, render_all
from fer_keras.synthetic_faces.streams import LABEL_STREAM, random_stream


def dataset_arrays(
    count: int, seed: int = 0, size: int = 48
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a labelled data set in which every row is another person.

    Row `i` is person `i` of the seed, with a label of its own, whatever the count:
    a longer data set starts with the shorter one. Each block of seven rows holds
    every emotion once, in shuffled order.

    Args:
        count: Number of faces, 1 or more.
        seed: Integer of 0 or more. Another seed gives other persons.
        size: Width and height in pixels, 16 or more.

    Returns:
        Images uint8 `(count, size, size, 1)`, 0 to 255, and labels int64
        `(count,)` in the order of `EMOTIONS`.

    Raises:
        ValueError: A number is no integer or out of its range.

    Example:
        >>> images, labels = dataset_arrays(14, seed=3)
        >>> images.shape, sorted(labels[:7].tolist())
        ((14, 48, 48, 1), [0, 1, 2, 3, 4, 5, 6])
    """
    count, seed, size = _checked(count, seed, size)
    images = np.empty((count, size, size, 1), "uint8")
    labels = dataset_labels(count, seed)
    for index, label in enumerate(labels.tolist()):
        images[index] = render(sample_identity(seed, index), label, size=size)
    return images, labels


def truth_arrays(count: int, seed: int = 0, size: int = 48) -> np.ndarray:
    """Draws the persons of `dataset_arrays(count, seed, size)` in all emotions.

    `truth[i, labels[i]]` is `images[i]`, value for value, and `truth[i, e]` is what
    a perfect transfer of `images[i]` to emotion `e` would give.

    Returns:
        uint8 `(count, 7, size, size, 1)`, 0 to 255.

    Raises:
        ValueError: A number is no integer or out of its range.

    Example:
        >>> truth_arrays(2).shape
        (2, 7, 48, 48, 1)
    """
    count, seed, size = _checked(count, seed, size)
    truth = np.empty((count, len(EMOTIONS), size, size, 1), "uint8")
    for index in range(count):
        truth[index] = render_all(sample_identity(seed, index), size=size)
    return truth


def dataset_labels(count: int, seed: int) -> np.ndarray:
    """Returns the labels of `dataset_arrays(count, seed)`, int64 `(count,)`."""
    classes = len(EMOTIONS)
    # A block has a generator of its own, so that no label depends on the count.
    blocks = [
        random_stream(LABEL_STREAM, seed, block).permutation(classes)
        for block in range(-(-count // classes))
    ]
    return np.concatenate(blocks)[:count].astype("int64")


def _checked(count: int, seed: int, size: int) -> tuple[int, int, int]:
    return (
        whole_number("count", count, 1),
        whole_number("seed", seed),
        whole_number("size", size, SMALLEST_SIZE),
    )
