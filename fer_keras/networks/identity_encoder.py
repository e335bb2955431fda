"""The identity encoder: which picture of `train` does this face resemble?"""

import keras
import tensorflow as tf

from fer_keras.layers.initializers import seeded
from fer_keras.networks.vgg_trunk import VggTrunk


@keras.saving.register_keras_serializable(package="fer_keras")
class IdentityEncoder(keras.Model):
    """Maps a face to the unit sphere, near to other pictures of the same face.

    trunk -> dense -> divided by its length. Trained without labels
    (`IdentityTraining`), so that its features know nothing of the emotions but
    what the pictures themselves tell: the space of label-free distances.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        feature_dim: Length of the feature. Default 128.
        stem_filters: Of the `VggTrunk`. Default 32.
        stages: Of the `VggTrunk`. Default 48; 64, 64; 128, 128.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, *image_shape)` in [-1, 1].
        training: Whether to normalise by the batch.

    Returns:
        float32 features `(batch, feature_dim)` of length 1: their products are
        cosines.

    Example:
        >>> encoder = IdentityEncoder(seed=0)
        >>> encoder(keras.ops.zeros((2, 48, 48, 1))).shape
        TensorShape([2, 128])

    Reference:
        Wu et al. 2018, Unsupervised Feature Learning via Non-Parametric Instance
        Discrimination.
    """

    def __init__(
        self,
        image_shape=(48, 48, 1),
        feature_dim=128,
        stem_filters=32,
        stages=((48,), (64, 64), (128, 128)),
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.feature_dim = feature_dim
        self.stem_filters = stem_filters
        self.stages = tuple(tuple(stage) for stage in stages)
        self.seed = seed
        self.trunk = VggTrunk(
            stem_filters, self.stages, seed, name="trunk", dtype=self.dtype_policy
        )
        self.to_features = keras.layers.Dense(
            feature_dim,
            kernel_initializer=keras.initializers.GlorotUniform(
                seed=seeded(seed, "identity/features")
            ),
            name="to_features",
            dtype=self.dtype_policy,
        )
        self.build((None, *self.image_shape))

    def build(self, input_shape):
        self.trunk.build(input_shape)
        self.to_features.build(self.trunk.compute_output_shape(input_shape))
        self.built = True

    def call(self, inputs, training=False):
        features = self.to_features(self.trunk(inputs, training=training))
        return tf.math.l2_normalize(tf.cast(features, tf.float32), axis=1)

    def features(self, images, training=False):
        """Returns the same as a call: the network's output is its feature."""
        return self(images, training=training)

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "feature_dim": self.feature_dim,
            "stem_filters": self.stem_filters,
            "stages": self.stages,
            "seed": self.seed,
        }
