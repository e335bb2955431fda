"""The discriminator D: does this face belong to the data, given its emotion?"""

import keras
import tensorflow as tf

from fer_keras.layers import BatchNormalization, ConditionalConv2D, ConditionalDense
from fer_keras.layers.initializers import normal, truncated_normal
from fer_keras.networks.sizes import check_sizes, checked_image_shape


@keras.saving.register_keras_serializable(package="fer_keras")
class Discriminator(keras.Model):
    """D(x|y): convolutions of stride 2, the label at each, then one logit.

    conv -> LReLU -> (conv -> BN -> LReLU) x 3 -> flatten, join y -> dense 1.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        width: Filters of the first convolution; each level doubles them.
            Default 64: 64-128-256-512.
        depth: Number of convolutions. Default 4.
        kernel_size: Side of the kernels. Default 5.
        leak: Negative slope of the leaky ReLU. Default 0.2.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Pair of images `(batch, *image_shape)` in [-1, 1] and labels: ids
            `(batch,)` or one-hot or soft weights `(batch, num_classes)`.
        training: Whether to normalise by the batch.

    Returns:
        float32 logits `(batch,)`: above 0 for "belongs to the data".

    Raises:
        ValueError: A size is not a whole number of 1 or more.

    Reference:
        The paper, figure 3.
    """

    def __init__(
        self,
        image_shape=(48, 48, 1),
        num_classes=7,
        width=64,
        depth=4,
        kernel_size=5,
        leak=0.2,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_sizes(
            width=width, depth=depth, kernel_size=kernel_size, num_classes=num_classes
        )
        self.image_shape = checked_image_shape(image_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.leak = leak
        self.seed = seed
        self.convolutions = [
            ConditionalConv2D(
                width * 2**level,
                num_classes,
                kernel_size,
                kernel_initializer=truncated_normal(seed, f"discriminator/{level}"),
                name=f"convolution_{level}",
                dtype=self.dtype_policy,
            )
            for level in range(depth)
        ]
        self.norms = [
            BatchNormalization(name=f"norm_{level}", dtype=self.dtype_policy)
            for level in range(1, depth)
        ]
        self.decide = ConditionalDense(
            1,
            num_classes,
            kernel_initializer=normal(seed, "discriminator/decide"),
            name="decide",
            dtype=self.dtype_policy,
        )
        self.build([(None, *self.image_shape), (None, num_classes)])

    def build(self, input_shape):
        shape, labels = input_shape
        for level, convolution in enumerate(self.convolutions):
            convolution.build([shape, labels])
            shape = convolution.compute_output_shape([shape, labels])
            if level > 0:
                self.norms[level - 1].build(shape)
        _, height, width, channels = shape
        self._flat_size = height * width * channels
        self.decide.build([(None, self._flat_size), labels])
        self.built = True

    def call(self, inputs, training=False):
        images, labels = inputs
        features = tf.nn.leaky_relu(self.convolutions[0]((images, labels)), self.leak)
        for convolution, norm in zip(self.convolutions[1:], self.norms, strict=True):
            features = norm(convolution((features, labels)), training=training)
            features = tf.nn.leaky_relu(features, self.leak)
        features = tf.reshape(features, [-1, self._flat_size])
        return tf.cast(self.decide((features, labels)), tf.float32)[:, 0]

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "leak": self.leak,
            "seed": self.seed,
        }
