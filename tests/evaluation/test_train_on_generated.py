import numpy as np
import pytest

from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.evaluation.train_on_generated import score_train_on_generated
from tests.evaluation.conftest import PerfectTransfer, striped_faces


class _Mislabelled(PerfectTransfer):
    """Draws the next emotion instead of the one asked for."""

    def generate(self, labels, random):
        return super().generate((np.asarray(labels) + 1) % 7, random)


@pytest.mark.parametrize(
    ("candidate", "lowest", "highest"),
    [(PerfectTransfer(), 0.8, 1.0), (_Mislabelled(), 0.0, 0.1)],
)
def test_right_labels_teach_and_wrong_ones_do_not(panel, candidate, lowest, highest):
    real = RealFaces.seen_by(panel, *striped_faces(35, seed=102))
    scores = score_train_on_generated(
        candidate, real, faces_per_class=24, epochs=6, batch_size=28, resamples=10
    )
    assert lowest <= scores["test_on_real_accuracy"].estimate <= highest
