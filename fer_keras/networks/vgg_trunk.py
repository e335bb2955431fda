"""A plain stack of convolutions and poolings that reads a face."""

import keras
import tensorflow as tf

from fer_keras.layers import BatchNormalization
from fer_keras.layers.initializers import seeded


@keras.saving.register_keras_serializable(package="fer_keras")
class VggTrunk(keras.layers.Layer):
    """Convolutions 3x3 in three stages, a max pooling after each, flattened.

    The first convolution is 5x5 with stride 2: at full resolution normalising
    and rectifying would cost more than all the arithmetic that follows.

    Args:
        stem_filters: Filters of the first convolution. Default 48.
        stages: Filters of the convolutions of each stage. Default two or three
            convolutions of 64, 96 and 192.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, height, width, channels)` in [-1, 1].
        training: Whether to normalise by the batch.

    Returns:
        `(batch, positions * stages[-1][-1])`, 0 or more: where in the face a
        pattern stands is kept.

    Reference:
        Simonyan and Zisserman 2015, Very Deep Convolutional Networks.
    """

    def __init__(
        self,
        stem_filters=48,
        stages=((64, 64), (96, 96), (192, 192)),
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.stem_filters = stem_filters
        self.stages = tuple(tuple(stage) for stage in stages)
        self.seed = seed
        filters = [stem_filters, *(size for stage in self.stages for size in stage)]
        self.convolutions = [
            keras.layers.Conv2D(
                size,
                kernel_size=3 if index else 5,
                strides=1 if index else 2,
                padding="same",
                use_bias=False,
                kernel_initializer=keras.initializers.HeNormal(
                    seed=seeded(seed, f"vgg/{index}")
                ),
                name=f"convolution_{index}",
                dtype=self.dtype_policy,
            )
            for index, size in enumerate(filters)
        ]
        self.norms = [
            BatchNormalization(name=f"norm_{index}", dtype=self.dtype_policy)
            for index in range(len(filters))
        ]

    def build(self, input_shape):
        shape = tuple(input_shape)
        layers = zip(self.convolutions, self.norms, strict=True)
        for index, (convolution, norm) in enumerate(layers):
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            norm.build(shape)
            if index in self._last_of_stage:
                batch, height, width, filters = shape
                shape = (batch, -(-height // 2), -(-width // 2), filters)
        self._flat_size = shape[1] * shape[2] * shape[3]
        self.built = True

    @property
    def _last_of_stage(self):
        ends, end = set(), 0
        for stage in self.stages:
            end += len(stage)
            ends.add(end)
        return ends

    def call(self, inputs, training=False):
        features = tf.cast(inputs, self.compute_dtype)
        layers = zip(self.convolutions, self.norms, strict=True)
        for index, (convolution, norm) in enumerate(layers):
            features = tf.nn.relu(norm(convolution(features), training=training))
            if index in self._last_of_stage:
                features = tf.nn.max_pool2d(features, 2, 2, "SAME")
        return tf.reshape(features, [-1, self._flat_size])

    def compute_output_shape(self, input_shape):
        height, width = input_shape[1:3]
        for _ in range(1 + len(self.stages)):
            height, width = -(-height // 2), -(-width // 2)
        return (input_shape[0], height * width * self.stages[-1][-1])

    def get_config(self):
        return {
            **super().get_config(),
            "stem_filters": self.stem_filters,
            "stages": self.stages,
            "seed": self.seed,
        }
