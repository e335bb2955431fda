import numpy as np
import pytest
import scipy.stats

from fer_keras.metrics import (
    class_hit_rates,
    harmonic_mean,
    judged_as,
    relative_hit,
    source_kept,
    transfer_matrix,
    transfer_pairs,
)


def test_every_face_goes_to_every_other_emotion_once():
    labels = np.random.default_rng(0).integers(7, size=50)
    rows, targets = transfer_pairs(labels)
    assert len(rows) == len(targets) == 300
    assert (rows.reshape(50, 6) == np.arange(50)[:, None]).all()
    for label, of_face in zip(labels, targets.reshape(50, 6), strict=True):
        assert of_face.tolist() == [other for other in range(7) if other != label]


def test_a_hit_needs_every_judge():
    first, second = [3, 3, 0, 6], [3, 0, 0, 3]
    assert judged_as([3, 3, 3, 3], first).tolist() == [True, True, False, False]
    assert judged_as([3, 3, 3, 3], first, second).tolist() == [True] + [False] * 3
    with pytest.raises(ValueError, match="one judge or more"):
        judged_as([3, 3])


def test_relative_hit_by_hand():
    hits = np.array([True, False, False, True, True])
    assert relative_hit(hits, judge_accuracy=0.75) == pytest.approx(0.8)
    assert relative_hit(hits, judge_accuracy=0.5) == pytest.approx(1.2)


def test_real_faces_have_relative_hit_one_with_either_kind_of_accuracy():
    random = np.random.default_rng(0)
    labels = random.integers(7, size=400)
    predictions = np.where(random.uniform(size=400) < 0.6, labels, 2)
    hits = judged_as(labels, predictions)
    assert relative_hit(hits, hits.mean()) == pytest.approx(1)
    of_each = class_hit_rates(labels, predictions)[labels]
    assert relative_hit(hits, of_each) == pytest.approx(1)


def test_accuracies_of_each_class_weigh_the_targets():
    # The judge sees happy in 9 of 10 and fear in 3 of 10; edits hit as often, but
    # fear is asked for three times as often as happy.
    accuracies = np.zeros(7)
    accuracies[3], accuracies[2] = 0.9, 0.3
    targets = np.repeat([3, 2], [10, 30])
    hits = np.concatenate([np.arange(10) < 9, np.arange(30) < 9])
    assert relative_hit(hits, accuracies[targets]) == pytest.approx(1)
    assert relative_hit(hits, 0.6) == pytest.approx(0.75)


def test_source_kept_by_hand():
    assert source_kept([0, 0, 1, 1], [0, 3, 1, 1], [0, 0, 1, 2]) == 0.5


def test_transfer_matrix_by_hand():
    sources, targets = [0, 0, 0, 1, 6], [1, 1, 2, 0, 3]
    matrix = transfer_matrix(sources, targets, [True, False, True, False, True])
    assert matrix[0, 1] == 0.5 and matrix[0, 2] == 1
    assert matrix[1, 0] == 0 and matrix[6, 3] == 1
    assert np.isfinite(matrix).sum() == 4
    assert np.isnan(np.diag(matrix)).all()


def test_transfer_matrix_of_all_edits_averages_back_to_the_hit_rate():
    random = np.random.default_rng(0)
    labels = np.arange(70) % 7
    rows, targets = transfer_pairs(labels)
    hits = random.uniform(size=len(rows)) < 0.4
    matrix = transfer_matrix(labels[rows], targets, hits)
    assert np.nanmean(matrix) == pytest.approx(hits.mean())


def test_harmonic_mean():
    assert harmonic_mean(0.5, 0.25) == pytest.approx(1 / 3)
    assert harmonic_mean(0.7) == pytest.approx(0.7)
    assert harmonic_mean(0.9, 0.0) == 0
    assert harmonic_mean(0.3, 0.6, 1.2) == pytest.approx(
        scipy.stats.hmean([0.3, 0.6, 1.2])
    )
    for wrong in ((), (0.5, -0.1), (0.5, np.nan)):
        with pytest.raises(ValueError, match="finite scores of 0 or more"):
            harmonic_mean(*wrong)


def test_errors():
    with pytest.raises(ValueError, match="booleans"):
        relative_hit([3, 0], 0.5)
    with pytest.raises(ValueError, match="one for each of 2 edits"):
        relative_hit([True, False], [0.5, 0.5, 0.5])
    for wrong in (0.0, 1.5, -0.2, np.nan):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            relative_hit([True, False], wrong)
    with pytest.raises(ValueError, match="hits: 1"):
        transfer_matrix([0, 1], [1, 0], [True])
