import numpy as np
import pytest

from fer_keras.evaluation.controls import UnchangedFace
from fer_keras.evaluation.generated_faces import (
    GenerationRecord,
    generated_batches,
    record_generation,
)
from fer_keras.evaluation.generation import (
    generation_details,
    matched_rows,
    score_generation,
)
from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.evaluation.training_faces import TrainingFaces
from fer_keras.metrics import (
    density_and_coverage,
    frechet_distance,
    kernel_distance,
    memorisation_score,
    nearest_neighbour_distances,
)
from tests.evaluation.conftest import PerfectTransfer, striped_faces


class _WrongHappiness(PerfectTransfer):
    """Draws surprise (5) where happiness (3) is asked for."""

    def generate(self, labels, random):
        return super().generate(np.where(labels == 3, 5, labels), random)


@pytest.fixture
def real(panel):
    return RealFaces.seen_by(panel, *striped_faces(70, seed=102))


def _estimates(scores):
    return {name: score.estimate for name, score in scores.items()}


def test_matched_rows_by_hand():
    real = np.array([0, 0, 0, 0, 1, 1, 2])
    rows, chosen = matched_rows(real, np.array([0, 1, 2, 0, 1, 2]), 3)
    # Two faces of class 0 for four real ones: half of each class, rounded down.
    assert rows.tolist() == [0, 2, 4]
    assert chosen.tolist() == [0, 3, 1]
    rows, chosen = matched_rows(real, np.tile([0, 1, 2], 9), 3)
    assert rows.tolist() == list(range(7))
    assert np.tile([0, 1, 2], 9)[chosen].tolist() == real.tolist()


def test_a_class_that_was_not_generated_is_an_error():
    with pytest.raises(ValueError, match="every class"):
        matched_rows(np.array([0, 1]), np.array([0, 0]), 2)


def test_label_accuracy_and_matrix_by_hand(panel, real):
    record = record_generation(_WrongHappiness(), panel, faces_per_class=10)
    assert record.labels.tolist() == list(range(7)) * 10
    scores = score_generation(record, real, resamples=5)
    assert scores["label_accuracy"].estimate == pytest.approx(6 / 7)
    details = generation_details(record, real, panel.names, resamples=5)
    matrix = np.array(details["judges"]["first"]["matrix"])
    assert matrix[3].tolist() == [0, 0, 0, 0, 0, 10, 0]
    assert matrix[5, 5] == 10
    # Ten faces of a class are too few for a distance of its own.
    assert details["kernel_distance_by_class"] == [None] * 7


def test_scores_are_what_the_metrics_say():
    random = np.random.default_rng(0)
    labels = np.arange(140) % 7

    def features(count, shift):
        return random.normal(shift, 1, (count, 4)).astype("float32")

    real = RealFaces(
        np.zeros((140, 1, 1, 1), "uint8"),
        labels,
        labels[None].astype("int8"),
        features(140, 0.0),
        features(140, 0.0),
        7,
    )
    record = GenerationRecord(
        labels, labels[None].astype("int8"), features(140, 0.3), features(140, 0.2)
    )
    training = features(90, 0.0)
    found = _estimates(score_generation(record, real, training, resamples=5))
    order = np.argsort(labels, kind="stable")
    emotion = real.emotion_features[order], record.emotion_features[order]
    # With features times two, a product divided by 4 dimensions is their product.
    identity = 2 * real.identity_features[order], 2 * record.identity_features[order]
    distances = [nearest_neighbour_distances(rows, 2 * training) for rows in identity]
    assert found == pytest.approx(
        {
            "kernel_distance": kernel_distance(*emotion),
            "frechet_distance": frechet_distance(*emotion),
            "kernel_distance_without_labels": kernel_distance(*identity),
            "frechet_distance_without_labels": frechet_distance(*identity),
            "density": density_and_coverage(*emotion).density,
            "coverage": density_and_coverage(*emotion).coverage,
            "label_accuracy": 1.0,
            "closer_than_unseen": memorisation_score(
                distances[1], distances[0]
            ).closer_probability,
        },
        rel=1e-5,
    )


def test_copies_are_found_out_and_fresh_faces_are_not(panel, real):
    train = striped_faces(140, seed=100)
    features = panel.identity_features(train[0])
    training = TrainingFaces(*train, 7)
    closer = {}
    for candidate in (UnchangedFace(training), PerfectTransfer()):
        record = record_generation(candidate, panel, faces_per_class=10)
        scores = score_generation(record, real, features, resamples=5)
        closer[candidate.name] = scores["closer_than_unseen"].estimate
    assert closer["unchanged face"] == 1
    assert 0.35 < closer["perfect"] < 0.65


def test_nothing_is_unseen_among_the_training_faces_themselves(panel, real):
    record = record_generation(PerfectTransfer(), panel, faces_per_class=10)
    scores = score_generation(record, real, real.identity_features, resamples=5)
    assert "closer_than_unseen" not in scores


def test_scores_that_depend_on_the_number_of_faces_can_be_left_out(panel, real):
    record = record_generation(PerfectTransfer(), panel, faces_per_class=5)
    scores = score_generation(record, real, resamples=5, size_dependent=False)
    assert set(scores) == {
        "kernel_distance",
        "kernel_distance_without_labels",
        "label_accuracy",
    }


def test_the_same_seed_draws_the_same_faces_in_batches_of_the_same_classes():
    first = list(generated_batches(PerfectTransfer(), 7, 50, seed=1))
    second = list(generated_batches(PerfectTransfer(), 7, 50, seed=1))
    assert [len(labels) for _, labels in first] == [256, 94]
    for (faces, _), (again, _) in zip(first, second, strict=True):
        np.testing.assert_array_equal(faces, again)
    other = next(generated_batches(PerfectTransfer(), 7, 50, seed=2))
    assert (other[0] != first[0][0]).any()
