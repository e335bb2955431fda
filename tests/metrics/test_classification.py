import numpy as np
import pytest
import sklearn.metrics

from fer_keras.metrics import accuracy, class_hit_rates, confusion_matrix

_LABELS = np.array([0, 0, 0, 1, 3, 3, 6, 6])
_PREDICTIONS = np.array([0, 0, 4, 0, 3, 3, 5, 6])


def test_accuracy_by_hand():
    assert accuracy(_LABELS, _PREDICTIONS) == 5 / 8


def test_confusion_matrix_by_hand():
    expected = np.zeros((7, 7), int)
    expected[0, 0], expected[0, 4], expected[1, 0] = 2, 1, 1
    expected[3, 3], expected[6, 5], expected[6, 6] = 2, 1, 1
    np.testing.assert_array_equal(confusion_matrix(_LABELS, _PREDICTIONS), expected)


def test_hit_rates_by_hand_and_unseen_classes_are_nan():
    expected = [2 / 3, 0, np.nan, 1, np.nan, np.nan, 1 / 2]
    np.testing.assert_allclose(class_hit_rates(_LABELS, _PREDICTIONS), expected)


def test_equal_scikit_learn():
    random = np.random.default_rng(0)
    labels, predictions = random.integers(7, size=(2, 500))
    np.testing.assert_array_equal(
        confusion_matrix(labels, predictions),
        sklearn.metrics.confusion_matrix(labels, predictions, labels=range(7)),
    )
    assert accuracy(labels, predictions) == pytest.approx(
        sklearn.metrics.accuracy_score(labels, predictions)
    )
    np.testing.assert_allclose(
        class_hit_rates(labels, predictions),
        sklearn.metrics.recall_score(labels, predictions, average=None),
    )


def test_small_integer_types_do_not_overflow():
    labels = np.full(300, 6, "uint8")
    assert confusion_matrix(labels, labels)[6, 6] == 300
    hundred = np.full(2, 99, "uint8")
    assert confusion_matrix(hundred, hundred, num_classes=100)[99, 99] == 2


def test_errors():
    with pytest.raises(ValueError, match="labels: 3, predictions: 2"):
        accuracy([0, 1, 2], [0, 1])
    with pytest.raises(ValueError, match="argmax"):
        confusion_matrix([0, 1], np.eye(7)[:2])
    with pytest.raises(ValueError, match="from 0 to 1, got 0 to 2"):
        class_hit_rates([0, 1], [0, 2], num_classes=2)
