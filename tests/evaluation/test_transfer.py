import numpy as np
import pytest

from fer_keras.evaluation.edits import EditRecord
from fer_keras.evaluation.transfer import (
    hits_of_targets,
    kept_sources,
    score_transfer,
    transfer_details,
)
from fer_keras.metrics import harmonic_mean, relative_hit, transfer_pairs


def record(labels, predictions, ranks=None, outside=None):
    """A record with what transfers need; predictions `(judges, count, classes)`."""
    predictions = np.asarray(predictions, "int8")
    table = predictions.shape[1:]
    fill = np.zeros(table, "float32")
    return EditRecord(
        labels=np.asarray(labels),
        predictions=predictions,
        target_probabilities=fill,
        ranks=np.ones(table, "int32") if ranks is None else np.asarray(ranks),
        identity_cosines=fill,
        outside_similarity=fill if outside is None else np.asarray(outside),
        squared_errors=fill[:, 0],
        similarities=fill[:, 0],
        feature_cosines=fill[:, 0],
    )


def _estimates(scores):
    return {name: score.estimate for name, score in scores.items()}


# Three classes, two faces, two judges. Face 0 (class 0) to 1: both say 1; to 2: the
# second still says 0. Face 1 (class 2) to 0: both say 2; to 1: both say 1.
_SMALL = record(
    [0, 2],
    [[[0, 1, 2], [2, 1, 2]], [[0, 1, 0], [2, 1, 2]]],
    ranks=[[1, 1, 12], [1, 10, 1]],
    outside=[[1.0, 0.5, 0.7], [0.2, 0.6, 1.0]],
)


def test_hits_and_kept_sources_by_hand():
    assert hits_of_targets(_SMALL).tolist() == [
        [True, True, False],
        [False, True, True],
    ]
    assert kept_sources(_SMALL).tolist() == [[True, False, False], [True, False, True]]


def test_scores_by_hand():
    rates = [0.8, 0.5, 0.6]
    found = _estimates(score_transfer(_SMALL, hit_rates=rates, resamples=5))
    # The targets are 1 and 2, 0 and 1: rates .5, .6, .8, .5 with mean .6.
    assert found["target_hit"] == 0.5
    assert found["relative_hit"] == pytest.approx(0.5 / 0.6)
    assert found["source_kept"] == 0.25
    # Ranks of the edits: 1 and 12, 1 and 10.
    assert found["rank_1"] == 0.5
    assert found["rank_10"] == 0.75
    assert found["outside_similarity"] == pytest.approx((0.5 + 0.7 + 0.2 + 0.6) / 4)
    assert found["headline"] == pytest.approx(harmonic_mean(0.5 / 0.6, 0.5))


def test_relative_hit_is_the_metric_with_the_rates_of_the_targets():
    random = np.random.default_rng(0)
    labels = random.integers(7, size=50)
    many = record(labels, random.integers(7, size=(1, 50, 7)))
    recognised = random.random(50) < 0.6
    found = score_transfer(many, recognised, resamples=5)
    rates = np.array([recognised[labels == label].mean() for label in range(7)])
    rows, targets = transfer_pairs(labels)
    hits = many.predictions[0, rows, targets] == targets
    assert found["relative_hit"].estimate == pytest.approx(
        relative_hit(hits, rates[targets])
    )
    assert found["target_hit"].estimate == pytest.approx(hits.mean())


def test_the_judges_accuracy_is_drawn_with_the_faces():
    random = np.random.default_rng(1)
    labels = np.arange(60) % 3
    predictions = np.tile(np.arange(3), (1, 60, 1))
    perfect = record(labels, predictions)
    recognised = random.random(60) < 0.5
    drawn = score_transfer(perfect, recognised, resamples=100)
    fixed = score_transfer(perfect, hit_rates=[0.5] * 3, resamples=100)
    assert np.ptp(fixed["relative_hit"].draws) == 0
    assert np.ptp(drawn["relative_hit"].draws) > 0.1


def test_a_class_that_a_draw_leaves_out_keeps_its_rate():
    labels = np.array([0] * 20 + [1])
    alone = record(labels, np.tile(np.arange(2), (1, 21, 1)))
    scores = score_transfer(alone, np.ones(21, bool), resamples=50)
    np.testing.assert_array_equal(scores["relative_hit"].draws, 1.0)


def test_judges_that_recognise_nothing_give_no_hit():
    scores = score_transfer(_SMALL, np.zeros(2, bool), resamples=3)
    assert scores["relative_hit"].estimate == 0
    assert scores["headline"].estimate == 0


def test_what_hits_are_relative_to_must_be_said_once():
    with pytest.raises(ValueError, match="either"):
        score_transfer(_SMALL)
    with pytest.raises(ValueError, match="either"):
        score_transfer(_SMALL, np.ones(2, bool), [1, 1, 1])


def test_details_by_hand():
    real = np.array([[0, 2, 1], [0, 1, 1]]), np.array([0, 2, 2])
    found = transfer_details(_SMALL, *real, ["a", "b"])
    assert found["matrix"] == [[None, 1.0, 0.0], [None, None, None], [0.0, 1.0, None]]
    assert found["judges"]["a"] == {
        "target_hit": 0.75,
        "accuracy_on_real_faces": pytest.approx(2 / 3),
    }
    assert found["judges"]["b"]["target_hit"] == 0.5
