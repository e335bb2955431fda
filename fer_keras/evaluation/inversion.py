"""Inversion: how close G(E(x)|own label) comes to x."""

import numpy as np

from fer_keras.evaluation.edits import EditRecord
from fer_keras.evaluation.resampling import RESAMPLES, Scores, resample

INVERSION_SCORES = {
    "mean_squared_error": "MSE",
    "peak_signal_to_noise_ratio": "PSNR, dB",
    "structural_similarity": "SSIM",
    "feature_cosine": "feature cosine",
}
"""The scores of an inversion and what the tables call them."""

EXACT_COPY_DECIBELS = 100.0
"""What stands for the infinite PSNR of an exact copy: one grey level in one pixel of
48 by 48 is 81.8 dB already."""


def score_inversion(record: EditRecord, resamples: int = RESAMPLES) -> Scores:
    """Returns the scores of the reconstructions, each the mean over the faces.

    Args:
        record: Of all faces of the split.
        resamples: Number of bootstrap draws over the faces.

    Reference:
        The paper, equation 14 (the error that is measured); Wang et al., "Image
        Quality Assessment" (2004).
    """
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(255.0**2 / record.squared_errors.astype("float64"))
    columns = np.stack(
        [
            record.squared_errors,
            np.minimum(decibels, EXACT_COPY_DECIBELS),
            record.similarities,
            record.feature_cosines,
        ],
        axis=1,
    ).astype("float64")
    return resample(
        tuple(INVERSION_SCORES),
        lambda rows: columns[rows].mean(axis=0),
        len(record),
        resamples,
    )
