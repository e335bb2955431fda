"""On drawn faces the truth is known: what the edited face should have been."""

from collections.abc import Callable

import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.edits import check_edits
from fer_keras.evaluation.real_faces import BATCH_SIZE, batches
from fer_keras.evaluation.resampling import RESAMPLES, Scores, resample
from fer_keras.metrics import mean_squared_error, structural_similarity

TRUTH_SCORES = {
    "truth_mean_squared_error": "MSE to the truth",
    "truth_structural_similarity": "SSIM to the truth",
}
"""The scores against the true faces and what the tables call them."""


def score_truth(
    candidate: Candidate,
    images: np.ndarray,
    labels: np.ndarray,
    truth_of: Callable[[np.ndarray], np.ndarray],
    resamples: int = RESAMPLES,
    batch_size: int = BATCH_SIZE,
) -> Scores:
    """Returns how far edits to other emotions are from the true faces.

    Args:
        candidate: What changes the faces.
        images: uint8 `(count, height, width, 1)`.
        labels: int64 `(count,)`.
        truth_of: Takes rows int64 `(batch,)`; returns the true faces in every
            emotion, uint8 `(batch, num_classes, height, width, 1)`.
        resamples: Number of bootstrap draws over the faces.
        batch_size: Faces at a time.

    Returns:
        The mean over faces of the mean over their edits, squared grey levels and
        SSIM.

    Raises:
        ValueError: `truth_of` draws other faces than `images`.
    """
    parts = []
    for chosen in batches(len(images), batch_size):
        rows = np.arange(len(images))[chosen]
        truth = truth_of(rows)
        own = labels[chosen]
        if not np.array_equal(truth[np.arange(len(rows)), own], images[chosen]):
            raise ValueError(
                "The true faces with their own emotions are not the faces given: "
                "these are other persons."
            )
        classes = truth.shape[1]
        edited = check_edits(candidate, images[chosen], own, classes)
        others = own[:, None] != np.arange(classes)
        pair = truth[others], edited[others]
        parts.append(
            np.stack(
                [
                    measure(*pair).reshape(len(rows), -1).mean(axis=1)
                    for measure in (mean_squared_error, structural_similarity)
                ],
                axis=1,
            )
        )
    per_face = np.concatenate(parts)
    return resample(
        tuple(TRUTH_SCORES),
        lambda rows: per_face[rows].mean(axis=0),
        len(per_face),
        resamples,
    )
