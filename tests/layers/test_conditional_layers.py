"""The conditional layers against the form that they replace: joined label planes.

The reference concatenates one constant plane per class and calls TensorFlow's
own operation on one kernel. Sums of up to a few hundred float32 products in
another order: results agree to 1e-5 of their size.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras.layers import (
    ConditionalConv2D,
    ConditionalConv2DTranspose,
    ConditionalDense,
)

CLASSES = 7
BATCH = 5
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}
IDS = np.array([0, 6, 3, 3, 1])


def labels_of(kind):
    """Labels as a user gives them, and as rows of weights."""
    if kind == "ids":
        return tf.constant(IDS), tf.one_hot(IDS, CLASSES)
    if kind == "column of ids":
        return tf.constant(IDS[:, None], tf.int32), tf.one_hot(IDS, CLASSES)
    if kind == "integer one-hot":
        rows = tf.one_hot(IDS, CLASSES)
        return tf.cast(rows, tf.int64), rows
    rows = tf.constant(
        np.random.default_rng(1).dirichlet(np.ones(CLASSES), BATCH), tf.float32
    )
    return rows, rows


def joined(images, weights):
    """The images with one constant plane per class behind their channels."""
    planes = weights
    for _ in images.shape[1:-1]:
        planes = planes[:, None]
    return tf.concat(
        [images, tf.broadcast_to(planes, [*images.shape[:-1], CLASSES])], -1
    )


def normal(shape):
    return tf.constant(np.random.default_rng(0).normal(size=shape), tf.float32)


def make(layer, images):
    """Builds a layer with weights large enough to matter, the bias too."""
    layer.kernel_initializer = keras.initializers.RandomNormal(stddev=0.5, seed=3)
    layer.build([images.shape, (None, CLASSES)])
    layer.bias.assign(normal(layer.bias.shape))
    return layer


def convolution(size, kernel_size, strides):
    images = normal((BATCH, *size, 3))
    layer = make(ConditionalConv2D(4, CLASSES, kernel_size, strides), images)

    def reference(inputs, kernel):
        return tf.nn.conv2d(inputs, kernel, strides, "SAME")

    return layer, images, reference


def transposed_convolution(size, kernel_size, strides):
    images = normal((BATCH, *(-(-side // strides) for side in size), 3))
    layer = make(
        ConditionalConv2DTranspose(4, CLASSES, size, kernel_size, strides), images
    )

    def reference(inputs, kernel):
        return tf.nn.conv2d_transpose(inputs, kernel, [BATCH, *size, 4], strides)

    return layer, images, reference


def dense(*_):
    vectors = normal((BATCH, 6))
    return make(ConditionalDense(4, CLASSES), vectors), vectors, tf.matmul


def assert_same_as_joined(layer, images, reference, kind):
    labels, weights = labels_of(kind)
    whole = tf.convert_to_tensor(layer.concatenated_kernel())
    bias = tf.convert_to_tensor(layer.bias)
    soft = kind == "soft"
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([images, whole, bias, weights])
        expected = reference(joined(images, weights), whole) + bias
        outputs = layer((images, weights if soft else labels))
        # Weighted, so that every output has a gradient of its own.
        cotangent = normal(expected.shape)
        losses = [tf.reduce_sum(values * cotangent) for values in (expected, outputs)]
    np.testing.assert_allclose(outputs, expected, **TOLERANCE)
    channels = layer.kernel.shape[layer.input_axis]
    kernel, label_kernel = tf.split(
        tape.gradient(losses[0], whole), [channels, CLASSES], layer.input_axis
    )
    sources = [layer.kernel, layer.label_kernel, layer.bias, images]
    references = [kernel, label_kernel, *tape.gradient(losses[0], [bias, images])]
    if soft:
        sources, references = (
            [*sources, weights],
            [*references, tape.gradient(losses[0], weights)],
        )
    for found, gradient in zip(
        tape.gradient(losses[1], sources), references, strict=True
    ):
        scale = np.abs(gradient).max()
        np.testing.assert_allclose(found / scale, gradient / scale, **TOLERANCE)


SHAPES = [
    # size, kernel size, strides
    ((48, 48), 5, 2),
    ((3, 3), 5, 2),
    ((7, 10), 5, 2),
    ((1, 2), 5, 2),
    ((9, 8), 4, 2),
    ((9, 8), 3, 1),
    ((11, 13), 5, 3),
    ((11, 13), 2, 3),
    ((6, 5), 1, 1),
    ((6, 5), 1, 2),
    ((5, 4), 7, 4),
]


@pytest.mark.parametrize("make_pair", [convolution, transposed_convolution])
@pytest.mark.parametrize(("size", "kernel_size", "strides"), SHAPES)
def test_equals_joined_planes_at_every_size(make_pair, size, kernel_size, strides):
    assert_same_as_joined(*make_pair(size, kernel_size, strides), "soft")


@pytest.mark.parametrize("make_pair", [convolution, transposed_convolution, dense])
@pytest.mark.parametrize("kind", ["ids", "column of ids", "integer one-hot", "soft"])
def test_equals_joined_planes_for_every_form_of_labels(make_pair, kind):
    assert_same_as_joined(*make_pair((7, 6), 5, 2), kind)


@pytest.mark.parametrize("make_pair", [convolution, transposed_convolution, dense])
def test_inside_a_compiled_function_with_unknown_batch(make_pair):
    layer, images, _ = make_pair((7, 6), 5, 2)
    compiled = tf.function(
        lambda images, labels: layer((images, labels)),
        input_signature=[
            tf.TensorSpec([None, *images.shape[1:]]),
            tf.TensorSpec([None], tf.int64),
        ],
    )
    expected = layer((images, IDS))
    np.testing.assert_allclose(compiled(images, IDS), expected, **TOLERANCE)
    np.testing.assert_allclose(compiled(images[:2], IDS[:2]), expected[:2], **TOLERANCE)
    assert compiled(images[:0], IDS[:0]).shape == (0, *expected.shape[1:])


@pytest.mark.parametrize("make_pair", [convolution, transposed_convolution, dense])
def test_same_seed_draws_the_concatenated_forms_kernel(make_pair):
    layer, *_ = make_pair((7, 6), 5, 2)
    kernel = layer.concatenated_kernel()
    drawn = keras.initializers.RandomNormal(stddev=0.5, seed=3)(kernel.shape)
    np.testing.assert_array_equal(kernel, drawn)


@pytest.mark.parametrize(
    ("layer", "plain"),
    [
        (
            ConditionalConv2D(4, 0, 5, 2),
            keras.layers.Conv2D(4, 5, 2, padding="same"),
        ),
        (
            ConditionalConv2DTranspose(4, 0, (6, 8), 5, 2),
            keras.layers.Conv2DTranspose(4, 5, 2, padding="same"),
        ),
        (ConditionalDense(4, 0), keras.layers.Dense(4)),
    ],
)
def test_without_classes_it_is_keras_own_layer(layer, plain):
    images = normal(
        (BATCH, 6) if isinstance(plain, keras.layers.Dense) else (5, 3, 4, 3)
    )
    layer.build([images.shape, None])
    plain.build(images.shape)
    assert layer.label_kernel is None and len(layer.weights) == 2
    layer.kernel.assign(normal(layer.kernel.shape))
    layer.bias.assign(normal(layer.bias.shape))
    plain.set_weights([layer.concatenated_kernel(), layer.bias])
    with tf.GradientTape(persistent=True) as tape:
        outputs, expected = layer((images, None)), plain(images)
        losses = [tf.reduce_sum(tf.square(values)) for values in (outputs, expected)]
    np.testing.assert_allclose(outputs, expected, **TOLERANCE)
    ours = tape.gradient(losses[0], [layer.kernel, layer.bias])
    theirs = tape.gradient(losses[1], [plain.kernel, plain.bias])
    for found, gradient in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found, gradient, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    "layer",
    [
        ConditionalConv2D(4, 7, 3, 1, kernel_initializer="ones", name="convolution"),
        ConditionalConv2DTranspose(4, 7, (6, 8), 3, 2, trainable=False),
        ConditionalDense(4, 0, dtype="mixed_bfloat16"),
    ],
)
def test_configuration_round_trip(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_output_shapes_are_what_is_announced():
    for make_pair in (convolution, transposed_convolution, dense):
        layer, images, _ = make_pair((7, 10), 5, 3)
        announced = layer.compute_output_shape([images.shape, (BATCH, CLASSES)])
        assert tuple(announced) == tuple(layer((images, IDS)).shape)


def test_transposed_convolution_refuses_a_size_that_does_not_belong():
    layer = ConditionalConv2DTranspose(4, 7, output_size=(7, 5))
    with pytest.raises(ValueError, match=r"output_size \(7, 5\).*size \(4, 4\)"):
        layer.build([(None, 4, 4, 3), (None, 7)])


def test_first_use_inside_a_compiled_function():
    layer = ConditionalConv2D(4, 7)
    compiled = tf.function(lambda images, labels: layer((images, labels)))
    images = normal((5, 7, 6, 3))
    outputs = compiled(images, IDS)
    np.testing.assert_allclose(outputs, layer((images, IDS)), **TOLERANCE)


def test_default_weights_are_truncated_at_two_deviations():
    layer = ConditionalConv2D(64, 7)
    layer.build([(None, 8, 8, 32), None])
    kernel = np.asarray(layer.concatenated_kernel())
    # A normal of deviation 0.02 cut at two of its deviations has 0.88 of it left.
    assert np.abs(kernel).max() <= 0.04
    assert abs(kernel.std() - 0.0176) < 2e-4 and abs(kernel.mean()) < 2e-4
    assert not np.asarray(layer.bias).any()


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "float64"])
def test_other_precisions(policy):
    layer = ConditionalConv2D(4, 7, dtype=policy, kernel_initializer="ones")
    images = normal((5, 7, 6, 3))
    outputs = layer((images, IDS))
    assert outputs.dtype == layer.compute_dtype
    exact = ConditionalConv2D(4, 7, kernel_initializer="ones")((images, IDS))
    # Sums of 25 x 10 numbers of about 1; bfloat16 has 8 bits.
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), exact, atol=0.3, rtol=0.02)
