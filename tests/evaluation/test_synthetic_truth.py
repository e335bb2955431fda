import numpy as np
import pytest

from fer_keras import synthetic_faces
from fer_keras.evaluation import Candidate
from fer_keras.evaluation.synthetic_truth import score_truth
from fer_keras.metrics import mean_squared_error, structural_similarity


class _Drawn(Candidate):
    """Knows the truth, and leaves a share of the faces as they are."""

    def __init__(self, images, truth, wrong=0):
        super().__init__("drawn", "model")
        self.wrong = {face.tobytes() for face in images[:wrong]}
        self.truth = {
            face.tobytes(): rows for face, rows in zip(images, truth, strict=True)
        }

    def edit(self, images, labels):
        return np.stack(
            [
                np.stack([face] * 7)
                if face.tobytes() in self.wrong
                else self.truth[face.tobytes()]
                for face in images
            ]
        )


@pytest.fixture(scope="module")
def drawn():
    images, labels = synthetic_faces.dataset_arrays(12, seed=3)
    return images, labels, synthetic_faces.truth_arrays(12, seed=3)


def test_the_truth_itself_has_no_error(drawn):
    images, labels, truth = drawn
    scores = score_truth(
        _Drawn(images, truth), images, labels, truth.__getitem__, resamples=5
    )
    assert scores["truth_mean_squared_error"].interval == (0, 0, 0)
    assert scores["truth_structural_similarity"].estimate == pytest.approx(1)


@pytest.mark.parametrize("batch_size", [5, 64])
def test_faces_left_unchanged_are_as_far_as_the_metrics_say(drawn, batch_size):
    images, labels, truth = drawn
    scores = score_truth(
        _Drawn(images, truth, wrong=4),
        images,
        labels,
        truth.__getitem__,
        resamples=5,
        batch_size=batch_size,
    )
    errors, similarities = [], []
    for row in range(12):
        others = [e for e in range(7) if e != labels[row]]
        made = np.stack([images[row]] * 6) if row < 4 else truth[row, others]
        errors.append(mean_squared_error(truth[row, others], made))
        similarities.append(structural_similarity(truth[row, others], made))
    assert scores["truth_mean_squared_error"].estimate == pytest.approx(np.mean(errors))
    assert scores["truth_structural_similarity"].estimate == pytest.approx(
        np.mean(similarities)
    )


def test_other_persons_are_refused(drawn):
    images, labels, truth = drawn
    with pytest.raises(ValueError, match="other persons"):
        score_truth(
            _Drawn(images, truth), images, labels, truth[::-1].__getitem__, resamples=5
        )
