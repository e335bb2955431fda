"""At which weight does blending with the mean face score best?"""

import dataclasses

import numpy as np

from fer_keras.evaluation.controls import BlendedFace
from fer_keras.evaluation.edits import record_edits
from fer_keras.evaluation.panel import JudgePanel
from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.evaluation.training_faces import TrainingFaces
from fer_keras.evaluation.transfer import score_transfer

_COARSE = (0.2, 0.4, 0.6, 0.8)
_FINE_STEP = 0.1


@dataclasses.dataclass(frozen=True)
class BlendCurve:
    """What the blend scores at each weight that was tried, weights rising.

    Attributes:
        weights: float64 `(tried,)`: of the face itself.
        relative_hits: float64 `(tried,)`.
        first_ranks: float64 `(tried,)`.
        headlines: float64 `(tried,)`: their harmonic means.
    """

    weights: np.ndarray
    relative_hits: np.ndarray
    first_ranks: np.ndarray
    headlines: np.ndarray

    @property
    def best_weight(self) -> float:
        """The weight with the highest headline."""
        return float(self.weights[np.argmax(self.headlines)])


def search_blend(
    training: TrainingFaces,
    real: RealFaces,
    panel: JudgePanel,
    faces: int = 350,
) -> BlendCurve:
    """Tries weights on some faces of the validation split, first far apart.

    Args:
        training: The training faces.
        real: The validation split; all of it is the gallery.
        panel: The judges.
        faces: How many faces to change, spread evenly over the split.
    """
    count = min(faces, len(real))
    rows = np.linspace(0, len(real), count, endpoint=False).astype(int)
    tried = {}

    def scores(weight):
        record = record_edits(BlendedFace(training, weight), real, panel, rows)
        found = score_transfer(record, hit_rates=real.hit_rates, resamples=1)
        names = ("relative_hit", "rank_1", "headline")
        return [found[name].estimate for name in names]

    for weight in _COARSE:
        tried[weight] = scores(weight)
    best = max(tried, key=lambda weight: tried[weight][-1])
    for weight in (round(best - _FINE_STEP, 3), round(best + _FINE_STEP, 3)):
        tried[weight] = scores(weight)
    weights = sorted(tried)
    table = np.array([tried[weight] for weight in weights])
    return BlendCurve(np.array(weights), *table.T)
