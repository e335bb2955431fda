"""The discriminator D: does this face belong to the data, given its emotion?"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers import BatchNormalization, ConditionalConv2D, ConditionalDense
from fer_keras.layers.initializers import normal, truncated_normal
from fer_keras.layers.labels import class_weights
from fer_keras.networks.sizes import check_choice, check_sizes, checked_image_shape

CONDITIONINGS = ("planes", "projection")


@keras.saving.register_keras_serializable(package="fer_keras")
class Discriminator(keras.Model):
    """D(x|y): convolutions of stride 2, the label at each, then one logit.

    conv -> LReLU -> (conv -> BN -> LReLU) x 3 -> flatten, join y -> dense 1.

    With "projection" the convolutions see the face alone, and the label enters at the
    end as an inner product: logit = w h + b + y V h of the flattened features h. Such
    a D can also be asked which emotion a face has.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        width: Filters of the first convolution; each level doubles them.
            Default 64: 64-128-256-512.
        depth: Number of convolutions. Default 4.
        kernel_size: Side of the kernels. Default 5.
        leak: Negative slope of the leaky ReLU. Default 0.2.
        conditioning: "planes", the paper's and the default, or "projection".
        classifier: Whether D also names the emotion; needs "projection", since a D
            that is told the label has nothing to guess. Default False.
        seed: For the weights. Default: from Keras' global seed.

    Call arguments:
        inputs: Pair of images `(batch, *image_shape)` in [-1, 1] and labels: ids
            `(batch,)` or one-hot or soft weights `(batch, num_classes)`.
        training: Whether to normalise by the batch.

    Returns:
        float32 logits `(batch,)`: above 0 for "belongs to the data".

    Raises:
        ValueError: A size is not a whole number of 1 or more, the conditioning is
            unknown, or the classifier would be told the label.

    Reference:
        The paper, figure 3. Projection: Miyato and Koyama 2018, cGANs with Projection
        Discriminator. Classifier: Odena et al. 2017, Conditional Image Synthesis with
        Auxiliary Classifier GANs.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (48, 48, 1),
        num_classes: int = 7,
        width: int = 64,
        depth: int = 4,
        kernel_size: int = 5,
        leak: float = 0.2,
        conditioning: str = "planes",
        classifier: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_sizes(
            width=width, depth=depth, kernel_size=kernel_size, num_classes=num_classes
        )
        check_choice("conditioning", conditioning, CONDITIONINGS)
        if classifier and conditioning != "projection":
            raise ValueError(
                "classifier=True needs conditioning='projection': with label planes D "
                "is told the emotion that it should name."
            )
        self.image_shape = checked_image_shape(image_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.leak = leak
        self.conditioning = conditioning
        self.classifier = classifier
        self.seed = seed
        joined_classes = num_classes if conditioning == "planes" else 0
        self.convolutions = [
            ConditionalConv2D(
                width * 2**level,
                joined_classes,
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
        self.decide = self._dense("decide", 1, joined_classes)
        self.project = self.name_emotion = None
        if conditioning == "projection":
            self.project = self._dense("project", num_classes)
        if classifier:
            self.name_emotion = self._dense("name_emotion", num_classes)
        self.build([(None, *self.image_shape), (None, num_classes)])

    def _dense(self, name, filters, joined_classes=0):
        return ConditionalDense(
            filters,
            joined_classes,
            kernel_initializer=normal(self.seed, f"discriminator/{name}"),
            name=name,
            dtype=self.dtype_policy,
        )

    def build(self, input_shape: tuple | list) -> None:
        shape, labels = input_shape
        for level, convolution in enumerate(self.convolutions):
            convolution.build([shape, labels])
            shape = convolution.compute_output_shape([shape, labels])
            if level > 0:
                self.norms[level - 1].build(shape)
        _, height, width, channels = shape
        self._flat_size = height * width * channels
        for dense in (self.decide, self.project, self.name_emotion):
            if dense is not None:
                dense.build([(None, self._flat_size), labels])
        self.built = True

    def call(
        self, inputs: tuple[tf.Tensor, tf.Tensor], training: bool = False
    ) -> tf.Tensor:
        return self.decision(self.features(inputs, training), inputs[1])

    def features(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the flattened features of images and labels, in the compute dtype."""
        images, labels = inputs
        features = tf.nn.leaky_relu(self.convolutions[0]((images, labels)), self.leak)
        for convolution, norm in zip(self.convolutions[1:], self.norms, strict=True):
            features = norm(convolution((features, labels)), training=training)
            features = tf.nn.leaky_relu(features, self.leak)
        return tf.reshape(features, [-1, self._flat_size])

    def decision(self, features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Returns the logits of `features` for these labels, float32 `(batch,)`."""
        return joined_logits(self.decide, self.project, features, labels)

    def emotion_logits(self, features: tf.Tensor) -> tf.Tensor:
        """Returns logits of the emotions, float32 `(batch, num_classes)`."""
        return tf.cast(self.name_emotion((features, None)), tf.float32)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "leak": self.leak,
            "conditioning": self.conditioning,
            "classifier": self.classifier,
            "seed": self.seed,
        }


def joined_logits(
    decide: Callable, project: Callable | None, features: tf.Tensor, labels: tf.Tensor
) -> tf.Tensor:
    """Returns what a D's last layers say of features and labels.

    Args:
        decide: Gives a logit; with label planes, of the label too.
        project: Gives a number for each class, of which the label takes its own; or
            None.
        features: `(batch, features)`.
        labels: Ids `(batch,)` or class weights `(batch, num_classes)`.

    Returns:
        float32 `(batch,)`.
    """
    logits = tf.cast(decide((features, labels)), tf.float32)[:, 0]
    if project is None:
        return logits
    projected = tf.cast(project((features, None)), tf.float32)
    weights = class_weights(labels, projected.shape[1])
    return logits + tf.reduce_sum(projected * weights, axis=1)
