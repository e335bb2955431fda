"""Training of the emotion classifier, and of the running average that is kept."""

import keras
import tensorflow as tf

from fer_keras.layers import pixels
from fer_keras.layers.face_augmentation import FaceAugmentation
from fer_keras.layers.labels import class_weights
from fer_keras.models.averaged_training import AveragedTraining
from fer_keras.networks.emotion_classifier import EmotionClassifier


@keras.saving.register_keras_serializable(package="fer_keras")
class ClassifierTraining(AveragedTraining):
    """Trains an `EmotionClassifier` on augmented faces with smoothed labels.

    Each step also moves a running average of all its weights and batch
    statistics; `evaluate` and `predict` use that average, `average.network`.

    Args:
        classifier: The network. Default: an `EmotionClassifier`.
        augmentation: A layer on images in [-1, 1]. Default: `FaceAugmentation`.
        label_smoothing: Share of each label spread over all classes. Default 0.1.
        average_decay: Share of the average that a step keeps, once warmed up.
            Default 0.998.
        seed: For weights and augmentation. Default: from Keras' global seed.

    Metrics of `fit`: `loss` and `accuracy`, in training of the network on the
    augmented faces, in evaluation of the average on the faces as they are.

    Example:
        >>> training = ClassifierTraining(EmotionClassifier(architecture="vgg"))
        >>> training.compile(optimizer=keras.optimizers.AdamW(2e-3))
        >>> training.fit(images, labels, batch_size=128, epochs=30)
        >>> training.average.network.save("classifier.keras")

    Reference:
        Szegedy et al. 2016, Rethinking the Inception Architecture, section 7
        (smoothed labels); Polyak and Juditsky 1992 (averaging).
    """

    tracked = ("loss", "accuracy")
    parts = ("classifier", "augmentation")

    def __init__(
        self,
        classifier=None,
        augmentation=None,
        label_smoothing=0.1,
        average_decay=0.998,
        seed=None,
        **kwargs,
    ):
        classifier = classifier or EmotionClassifier(seed=seed, name="classifier")
        super().__init__(classifier, average_decay, **kwargs)
        self.classifier = classifier
        self.augmentation = augmentation or FaceAugmentation(seed=seed)
        self.label_smoothing = label_smoothing
        self.seed = seed
        self.num_classes = classifier.num_classes

    def train_step(self, data):
        images, labels = self._prepared(data)
        images = self.augmentation(images)
        smoothed = labels * (1.0 - self.label_smoothing)
        smoothed += self.label_smoothing / self.num_classes
        with tf.GradientTape() as tape:
            logits = self.classifier(images, training=True)
            errors = tf.nn.softmax_cross_entropy_with_logits(smoothed, logits)
            loss = tf.reduce_mean(errors)
        self.descend(tape, loss)
        return self._track(errors, labels, logits)

    def test_step(self, data):
        images, labels = self._prepared(data)
        logits = self(images)
        errors = tf.nn.softmax_cross_entropy_with_logits(labels, logits)
        return self._track(errors, labels, logits)

    def _prepared(self, data):
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        return pixels.from_uint8(images), class_weights(labels, self.num_classes)

    def _track(self, errors, labels, logits):
        hits = tf.equal(tf.argmax(labels, 1), tf.argmax(logits, 1))
        return self.track(loss=errors, accuracy=tf.cast(hits, tf.float32))

    def get_config(self):
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "seed": self.seed,
        }
