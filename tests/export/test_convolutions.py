"""Other ways to compute a convolution, against TensorFlow's own."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.export.convolutions import (
    convolution_by_rows,
    joined_phases,
    transposed_convolution_phases,
)


def _random(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype("float32")


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride"),
    [*itertools.product([(3, 3), (4, 3), (6, 5)], [2, 3, 5], [1, 2]), ((2, 7), 4, 3)],
)
def test_convolution_by_rows(size, kernel_size, stride):
    images = _random(2, *size, 3)
    kernel = _random(kernel_size, kernel_size, 3, 4)
    expected = tf.nn.conv2d(images, kernel, stride, "SAME").numpy()
    output_size = expected.shape[1:3]
    before = [
        max((after - 1) * stride + kernel_size - side, 0) // 2
        for side, after in zip(size, output_size, strict=True)
    ]
    result = convolution_by_rows(
        tf.constant(images), tf.constant(kernel), before, output_size, stride
    )
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_by_rows_of_no_images():
    result = convolution_by_rows(
        tf.zeros([0, 3, 3, 2]), tf.zeros([5, 5, 2, 7]), (2, 2), (3, 3)
    )
    assert result.shape == (0, 3, 3, 7)


@pytest.mark.parametrize("kernel_size", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("output_size", [(6, 6), (5, 6), (6, 5), (5, 5)])
def test_phases_are_the_transposed_convolution(kernel_size, output_size):
    images = _random(2, 3, 3, 3)
    kernel = _random(kernel_size, kernel_size, 4, 3)
    height, width = output_size
    expected = tf.nn.conv2d_transpose(images, kernel, [2, height, width, 4], 2)
    phases = transposed_convolution_phases(kernel, (3, 3), output_size, 2)
    result = np.zeros((2, 6, 6, 4))
    for index, phase in enumerate(phases):
        row, column = divmod(index, 2)
        result[:, row::2, column::2] = convolution_by_rows(
            tf.constant(images), tf.constant(phase.kernel), phase.before, (3, 3)
        )
    np.testing.assert_allclose(result[:, :height, :width], expected, atol=1e-5)


@pytest.mark.parametrize("kernel_size", [3, 4, 5])
def test_joined_phases_give_each_phase_in_turn(kernel_size):
    images = tf.constant(_random(1, 4, 4, 2))
    kernel = _random(kernel_size, kernel_size, 3, 2)
    phases = transposed_convolution_phases(kernel, (4, 4), (8, 8), 2)
    joined = joined_phases(phases)
    result = convolution_by_rows(
        images, tf.constant(joined.kernel), joined.before, (4, 4)
    )
    for index, phase in enumerate(phases):
        alone = convolution_by_rows(
            images, tf.constant(phase.kernel), phase.before, (4, 4)
        )
        np.testing.assert_allclose(
            result[..., 3 * index : 3 * index + 3], alone, atol=1e-5
        )


def test_a_phase_by_hand():
    # Stride 2, kernel (1, 2, 3): from 2 to 4 pixels nothing is padded, so that
    # result row r is the sum of input row i times tap r - 2 i.
    kernel = np.array([1.0, 2.0, 3.0], "float32").reshape(3, 1, 1, 1)
    kernel = np.concatenate([kernel, np.zeros_like(kernel)], axis=1)
    even, _, odd, _ = transposed_convolution_phases(kernel, (2, 1), (4, 2), 2)
    assert even.kernel[:, 0].ravel().tolist() == [3.0, 1.0]
    assert even.before == (1, 0)
    assert odd.kernel[:, 0].ravel().tolist() == [2.0]
    assert odd.before == (0, 0)
