"""The paper's networks written down plainly, label planes joined and all.

They share no code with the package: a network's weights are copied out of it,
and TensorFlow's own operations do the rest.
"""

import keras
import tensorflow as tf


def join(images, labels):
    """Images or vectors with the label behind their channels."""
    planes = tf.reshape(labels, [-1, *[1] * (len(images.shape) - 2), labels.shape[-1]])
    shape = [*tf.shape(images)[:-1].numpy(), labels.shape[-1]]
    return tf.concat([images, tf.broadcast_to(planes, shape)], -1)


class Kernel:
    """One concatenated kernel and its bias."""

    def __init__(self, layer):
        self.kernel = keras.Variable(layer.concatenated_kernel())
        self.bias = keras.Variable(layer.bias)
        self.variables = [self.kernel, self.bias]

    def dense(self, inputs):
        return tf.matmul(inputs, self.kernel.value) + self.bias.value

    def convolution(self, inputs):
        return tf.nn.conv2d(inputs, self.kernel.value, 2, "SAME") + self.bias.value

    def deconvolution(self, inputs, size):
        shape = [inputs.shape[0], *size, self.kernel.shape[2]]
        outputs = tf.nn.conv2d_transpose(inputs, self.kernel.value, shape, 2)
        return outputs + self.bias.value


class Norm:
    """Batch normalisation, momentum 0.9, epsilon 1e-5."""

    def __init__(self, layer):
        self.gamma, self.beta = keras.Variable(layer.gamma), keras.Variable(layer.beta)
        self.mean = tf.Variable(layer.moving_mean.value)
        self.variance = tf.Variable(layer.moving_variance.value)
        self.variables = [self.gamma, self.beta]

    def __call__(self, inputs, training, moves=True):
        mean, variance = self.mean, self.variance
        if training:
            axes = list(range(len(inputs.shape) - 1))
            mean, variance = tf.nn.moments(inputs, axes)
            count = tf.size(inputs) / inputs.shape[-1]
            unbiased = variance * tf.cast(count / (count - 1), tf.float32)
            if moves:
                self.mean.assign(0.9 * self.mean + 0.1 * mean)
                self.variance.assign(0.9 * self.variance + 0.1 * unbiased)
        normalized = (inputs - mean) / tf.sqrt(variance + 1e-5)
        return normalized * self.gamma.value + self.beta.value


class JoinedGenerator:
    """[z, y] -> dense -> BN -> ReLU -> (deconv -> BN -> ReLU)... -> deconv -> tanh."""

    def __init__(self, generator):
        self.project = Kernel(generator.project)
        self.deconvolutions = [Kernel(layer) for layer in generator.deconvolutions]
        self.norms = [Norm(generator.project_norm), *map(Norm, generator.norms)]
        sizes = [generator.image_shape[:2]]
        for _ in self.deconvolutions:
            sizes.append(tuple((side + 1) // 2 for side in sizes[-1]))
        self.base, *self.sizes = reversed(sizes)
        parts = [self.project, *self.deconvolutions, *self.norms]
        self.trainable_variables = [v for part in parts for v in part.variables]

    def __call__(self, latents, labels, training=False, moves=True):
        features = self.project.dense(join(latents, labels))
        features = tf.nn.relu(self.norms[0](features, training, moves))
        features = tf.reshape(features, [len(latents), *self.base, -1])
        norms = [*self.norms[1:], None]
        for layer, norm, size in zip(
            self.deconvolutions, norms, self.sizes, strict=True
        ):
            features = layer.deconvolution(join(features, labels), size)
            if norm is not None:
                features = tf.nn.relu(norm(features, training, moves))
        return tf.tanh(features)


class JoinedConvolutions:
    """conv -> LReLU -> (conv -> BN -> LReLU)... -> flatten -> dense: D and E."""

    def __init__(self, network, last):
        self.labelled = getattr(network, "num_classes", 0) > 0
        self.convolutions = [Kernel(layer) for layer in network.convolutions]
        self.norms = [None, *map(Norm, network.norms)]
        self.last = Kernel(last)
        parts = [*self.convolutions, *self.norms[1:], self.last]
        self.trainable_variables = [v for part in parts for v in part.variables]

    def __call__(self, images, labels=None, training=False):
        features = images
        for layer, norm in zip(self.convolutions, self.norms, strict=True):
            features = layer.convolution(self._joined(features, labels))
            if norm is not None:
                features = norm(features, training)
            features = tf.maximum(features, 0.2 * features)
        flat = tf.reshape(features, [len(images), -1])
        return self.last.dense(self._joined(flat, labels))

    def _joined(self, features, labels):
        return join(features, labels) if self.labelled else features
