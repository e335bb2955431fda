"""G and E for inference, without Keras: what a SavedModel holds.

Call arguments and results of both are those of the networks that they come from,
as tensors: latents and label weights to images, images (and weights) to latents.
All of it is float32, whatever precision the network was trained in.
"""

import math

import tensorflow as tf

from fer_keras.export.folding import (
    folded_convolution,
    folded_dense,
    folded_transposed_convolution,
)
from fer_keras.export.layers import Dense, convolution, transposed_convolution
from fer_keras.export.storage import CompactNetwork
from fer_keras.networks import Encoder, Generator
from fer_keras.networks.generator import halvings


class ExportedGenerator(tf.Module):
    """G(z|y) of a `Generator`, to float rounding."""

    def __init__(self, generator):
        super().__init__()
        *sizes, base_size = halvings(generator.image_shape[:2], generator.depth)
        sizes.reverse()
        self.project = Dense(folded_dense(generator.project, generator.project_norm))
        filters = generator.project.filters // math.prod(base_size)
        self._base_shape = (*base_size, filters)
        self.deconvolutions = [
            transposed_convolution(
                folded_transposed_convolution(layer, before, norm),
                *(layer.strides, before, after),
            )
            for layer, norm, before, after in zip(
                generator.deconvolutions,
                [*generator.norms, None],
                [base_size, *sizes[:-1]],
                sizes,
                strict=True,
            )
        ]

    def __call__(self, latents, weights):
        labels = _with_ones(weights)
        features = tf.nn.relu(self.project(latents, labels))
        features = tf.reshape(features, [-1, *self._base_shape])
        for deconvolution in self.deconvolutions[:-1]:
            features = tf.nn.relu(deconvolution(features, labels))
        return tf.tanh(self.deconvolutions[-1](features, labels))


class ExportedEncoder(tf.Module):
    """E(x) of an `Encoder`, to float rounding."""

    def __init__(self, encoder):
        super().__init__()
        sizes = halvings(encoder.image_shape[:2], encoder.depth)
        self._leak = encoder.leak
        self.convolutions = [
            convolution(
                folded_convolution(layer, before, norm),
                *(layer.strides, before, after),
            )
            for layer, norm, before, after in zip(
                encoder.convolutions,
                [None, *encoder.norms],
                sizes[:-1],
                sizes[1:],
                strict=True,
            )
        ]
        self.to_latent = Dense(folded_dense(encoder.to_latent))

    def __call__(self, images, weights=None):
        labels = None if weights is None else _with_ones(weights)
        features = images
        for layer in self.convolutions:
            features = tf.nn.leaky_relu(layer(features, labels), self._leak)
        features = tf.reshape(features, [tf.shape(images)[0], self.to_latent.channels])
        return tf.tanh(self.to_latent(features, labels))


class TracedNetwork(tf.Module):
    """Any other Keras network, as it is: its computation and its variables."""

    def __init__(self, network):
        super().__init__()
        copy = _float32_copy(network)
        # Held by a closure, which a SavedModel does not follow: what it keeps of
        # the network are these variables and the traced operations.
        self.state = [variable.value for variable in copy.variables]
        self._infer = lambda inputs: copy(inputs, training=False)

    def __call__(self, inputs, weights=None):
        return self._infer(inputs if weights is None else (inputs, weights))


def exported_network(network, compact: bool = False) -> tf.Module:
    """Returns a network for inference: folded where its layers are known.

    Args:
        network: A `Generator`, an `Encoder` or any other Keras network.
        compact: Whether to store it as it is, unfolded, in float16.
    """
    if compact:
        return CompactNetwork(_float32_copy(network))
    if type(network) is Generator and network.conditioning == "planes":
        return ExportedGenerator(network)
    if type(network) is Encoder:
        return ExportedEncoder(network)
    return TracedNetwork(network)


def _float32_copy(network):
    """Copies a network, without mixed precision and outside any strategy."""
    config = {**network.get_config(), "dtype": "float32"}
    if "seed" in config:
        # Its first weights are replaced below: no random numbers are taken for
        # them from the run that exports.
        config["seed"] = 0
    copy = type(network).from_config(config)
    copy.set_weights(network.get_weights())
    return copy


def _with_ones(weights):
    """Adds the column that takes each layer's last row of offsets as it is."""
    return tf.concat([weights, tf.ones([tf.shape(weights)[0], 1])], axis=1)
