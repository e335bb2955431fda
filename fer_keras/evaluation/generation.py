"""Generated faces: do they look real, are they fresh, do they show their emotion?"""

import dataclasses

import numpy as np
from sklearn.neighbors import NearestNeighbors

from fer_keras.evaluation.candidates import Candidate
from fer_keras.evaluation.edits import RealFaces
from fer_keras.evaluation.observations import BATCH_SIZE, JudgeSet, Progress
from fer_keras.evaluation.scores import Bootstrap, Score
from fer_keras.metrics import (
    frechet_distance,
    frechet_influence,
    kernel_distance,
    kernel_influence,
)


@dataclasses.dataclass(frozen=True)
class GenerationRecord:
    """Generated faces and what the judges see in them.

    Attributes:
        labels: int64 `(count,)`, the emotions asked for, in turn.
        predictions: int8 `(count, judges)`.
        features: float32 `(count, dimensions)`.
        nearest: float64 `(count,)`: distances to the nearest training face.
    """

    labels: np.ndarray
    predictions: np.ndarray
    features: np.ndarray
    nearest: np.ndarray


class TrainingNeighbours:
    """Finds how near faces lie to the training faces: does a generator copy?

    By the pixels of pictures of half the size, less their mean and divided by their
    deviation.

    Args:
        images: uint8 `(count, height, width, 1)`, the training faces.
    """

    def __init__(self, images: np.ndarray):
        self._neighbours = NearestNeighbors(n_neighbors=1, algorithm="brute")
        self._neighbours.fit(_small_pictures(images))

    def distances(self, images: np.ndarray) -> np.ndarray:
        """Returns each face's distance to the nearest training face, `(count,)`."""
        return self._neighbours.kneighbors(_small_pictures(images))[0][:, 0]


def _small_pictures(images) -> np.ndarray:
    count, height, width, channels = images.shape
    height, width = height // 2 * 2, width // 2 * 2
    squares = images[:, :height, :width].reshape(
        count, height // 2, 2, width // 2, 2, channels
    )
    rows = squares.mean(axis=(2, 4), dtype="float32").reshape(count, -1)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(rows.std(axis=1, keepdims=True), 1e-3)


def generated_faces(
    candidate: Candidate, num_classes: int, faces_per_class: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Returns uint8 faces and their labels, as many of each class, in turn.

    Raises:
        ValueError: The candidate returned something else than uint8 faces.
    """
    random = np.random.default_rng(seed)
    labels = np.tile(np.arange(num_classes), faces_per_class)
    parts = []
    for start in range(0, len(labels), BATCH_SIZE):
        asked = labels[start : start + BATCH_SIZE]
        faces = np.asarray(candidate.generate(asked, random))
        if faces.dtype != np.uint8 or faces.ndim != 4 or len(faces) != len(asked):
            raise ValueError(
                f"{candidate.name}: expected {len(asked)} faces, uint8 (count, height, "
                f"width, channels), got {faces.dtype} {faces.shape}."
            )
        parts.append(faces)
    return np.concatenate(parts), labels


def record_generation(
    faces: np.ndarray,
    labels: np.ndarray,
    judges: JudgeSet,
    neighbours: TrainingNeighbours,
    keep: bool = False,
    progress: Progress = lambda done, total: None,
) -> GenerationRecord:
    """Shows generated faces to the judges; see `JudgeSet.observe`."""
    seen = judges.observe(faces, identity=False, keep=keep, progress=progress)
    return GenerationRecord(
        labels, seen.predictions, seen.features, neighbours.distances(faces)
    )


def score_generation(
    record: GenerationRecord, real: RealFaces, unseen: np.ndarray, split: Bootstrap
) -> dict[str, Score]:
    """Returns the scores of generated faces.

    The distances compare as many generated as real faces of each emotion, in the real
    shares: they would otherwise also measure that disgust is 1.5 % of FER2013.
    `label_accuracy` is the share of all generated faces in which all judges see the
    emotion asked for. `closer_than_unseen` is the chance that a generated face lies
    closer to the training faces than a real unseen one: 0.5 for fresh faces, 1 for
    copies.

    Args:
        record: The generated faces.
        real: The real ones of the split.
        unseen: Their distances to the nearest training faces.
        split: Draws of the real faces.

    Reference:
        Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying
        in Generative Models" (2020), section 4, for `closer_than_unseen`.
    """
    rows, chosen = matched_rows(real.labels, record.labels, real.num_classes)
    pair = real.seen.features[rows], record.features[chosen]
    others = Bootstrap(len(chosen), len(split.weights), seed=1)
    scores = {}
    for name, distance, influence in (
        ("kernel_distance", kernel_distance, kernel_influence),
        ("frechet_distance", frechet_distance, frechet_influence),
    ):
        value, (pulls, other_pulls) = distance(*pair), influence(*pair)
        draws = value + split.shift(pulls, rows) + others.shift(other_pulls)
        scores[name] = Score(value, draws)
    every = Bootstrap(len(record.labels), len(split.weights), seed=1)
    hits = (record.predictions == record.labels[:, None]).all(axis=1)
    closer = _chance_of_being_closer(record.nearest, unseen)
    return {
        **scores,
        "label_accuracy": every.mean(hits),
        "closer_than_unseen": every.mean(closer),
    }


def _chance_of_being_closer(distances, unseen) -> np.ndarray:
    """Returns for each distance the share of unseen faces that lie farther away."""
    unseen = np.sort(unseen)
    farther = len(unseen) - np.searchsorted(unseen, distances, side="right")
    as_far = np.searchsorted(unseen, distances, side="right") - np.searchsorted(
        unseen, distances, side="left"
    )
    return (farther + as_far / 2) / len(unseen)


def matched_rows(
    real_labels: np.ndarray, generated_labels: np.ndarray, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows of both sets with as many of each class, in the real shares.

    Where a class has more real faces than generated ones, all classes are thinned in
    the same proportion.

    Raises:
        ValueError: A class that has real faces has no generated one.
    """
    wanted = np.bincount(real_labels, minlength=num_classes)
    there = np.bincount(generated_labels, minlength=num_classes)
    if (there[wanted > 0] == 0).any():
        raise ValueError("Expected generated faces of every class of real ones.")
    share = min(1.0, np.min(there[wanted > 0] / wanted[wanted > 0]))
    real_rows, generated_rows = [], []
    for label, count in enumerate(np.floor(wanted * share + 1e-9).astype(int)):
        of_real = np.flatnonzero(real_labels == label)
        evenly = np.linspace(0, len(of_real), count, endpoint=False).astype(int)
        real_rows.append(of_real[evenly])
        generated_rows.append(np.flatnonzero(generated_labels == label)[:count])
    return np.concatenate(real_rows), np.concatenate(generated_rows)
