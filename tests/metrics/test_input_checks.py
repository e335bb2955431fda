import numpy as np
import pytest

from fer_keras.metrics import input_checks


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (np.zeros(3), r"shape \(count, dimensions\), got \(3,\)"),
        (np.zeros((2, 4, 4)), "Flatten"),
        (np.zeros((0, 4)), "1 or more rows, got 0"),
        (np.zeros((3, 0)), "shape"),
        (np.array([[1.0, np.nan]]), "NaN or infinity"),
        (np.array([[1.0, np.inf]]), "NaN or infinity"),
    ],
)
def test_features_that_no_metric_can_use(features, said):
    with pytest.raises(ValueError, match=said):
        input_checks.check_features("features", features)


def test_features_of_two_networks_are_told_apart():
    with pytest.raises(ValueError, match="the same network"):
        input_checks.check_feature_pair("a", np.zeros((2, 3)), "b", np.zeros((2, 4)))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.eye(7), "argmax"),
        (np.zeros(0, int), "one or more"),
        (np.array([0.0, 1.0]), "integer class ids, got float64"),
        (np.array([0, 7]), "from 0 to 6, got 0 to 7"),
        (np.array([-1, 2]), "from 0 to 6, got -1 to 2"),
    ],
)
def test_labels_that_are_not_ids(labels, said):
    with pytest.raises(ValueError, match=said):
        input_checks.check_labels("labels", labels, 7)


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((2, 48, 48, 1), "float32"), r"float images in \[-1, 1\]"),
        (np.zeros((2, 48, 48), "uint8"), r"got \(2, 48, 48\)"),
        (np.zeros((2, 48, 48, 3), "uint8"), r"got \(2, 48, 48, 3\)"),
        (np.zeros((0, 48, 48, 1), "uint8"), r"got \(0, 48, 48, 1\)"),
    ],
)
def test_images_that_are_not_grey_bytes(images, said):
    with pytest.raises(ValueError, match=said):
        input_checks.check_images("images", images)


def test_lengths_are_named():
    with pytest.raises(ValueError, match="labels: 2, images: 3"):
        input_checks.check_same_length(labels=[0, 1], images=[0, 1, 2])
