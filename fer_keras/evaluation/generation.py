"""Generation: do the faces look real, are they varied, do they show their emotion?"""

import numpy as np

from fer_keras.evaluation.distances import (
    frechet_distance_score,
    kernel_distance_score,
)
from fer_keras.evaluation.generated_faces import GenerationRecord
from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.evaluation.resampling import RESAMPLES, Scores, resample
from fer_keras.metrics import (
    ball_counts,
    confusion_matrix,
    judged_as,
    memorisation_score,
    nearest_neighbour_distances,
)

GENERATION_SCORES = {
    "kernel_distance": "kernel distance",
    "frechet_distance": "Fréchet distance",
    "kernel_distance_without_labels": "kernel, label-free",
    "frechet_distance_without_labels": "Fréchet, label-free",
    "density": "density",
    "coverage": "coverage",
    "label_accuracy": "label accuracy",
    "closer_than_unseen": "closer than unseen",
}
"""The scores of generated faces and what the tables call them."""

_NEAREST = 5
# A class with fewer real faces says too little about itself.
_FEWEST_OF_A_CLASS = 50


def score_generation(
    record: GenerationRecord,
    real: RealFaces,
    training_features: np.ndarray | None = None,
    resamples: int = RESAMPLES,
    size_dependent: bool = True,
) -> Scores:
    """Returns the scores of generated faces.

    The distances, density and coverage compare as many generated as real faces of
    each emotion (`matched_rows`), in the features of the first classifier and,
    "label-free", of the identity encoder. `label_accuracy` is the share of all
    generated faces to which all judges give the emotion asked for.
    `closer_than_unseen` is the chance that a generated face lies closer to the
    training faces than a real unseen one: 0.5 for fresh faces, 1 for copies.

    Args:
        record: The generated faces.
        real: The real ones of the split.
        training_features: The identity encoder's features of the training faces;
            without them `closer_than_unseen` is left out.
        resamples: Number of bootstrap draws.
        size_dependent: Whether to add Fréchet distances, density and coverage, which
            depend on the number of faces and cannot be compared with those of
            candidates that generated more.
    """
    rows, chosen = matched_rows(real.labels, record.labels, real.num_classes)
    of_emotion = real.emotion_features[rows], record.emotion_features[chosen]
    # Features of length 1, brought to the size at which the kernel's product of
    # two, divided by their number of dimensions, is their cosine.
    scale = np.sqrt(real.identity_features.shape[1])
    of_identity = (
        real.identity_features[rows] * scale,
        record.identity_features[chosen] * scale,
    )
    scores = {
        "kernel_distance": kernel_distance_score(*of_emotion, resamples),
        "kernel_distance_without_labels": kernel_distance_score(
            *of_identity, resamples
        ),
        **_mean("label_accuracy", label_hits(record, real.num_classes), resamples),
    }
    if size_dependent:
        balls, covered = ball_counts(*of_emotion, _NEAREST)
        scores |= {
            "frechet_distance": frechet_distance_score(*of_emotion, resamples),
            "frechet_distance_without_labels": frechet_distance_score(
                *of_identity, resamples
            ),
            **_mean("density", balls / _NEAREST, resamples),
            **_mean("coverage", covered, resamples),
        }
    if training_features is not None:
        scores |= _memorisation(*of_identity, training_features * scale, resamples)
    return scores


def label_hits(record: GenerationRecord, num_classes: int) -> np.ndarray:
    """Boolean `(count,)`: all judges see the emotion that was asked for."""
    return judged_as(record.labels, *record.predictions, num_classes=num_classes)


def _mean(name: str, values: np.ndarray, resamples: int) -> Scores:
    return resample(
        (name,), lambda rows: (values[rows].mean(),), len(values), resamples
    )


def _memorisation(real, generated, training, resamples: int) -> Scores:
    unseen = nearest_neighbour_distances(real, training)
    if not np.median(unseen) > 0:
        # The real faces are training faces themselves: nothing is unseen.
        return {}
    generated = nearest_neighbour_distances(generated, training)
    return resample(
        ("closer_than_unseen",),
        lambda rows: (
            memorisation_score(generated[rows], unseen[rows]).closer_probability,
        ),
        len(unseen),
        resamples,
    )


def matched_rows(
    real_labels: np.ndarray, generated_labels: np.ndarray, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows of both sets with as many of each class, in the real shares.

    Distances between distributions would otherwise also measure that disgust is 1 %
    of the real faces and a seventh of the generated ones. Where a class has more
    real faces than generated ones, all classes are thinned in the same proportion.

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


def generation_details(
    record: GenerationRecord, real: RealFaces, names, resamples: int = RESAMPLES
) -> dict:
    """Returns what stands behind the scores: by judge and by class.

    Returns:
        `judges`: for each its label accuracy and its matrix of counts, asked (row)
        against seen (column); `kernel_distance_by_class`: with interval, None for a
        class with fewer than 50 real faces.
    """
    judges = {}
    for name, predictions in zip(names, record.predictions, strict=True):
        matrix = confusion_matrix(record.labels, predictions, real.num_classes)
        judges[name] = {
            "label_accuracy": float(np.trace(matrix) / matrix.sum()),
            "matrix": matrix.tolist(),
        }
    by_class = []
    for label in range(real.num_classes):
        of_real = real.emotion_features[real.labels == label]
        generated = record.emotion_features[record.labels == label]
        if min(len(of_real), len(generated)) < _FEWEST_OF_A_CLASS:
            by_class.append(None)
            continue
        score = kernel_distance_score(of_real, generated, resamples)
        by_class.append(score.interval._asdict())
    return {"judges": judges, "kernel_distance_by_class": by_class}
