import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from fer_keras.metrics import fit_linear_probe, linear_probe
from fer_keras.metrics.linear_probe import LinearProbe


def _features(count, told=1.5, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    labels = random.integers(7, size=count)
    features = random.normal(size=(count, 10))
    features[:, :7] += told * np.eye(7)[labels]
    return features * scale, labels


def test_prediction_by_hand():
    probe = LinearProbe(np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([0.0, 0.5]))
    # Scores of (1, 0): 1, -0.5; of (0, 0): 0, 0.5; of (2, 1): 2, 0.5.
    assert probe.predict([[1, 0], [0, 0], [2, 1]]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("ridge", [1e-3, 0.1])
def test_equals_scikit_learns_logistic_regression(ridge):
    features, labels = _features(400, scale=np.linspace(0.1, 50, 10))
    scaler = StandardScaler().fit(features)
    theirs = LogisticRegression(C=1 / (ridge * 400), tol=1e-8, max_iter=5000)
    theirs.fit(scaler.transform(features), labels)
    probe = fit_linear_probe(features, labels, ridge)
    np.testing.assert_allclose(
        probe.weights * scaler.scale_[:, None], theirs.coef_.T, atol=2e-3
    )
    ours = features @ probe.weights + probe.bias
    expected = theirs.decision_function(scaler.transform(features))
    np.testing.assert_allclose(
        ours - ours.mean(axis=1, keepdims=True),
        expected - expected.mean(axis=1, keepdims=True),
        atol=1e-2,
    )


def test_two_classes_by_hand():
    # At the optimum of one symmetric feature the gradient vanishes:
    # ridge * w = 1 / (1 + exp(2 w)) for the weights (-w, w) of the feature +-1.
    features, labels = np.array([[-1.0], [1.0]]), np.array([0, 1])
    probe = fit_linear_probe(features, labels, ridge=0.1, num_classes=2)
    weight = probe.weights[0, 1]
    assert probe.weights[0, 0] == pytest.approx(-weight)
    assert 0.1 * weight == pytest.approx(1 / (1 + np.exp(2 * weight)), abs=1e-5)


def test_finds_what_is_told_and_not_what_is_not():
    told, labels = _features(4000, told=3.0)
    test_told, test_labels = _features(4000, told=3.0, seed=1)
    best_possible = np.mean(test_told[:, :7].argmax(axis=1) == test_labels)
    accuracy = linear_probe(told, labels, test_told, test_labels)
    assert accuracy == pytest.approx(best_possible, abs=0.02)
    assert best_possible > 0.85
    silent, labels = _features(700, told=0.0)
    test_silent, test_labels = _features(700, told=0.0, seed=1)
    accuracy = linear_probe(silent, labels, test_silent, test_labels)
    assert accuracy == pytest.approx(1 / 7, abs=0.06)


def test_separable_classes_and_features_without_variance_are_no_trouble():
    labels = np.arange(70) % 7
    features = np.column_stack([np.eye(7)[labels], np.full(70, 3.3), np.zeros(70)])
    assert linear_probe(features, labels, features, labels) == 1.0
    shifted = features.copy()
    shifted[:, 7] += 100.0
    assert linear_probe(features, labels, shifted, labels) == 1.0


def test_labels_that_never_occur_are_never_predicted():
    features, labels = _features(200)
    labels = labels % 3
    assert fit_linear_probe(features, labels).predict(features).max() <= 2


def test_errors():
    features, labels = _features(20)
    with pytest.raises(ValueError, match="ridge must be above 0"):
        fit_linear_probe(features, labels, ridge=0.0)
    with pytest.raises(ValueError, match="features: 20, labels: 19"):
        fit_linear_probe(features, labels[1:])
    with pytest.raises(ValueError, match="test_features: 20, test_labels: 19"):
        linear_probe(features, labels, features, labels[1:])
    with pytest.raises(ValueError, match="the same network"):
        linear_probe(features, labels, features[:, :4], labels)
