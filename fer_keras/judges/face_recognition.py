"""The face recognition network: faces to 128 numbers, close for one person."""

from collections.abc import Mapping

import keras
import numpy as np
from keras import layers, ops

FACE_SIZE = 150
"""Height and width at which the network sees a face, pixels."""
EMBEDDING_DIM = 128
"""Length of an embedding."""

_MEAN_COLOUR = (122.782, 117.001, 104.298)
_STAGES = ((32, 3), (64, 3), (128, 2), (256, 2))


def face_recognition_network(weights: Mapping[str, np.ndarray]) -> keras.Model:
    """Builds the network from its published weights.

    A convolution of 7x7, max pooling, 14 residual blocks of two convolutions of
    3x3, the mean over the face, and a matrix. Each convolution's scale and shift
    are folded into its kernel and bias.

    Args:
        weights: Arrays by name, as in `face_recognition.npz`: for each convolution
            `NAME.conv.filters`, `NAME.conv.bias`, `NAME.scale.weights` and
            `NAME.scale.biases`; and `fc`, `(256, 128)`.

    Returns:
        A Keras model from grey or colour faces `(batch, height, width, 1 or 3)`,
        float32 0..255, of any size, to embeddings `(batch, 128)`. Two embeddings
        are compared by their Euclidean distance.

    Raises:
        KeyError: A weight is missing.

    Reference:
        King, dlib's `dlib_face_recognition_resnet_model_v1` (2017); He et al.,
        "Deep Residual Learning for Image Recognition" (2016).
    """
    faces = keras.Input((None, None, None), name="faces")
    convolve = _Convolutions(weights)
    x = ops.image.resize(faces, (FACE_SIZE, FACE_SIZE), "bicubic")
    x = (ops.clip(x, 0.0, 255.0) - np.array(_MEAN_COLOUR, "float32")) / 255.0
    x = ops.relu(convolve(x, "conv32_down", strides=2, padding="valid"))
    x = layers.MaxPooling2D(3, strides=2)(x)
    for filters, blocks in _STAGES:
        if filters > 32:
            x = _downsampling_block(x, f"conv{filters}_down", convolve)
        for block in range(1, blocks + 1):
            name = f"conv{filters}_{block}"
            y = ops.relu(convolve(x, f"{name}.conv1"))
            x = ops.relu(x + convolve(y, f"{name}.conv2"))
    x = _downsampling_block(x, "conv256_down_out", convolve)
    x = layers.GlobalAveragePooling2D()(x)
    project = layers.Dense(EMBEDDING_DIM, use_bias=False, name="fc")
    embeddings = project(x)
    project.set_weights([np.asarray(weights["fc"], "float32")])
    network = keras.Model(faces, embeddings, name="face_recognition")
    network.trainable = False
    return network


class _Convolutions:
    """Applies the convolution of a name with its published weights."""

    def __init__(self, weights):
        self.weights = weights

    def __call__(self, x, name, strides=1, padding="same"):
        kernel, bias, scale, shift = (
            np.asarray(self.weights[f"{name}.{part}"], "float32")
            for part in ("conv.filters", "conv.bias", "scale.weights", "scale.biases")
        )
        layer = layers.Conv2D(
            kernel.shape[-1],
            kernel.shape[0],
            strides=strides,
            padding=padding,
            name=name.replace(".", "_"),
        )
        # A grey face has three equal channels, so the layer always takes three.
        layer.build((None, None, None, kernel.shape[2]))
        layer.set_weights([kernel * scale, bias * scale + shift])
        return layer(x)


def _downsampling_block(x, name, convolve):
    y = ops.relu(convolve(x, f"{name}.conv1", strides=2, padding="valid"))
    y = convolve(y, f"{name}.conv2")
    shortcut = layers.AveragePooling2D(2)(x)
    return ops.relu(_padded_like(y, shortcut) + _padded_like(shortcut, y))


def _padded_like(x, other):
    """Pads with zeros at the end of each axis up to the size of `other`."""
    missing = [max(0, b - a) for a, b in zip(x.shape[1:], other.shape[1:], strict=True)]
    return ops.pad(x, [(0, 0), *((0, count) for count in missing)])
