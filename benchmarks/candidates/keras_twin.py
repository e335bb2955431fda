"""The same networks and the same step in plain Keras: what the package replaces.

Label planes are concatenated to every convolution's input, as in the usual
conditional DCGAN, and every layer and optimizer is Keras' own.
"""

import math

import keras
import tensorflow as tf
from keras import layers

from fer_keras.networks.generator import halvings


def _joined(features, labels):
    """Features with the label, `(batch, classes)`, behind their channels."""
    if len(features.shape) == 2:
        return layers.Concatenate()([features, labels])
    height, width = features.shape[1:3]
    planes = layers.Reshape((1, 1, labels.shape[-1]))(labels)
    planes = layers.UpSampling2D((height, width))(planes)
    return layers.Concatenate()([features, planes])


def _norm():
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def make_generator(
    image_shape=(48, 48, 1), num_classes=7, latent_dim=100, width=64, depth=4
) -> keras.Model:
    """G as a functional model of latents and one-hot labels."""
    latents, labels = keras.Input((latent_dim,)), keras.Input((num_classes,))
    base_size = halvings(image_shape[:2], depth)[-1]
    filters = width * 2 ** (depth - 1)
    features = layers.Dense(math.prod(base_size) * filters)(_joined(latents, labels))
    features = layers.ReLU()(_norm()(features))
    features = layers.Reshape((*base_size, filters))(features)
    for level in reversed(range(depth - 1)):
        features = layers.Conv2DTranspose(width * 2**level, 5, 2, padding="same")(
            _joined(features, labels)
        )
        features = layers.ReLU()(_norm()(features))
    images = layers.Conv2DTranspose(image_shape[2], 5, 2, padding="same")(
        _joined(features, labels)
    )
    images = layers.Activation("tanh", dtype="float32")(images)
    return keras.Model([latents, labels], images)


def make_discriminator(
    image_shape=(48, 48, 1), num_classes=7, width=64, depth=4
) -> keras.Model:
    """D as a functional model of images and one-hot labels."""
    images, labels = keras.Input(image_shape), keras.Input((num_classes,))
    features = images
    for level in range(depth):
        features = layers.Conv2D(width * 2**level, 5, 2, padding="same")(
            _joined(features, labels)
        )
        if level > 0:
            features = _norm()(features)
        features = layers.LeakyReLU(negative_slope=0.2)(features)
    features = _joined(layers.Flatten()(features), labels)
    logits = layers.Dense(1)(features)
    return keras.Model(
        [images, labels], layers.Activation("linear", dtype="float32")(logits)
    )


class KerasTwin(keras.Model):
    """The step of `ConditionalDCGAN`, with noise that the caller draws.

    Args:
        **sizes: `image_shape`, `num_classes`, `latent_dim`, `width`, `depth`.
    """

    def __init__(self, latent_dim=100, **sizes):
        super().__init__()
        self.generator = make_generator(latent_dim=latent_dim, **sizes)
        self.discriminator = make_discriminator(**sizes)
        self.generator_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.discriminator_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    def take_weights(self, gan):
        """Copies the weights of a `ConditionalDCGAN` of the same sizes."""
        for ours, theirs in (
            (gan.generator, self.generator),
            (gan.discriminator, self.discriminator),
        ):
            kernels, norms = layers_in_order(ours)
            for layer in theirs.layers:
                if isinstance(layer, layers.BatchNormalization):
                    layer.set_weights(next(norms).get_weights())
                elif layer.weights:
                    source = next(kernels)
                    layer.set_weights([source.concatenated_kernel(), source.bias])

    def train_step(self, data):
        """One update of D and one of G from one forward pass of G.

        Args:
            data: Images, one-hot labels and latents.

        Returns:
            The losses by name.
        """
        images, labels, latents = data
        with tf.GradientTape() as generator_tape:
            generated = self.generator([latents, labels], training=True)
        with tf.GradientTape() as tape:
            real = self.discriminator([images, labels], training=True)
            fake = self.discriminator([generated, labels], training=True)
            loss = self.cross_entropy(tf.ones_like(real), real)
            loss += self.cross_entropy(tf.zeros_like(fake), fake)
        variables = self.discriminator.trainable_variables
        self.discriminator_optimizer.apply(tape.gradient(loss, variables), variables)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(generated)
            fake = self.discriminator([generated, labels], training=True)
            generator_loss = self.cross_entropy(tf.ones_like(fake), fake)
        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(
            generated, variables, tape.gradient(generator_loss, generated)
        )
        self.generator_optimizer.apply(gradients, variables)
        return {"discriminator_loss": loss, "generator_loss": generator_loss}


def layers_in_order(network):
    """Iterators over a network's conditional layers and over its norms."""
    if hasattr(network, "deconvolutions"):
        kernels = [network.project, *network.deconvolutions]
        norms = [network.project_norm, *network.norms]
    else:
        kernels = [*network.convolutions, network.decide]
        norms = network.norms
    return iter(kernels), iter(norms)
