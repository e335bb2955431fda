"""Faces that a candidate draws, and what the judges say of them."""

import dataclasses

import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.panel import JudgePanel
from fer_keras.evaluation.real_faces import BATCH_SIZE, batches
from fer_keras.metrics.input_checks import check_images, check_same_length

FACES_PER_CLASS = 1000


@dataclasses.dataclass(frozen=True)
class GenerationRecord:
    """What is kept of generated faces: what the judges say, no images.

    Attributes:
        labels: int64 `(count,)`, the emotions asked for, in turn.
        predictions: int8 `(judges, count)`.
        emotion_features: float32 `(count, dimensions)`.
        identity_features: float32 `(count, dimensions)`.
    """

    labels: np.ndarray
    predictions: np.ndarray
    emotion_features: np.ndarray
    identity_features: np.ndarray


def generated_batches(
    candidate: Candidate,
    num_classes: int,
    faces_per_class: int = FACES_PER_CLASS,
    seed: int = 0,
):
    """Yields (faces, labels): as many of each class, the classes in turn.

    Raises:
        ValueError: The candidate returned something else than uint8 faces.
    """
    random = np.random.default_rng(seed)
    labels = np.tile(np.arange(num_classes), faces_per_class)
    for rows in batches(len(labels), BATCH_SIZE):
        name = f"Faces of {candidate.name}"
        faces = check_images(name, candidate.generate(labels[rows], random))
        check_same_length(labels=labels[rows], faces=faces)
        yield faces, labels[rows]


def record_generation(
    candidate: Candidate,
    panel: JudgePanel,
    faces_per_class: int = FACES_PER_CLASS,
    seed: int = 0,
    progress=None,
) -> GenerationRecord:
    """Draws faces and keeps what the judges say of them.

    Args:
        candidate: What draws them.
        panel: The judges.
        faces_per_class: How many faces of each emotion.
        seed: Of the noise, the same for every candidate.
        progress: Called with faces done and faces in all after each batch.
    """
    labels, seen, total = [], [], faces_per_class * panel.num_classes
    for faces, asked in generated_batches(
        candidate, panel.num_classes, faces_per_class, seed
    ):
        labels.append(asked)
        seen.append(panel.observe(faces))
        if progress:
            progress(sum(map(len, labels)), total)
    return GenerationRecord(
        np.concatenate(labels),
        np.concatenate([part.predictions for part in seen], axis=1),
        np.concatenate([part.emotion_features for part in seen]),
        np.concatenate([part.identity_features for part in seen]),
    )
