"""Convolutions as matrix products against TensorFlow's own, with their derivatives.

Sums of up to some thousand products in another order: results agree to 1e-5 of
their size in float32, and to bfloat16's 8 bits.
"""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.layers.kernels import (
    few_channel_deconvolution,
    reference,
    small_map_convolution,
    strided_convolution,
)
from fer_keras.layers.kernels.convolution_geometry import ConvolutionGeometry

GEOMETRIES = [
    # height, width, kernel size, strides
    (6, 6, 5, 2),
    (7, 4, 5, 2),
    (3, 3, 5, 2),
    (8, 9, 4, 2),
    (5, 6, 3, 1),
    (9, 8, 3, 3),
    (10, 7, 5, 3),
]


def normal(seed, shape, dtype=tf.float32):
    values = np.random.default_rng(seed).normal(size=shape)
    return tf.constant(values, dtype)


def case(geometry, channels=3, filters=2, dtype=tf.float32):
    images = normal(0, (4, geometry.height, geometry.width, channels), dtype)
    size = geometry.kernel_size
    kernel = normal(1, (size, size, channels, filters), dtype)
    results = normal(2, (4, *geometry.output_size, filters), dtype)
    return images, kernel, results


def derivatives(function, first, second, geometry):
    """The values and their gradients."""
    with tf.GradientTape() as tape:
        tape.watch([first, second])
        values = function(first, second, geometry)
        loss = tf.reduce_sum(tf.sin(tf.cast(values, tf.float32)))
    return [values, *tape.gradient(loss, [first, second])]


def assert_close(found, expected, tolerance):
    for value, wanted in zip(found, expected, strict=True):
        value, wanted = (tf.cast(x, tf.float32) for x in (value, wanted))
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(value / scale, wanted / scale, atol=tolerance)


@pytest.mark.parametrize("numbers", GEOMETRIES)
def test_products_are_tensorflows_convolution_and_its_derivatives(numbers):
    geometry = ConvolutionGeometry(*numbers)
    images, kernel, results = case(geometry)
    for ours, own, first in (
        (small_map_convolution.convolve, reference.convolve, images),
        (
            small_map_convolution.convolve_transposed,
            reference.convolve_transposed,
            results,
        ),
    ):
        assert_close(
            derivatives(ours, first, kernel, geometry),
            derivatives(own, first, kernel, geometry),
            1e-4,
        )


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("numbers", GEOMETRIES)
def test_thin_product_is_tensorflows_transposed_convolution(numbers, channels):
    geometry = ConvolutionGeometry(*numbers)
    _, kernel, results = case(geometry, channels)
    assert_close(
        derivatives(
            few_channel_deconvolution.convolve_transposed, results, kernel, geometry
        ),
        derivatives(reference.convolve_transposed, results, kernel, geometry),
        1e-4,
    )


@pytest.mark.parametrize("numbers", GEOMETRIES)
def test_kernel_gradient_is_the_derivative_by_the_kernel(numbers):
    geometry = ConvolutionGeometry(*numbers)
    images, kernel, results = case(geometry)
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        values = reference.convolve(images, kernel, geometry)
    expected = tape.gradient(values, kernel, output_gradients=results)
    found = small_map_convolution.kernel_gradient(images, results, geometry)
    assert_close([found], [expected], 1e-5)


def test_rows_outside_the_image_are_left_out():
    geometry = ConvolutionGeometry(6, 6, 5, 2)
    assert geometry.output_size == (3, 3)
    # Worked by hand: padded by one above and two below, results see the rows -1..3,
    # 1..5 and 3..7. The kernel's first row meets rows 1 and 3, for results 1 and 2.
    assert geometry.row_order == [0, 2, 4, 1, 3, 5]
    assert geometry.blocks == [(1, 3, 3), (0, 3, 0), (0, 3, 3), (0, 2, 1), (0, 2, 4)]
    outside = 6
    assert geometry.columns.tolist() == [
        *[outside, 0, 1, 2, 3],
        *[1, 2, 3, 4, 5],
        *[3, 4, 5, outside, outside],
    ]


@pytest.mark.parametrize(
    ("numbers", "whole"),
    [
        ((6, 6, 5, 2), True),
        # A kernel of 1 steps over every second row; one of 7 is larger than the image.
        ((6, 6, 1, 2), False),
        ((2, 2, 7, 1), False),
    ],
)
def test_every_row_counts(numbers, whole):
    assert ConvolutionGeometry(*numbers).every_row_counts is whole


@pytest.mark.parametrize(
    ("size", "channels", "filters", "dtype", "tolerance"),
    [
        # By rows; with the kernel's gradient alone by rows; thin; as TensorFlow does.
        (6, 128, 128, "float32", 1e-4),
        (6, 128, 128, "bfloat16", 3e-2),
        (12, 32, 64, "bfloat16", 3e-2),
        (12, 32, 64, "float32", 1e-4),
        (24, 1, 4, "float32", 1e-4),
        (24, 3, 4, "float32", 1e-4),
    ],
)
def test_every_way_gives_the_same(size, channels, filters, dtype, tolerance):
    geometry = ConvolutionGeometry(size, size, 5, 2)
    images, kernel, results = case(geometry, channels, filters, dtype)
    scaled = kernel / tf.constant(float(np.sqrt(25 * channels)), kernel.dtype)

    def ours(first, second, geometry):
        return strided_convolution.convolve(first, second, geometry.strides)

    def ours_transposed(first, second, geometry):
        size = geometry.height, geometry.width
        return strided_convolution.convolve_transposed(
            first, second, size, geometry.strides
        )

    pairs = [(ours, reference.convolve, images)]
    pairs.append((ours_transposed, reference.convolve_transposed, results))
    for way, own, first in pairs:
        found = derivatives(way, first, scaled, geometry)
        # In float32, so that the reference is the more exact of the two.
        exact = [tf.cast(value, tf.float32) for value in (first, scaled)]
        expected = derivatives(own, *exact, geometry)
        assert [value.dtype.name for value in found] == [dtype] * len(found)
        assert_close(found, expected, tolerance)


@pytest.mark.parametrize(
    ("size", "channels", "dtype", "rows", "gradient_rows", "thin"),
    [
        (6, 256, "float32", True, True, False),
        (6, 256, "bfloat16", True, True, False),
        (6, 64, "float32", False, False, False),
        (12, 128, "float32", False, False, False),
        (12, 128, "bfloat16", False, True, False),
        (24, 64, "bfloat16", False, False, False),
        (48, 1, "bfloat16", False, False, True),
    ],
)
def test_which_way_is_chosen(size, channels, dtype, rows, gradient_rows, thin):
    geometry = ConvolutionGeometry(size, size, 5, 2)
    shape = [5, 5, channels, 2 * channels]
    assert strided_convolution._on_small_maps(geometry, shape) is rows
    chosen = strided_convolution._gradient_on_small_maps(geometry, shape, dtype)
    assert chosen is gradient_rows
    assert strided_convolution._to_one_channel(shape) is thin


def test_a_gpu_gets_tensorflows_own_convolution(monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
    geometry = ConvolutionGeometry(6, 6, 5, 2)
    shape = [5, 5, 256, 512]
    assert not strided_convolution._on_small_maps(geometry, shape)
    assert not strided_convolution._gradient_on_small_maps(geometry, shape, tf.bfloat16)
    assert not strided_convolution._to_one_channel([5, 5, 1, 64])


def test_of_no_images_at_all():
    geometry = ConvolutionGeometry(6, 6, 5, 2)
    images, kernel, results = case(geometry, 128, 128)
    found = strided_convolution.convolve(images[:0], kernel, 2)
    assert found.shape == (0, 3, 3, 128)
    found = strided_convolution.convolve_transposed(results[:0], kernel, (6, 6), 2)
    assert found.shape == (0, 6, 6, 128)
