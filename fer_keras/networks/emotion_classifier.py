"""The emotion classifier: which emotion does this face show?"""

import keras
import tensorflow as tf

from fer_keras.layers import BatchNormalization
from fer_keras.layers.initializers import seeded
from fer_keras.networks.residual_trunk import ResidualTrunk
from fer_keras.networks.vgg_trunk import VggTrunk

ARCHITECTURES = {"vgg": VggTrunk, "residual": ResidualTrunk}
"""The trunks by name: two that see a face differently, to judge each other."""


@keras.saving.register_keras_serializable(package="fer_keras")
class EmotionClassifier(keras.Model):
    """A trunk, a dense layer of `feature_dim` features, and one logit per emotion.

    trunk -> dense -> BN -> ReLU = features -> dropout -> dense = logits.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        architecture: "vgg" (`VggTrunk`) or "residual" (`ResidualTrunk`).
        feature_dim: Length of the feature. Default 128.
        dropout: Share of the features dropped in training. Default 0.3.
        seed: For the weights and the dropout. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, *image_shape)` in [-1, 1].
        training: Whether to normalise by the batch and drop features.

    Returns:
        float32 logits `(batch, num_classes)`.

    Raises:
        ValueError: `architecture` is not one of the two.

    Example:
        >>> classifier = EmotionClassifier(architecture="residual", seed=0)
        >>> faces = keras.ops.zeros((2, 48, 48, 1))
        >>> classifier(faces).shape, classifier.features(faces).shape
        (TensorShape([2, 7]), TensorShape([2, 128]))
    """

    def __init__(
        self,
        image_shape=(48, 48, 1),
        num_classes=7,
        architecture="vgg",
        feature_dim=128,
        dropout=0.3,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if architecture not in ARCHITECTURES:
            raise ValueError(
                f"Unknown architecture {architecture!r}: expected one of "
                f"{', '.join(ARCHITECTURES)}."
            )
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.architecture = architecture
        self.feature_dim = feature_dim
        self.dropout = dropout
        self.seed = seed
        self.trunk = ARCHITECTURES[architecture](
            seed=seed, name="trunk", dtype=self.dtype_policy
        )
        self.to_features = keras.layers.Dense(
            feature_dim,
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(
                seed=seeded(seed, "classifier/features")
            ),
            name="to_features",
            dtype=self.dtype_policy,
        )
        self.norm = BatchNormalization(name="norm", dtype=self.dtype_policy)
        self.drop = keras.layers.Dropout(
            dropout, seed=seeded(seed, "classifier/dropout"), name="drop"
        )
        self.decide = keras.layers.Dense(
            num_classes,
            kernel_initializer=keras.initializers.GlorotUniform(
                seed=seeded(seed, "classifier/decide")
            ),
            name="decide",
            dtype="float32",
        )
        self.build((None, *self.image_shape))

    def build(self, input_shape):
        self.trunk.build(input_shape)
        self.to_features.build(self.trunk.compute_output_shape(input_shape))
        self.norm.build((None, self.feature_dim))
        self.drop.build((None, self.feature_dim))
        self.decide.build((None, self.feature_dim))
        self.built = True

    def call(self, inputs, training=False):
        features = self.features(inputs, training=training)
        return self.decide(self.drop(features, training=training))

    def features(self, images, training=False):
        """Returns what the logits are made of, float32 `(batch, feature_dim)`, >= 0."""
        features = self.to_features(self.trunk(images, training=training))
        features = tf.nn.relu(self.norm(features, training=training))
        return tf.cast(features, tf.float32)

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "architecture": self.architecture,
            "feature_dim": self.feature_dim,
            "dropout": self.dropout,
            "seed": self.seed,
        }
