"""A residual network that reads a face."""

import keras
import tensorflow as tf

from fer_keras.layers import BatchNormalization
from fer_keras.layers.initializers import seeded


@keras.saving.register_keras_serializable(package="fer_keras")
class ResidualBlock(keras.layers.Layer):
    """x + f(x), f of two 3x3 convolutions, each normalised and rectified before.

    Args:
        filters: Filters of both convolutions. A 1x1 convolution fits x to them
            where it has another number of channels.
        strides: 2 halves height and width, in x by averaging. Default 1.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: `(batch, height, width, channels)`.
        training: Whether to normalise by the batch.

    Reference:
        He et al. 2016, Identity Mappings in Deep Residual Networks, figure 1(b);
        the averaged shortcut: He et al. 2019, Bag of Tricks, ResNet-D.
    """

    def __init__(self, filters, strides=1, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.strides = strides
        self.seed = seed
        self.norms = [
            BatchNormalization(name=f"norm_{index}", dtype=self.dtype_policy)
            for index in range(2)
        ]
        self.convolutions = [
            self._convolution("first", 3, strides),
            self._convolution("second", 3),
        ]
        self.fit_channels = None

    def _convolution(self, name, kernel_size, strides=1):
        return keras.layers.Conv2D(
            self.filters,
            kernel_size,
            strides=strides,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(
                seed=seeded(self.seed, f"{self.name}/{name}")
            ),
            name=name,
            dtype=self.dtype_policy,
        )

    def build(self, input_shape):
        inner_shape = self.compute_output_shape(input_shape)
        self.norms[0].build(input_shape)
        self.convolutions[0].build(input_shape)
        self.norms[1].build(inner_shape)
        self.convolutions[1].build(inner_shape)
        if input_shape[-1] != self.filters:
            self.fit_channels = self._convolution("fit_channels", 1)
            self.fit_channels.build((*inner_shape[:-1], input_shape[-1]))
        self.built = True

    def call(self, inputs, training=False):
        features = tf.nn.relu(self.norms[0](inputs, training=training))
        shortcut = features if self.fit_channels else inputs
        features = self.convolutions[0](features)
        features = tf.nn.relu(self.norms[1](features, training=training))
        features = self.convolutions[1](features)
        if self.strides > 1:
            shortcut = tf.nn.avg_pool2d(shortcut, self.strides, self.strides, "SAME")
        if self.fit_channels:
            shortcut = self.fit_channels(shortcut)
        return features + shortcut

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        sizes = (-(-size // self.strides) for size in (height, width))
        return (batch, *sizes, self.filters)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "strides": self.strides,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="fer_keras")
class ResidualTrunk(keras.layers.Layer):
    """A wide first convolution, residual blocks in stages, averaged over the face.

    Args:
        stem_filters: Filters of the first convolution, 7x7 with stride 2.
            Default 32.
        stages: Filters of the residual blocks of each stage; every stage but the
            first halves height and width. Default one block of 32, two of 96,
            two of 160.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, height, width, channels)` in [-1, 1].
        training: Whether to normalise by the batch.

    Returns:
        `(batch, stages[-1][-1])`, 0 or more: the mean over all positions.

    Reference:
        He et al. 2016, Identity Mappings in Deep Residual Networks.
    """

    def __init__(
        self,
        stem_filters=32,
        stages=((32,), (96, 96), (160, 160)),
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.stem_filters = stem_filters
        self.stages = tuple(tuple(stage) for stage in stages)
        self.seed = seed
        self.stem = keras.layers.Conv2D(
            stem_filters,
            kernel_size=7,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(
                seed=seeded(seed, "residual/stem")
            ),
            name="stem",
            dtype=self.dtype_policy,
        )
        self.blocks = [
            ResidualBlock(
                filters,
                strides=2 if stage and not position else 1,
                seed=seed,
                name=f"block_{stage}_{position}",
                dtype=self.dtype_policy,
            )
            for stage, sizes in enumerate(self.stages)
            for position, filters in enumerate(sizes)
        ]
        self.norm = BatchNormalization(name="norm", dtype=self.dtype_policy)

    def build(self, input_shape):
        self.stem.build(input_shape)
        shape = self.stem.compute_output_shape(input_shape)
        for block in self.blocks:
            block.build(shape)
            shape = block.compute_output_shape(shape)
        self.norm.build(shape)
        self.built = True

    def call(self, inputs, training=False):
        features = self.stem(tf.cast(inputs, self.compute_dtype))
        for block in self.blocks:
            features = block(features, training=training)
        features = tf.nn.relu(self.norm(features, training=training))
        return tf.reduce_mean(features, [1, 2])

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.stages[-1][-1])

    def get_config(self):
        return {
            **super().get_config(),
            "stem_filters": self.stem_filters,
            "stages": self.stages,
            "seed": self.seed,
        }
