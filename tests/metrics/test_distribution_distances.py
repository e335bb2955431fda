import numpy as np
import pytest
import tensorflow as tf
from scipy.linalg import sqrtm

from fer_keras.metrics import frechet_distance, kernel_distance


def normal(count, dimensions=8, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(shift, 1.0, (count, dimensions))


def test_the_kernel_distance_by_hand():
    # Kernel values: within a (1*2+1)^3 = 27, within b (0*3+1)^3 = 1,
    # across 1, 4^3, 1, 7^3, whose mean is 409 / 4.
    distance = kernel_distance([[1.0], [2.0]], [[0.0], [3.0]])
    assert distance == pytest.approx(27 + 1 - 2 * 409 / 4)
    # All rows of a are (2, 2), of b (0, 0): (8 / 2 + 1)^3 + 1 - 2.
    assert kernel_distance(np.full((3, 2), 2.0), np.zeros((4, 2))) == pytest.approx(124)


def test_the_kernel_distance_of_one_distribution_is_0_whatever_the_size():
    found = [
        kernel_distance(normal(30, seed=2 * i), normal(20, seed=2 * i + 1))
        for i in range(200)
    ]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(200)
    assert min(found) < 0
    assert kernel_distance(normal(30), normal(20, shift=1.0, seed=1)) > max(found)


def test_tensors_give_a_tensor():
    real, made = normal(9), normal(7, seed=1)
    found = tf.function(kernel_distance)(tf.constant(real), tf.constant(made))
    assert float(found) == pytest.approx(kernel_distance(real, made))


def test_the_frechet_distance_by_hand():
    # Means 1 and 5, variances 2 and 8: 16 + (sqrt(8) - sqrt(2))^2 = 18.
    assert frechet_distance([[0.0], [2.0]], [[3.0], [7.0]]) == pytest.approx(18.0)
    assert frechet_distance(normal(20), normal(20)) == pytest.approx(0, abs=1e-9)


def test_the_frechet_distance_equals_scipys_matrix_square_root():
    random = np.random.default_rng(0)
    a, b = (
        normal(200 - 50 * i, 12, seed=i) @ random.normal(size=(12, 12)) for i in (0, 1)
    )
    root = np.real(sqrtm(np.cov(a.T) @ np.cov(b.T)))
    shift = a.mean(axis=0) - b.mean(axis=0)
    expected = shift @ shift + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_fewer_rows_than_dimensions_need_no_square_root():
    # Each set spans its own axes, so the roots' trace is 0 and all spread counts.
    a, b = np.zeros((4, 40)), np.zeros((5, 40))
    a[:, :10], b[:, 20:] = normal(4, 10), normal(5, 20, seed=1)
    spread = np.trace(np.cov(a.T)) + np.trace(np.cov(b.T))
    shift = a.mean(axis=0) - b.mean(axis=0)
    assert frechet_distance(a, b) == pytest.approx(spread + shift @ shift)


@pytest.mark.parametrize("distance", [kernel_distance, frechet_distance])
@pytest.mark.parametrize(
    ("made", "message"),
    [
        (np.zeros((3, 5)), "of one network"),
        (np.zeros((1, 8)), "two rows"),
        (np.full((3, 8), np.nan), "NaN"),
        (np.zeros(8), "count, dimensions"),
    ],
)
def test_what_are_no_features_is_refused(distance, made, message):
    with pytest.raises(ValueError, match=message):
        distance(normal(4), made)
