"""Training of the identity encoder: find the other picture of the same face."""

import keras
import tensorflow as tf

from fer_keras.layers import pixels
from fer_keras.layers.face_augmentation import FaceAugmentation
from fer_keras.losses import contrastive_loss
from fer_keras.models.averaged_training import AveragedTraining
from fer_keras.networks.identity_encoder import IdentityEncoder

# `evaluate` alters the faces in the same way each time.
_EVALUATION_SEED = 20130


@keras.saving.register_keras_serializable(package="fer_keras")
class IdentityTraining(AveragedTraining):
    """Trains an `IdentityEncoder` on pairs of differently altered pictures.

    Labels are not used. Large covered squares and blurs make it find a face whose
    mouth or brows are hidden or smooth: what an edit of the emotion changes.

    Args:
        encoder: The network. Default: an `IdentityEncoder`.
        augmentation: A layer on images in [-1, 1]. Default: a `FaceAugmentation`
            with larger squares and blurs.
        temperature: Of `contrastive_loss`. Default 0.1.
        average_decay: Of the `WeightAverage` that `evaluate` and `predict` use.
            Default 0.995.
        seed: For weights and augmentation. Default: from Keras' global seed.

    Metrics of `fit`: `loss` and `rank_1`, the share of altered pictures whose
    nearest neighbour in the batch is the face they were made from.

    Example:
        >>> training = IdentityTraining(IdentityEncoder())
        >>> training.compile(optimizer=keras.optimizers.AdamW(2e-3))
        >>> training.fit(images, batch_size=256, epochs=10)

    Reference:
        Chen et al. 2020, A Simple Framework for Contrastive Learning.
    """

    tracked = ("loss", "rank_1")
    parts = ("encoder", "augmentation")

    def __init__(
        self,
        encoder=None,
        augmentation=None,
        temperature=0.1,
        average_decay=0.995,
        seed=None,
        **kwargs,
    ):
        encoder = encoder or IdentityEncoder(seed=seed, name="encoder")
        super().__init__(encoder, average_decay, **kwargs)
        self.encoder = encoder
        self.augmentation = augmentation or FaceAugmentation(
            cutout=0.6, blur=1.0, seed=seed
        )
        self.temperature = temperature
        self.seed = seed

    def train_step(self, data):
        images = self._images_of(data)
        pictures = tf.concat(
            [self.augmentation(images), self.augmentation(images)], axis=0
        )
        with tf.GradientTape() as tape:
            first, second = tf.split(self.encoder(pictures, training=True), 2)
            losses = contrastive_loss(first, second, self.temperature)
            loss = tf.reduce_mean(losses)
        self.descend(tape, loss)
        return self._track(losses, first, second)

    def test_step(self, data):
        images = self._images_of(data)
        altered = self.augmentation(images, seed=_EVALUATION_SEED)
        first, second = self(images), self(altered)
        losses = contrastive_loss(first, second, self.temperature)
        return self._track(losses, first, second)

    def _images_of(self, data):
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return pixels.from_uint8(images)

    def _track(self, losses, first, second):
        nearest = tf.argmax(tf.matmul(second, first, transpose_b=True), axis=1)
        places = tf.range(tf.shape(first, out_type=tf.int64)[0], dtype=tf.int64)
        found = tf.cast(tf.equal(nearest, places), tf.float32)
        return self.track(loss=losses, rank_1=found)

    def get_config(self):
        return {
            **super().get_config(),
            "temperature": self.temperature,
            "seed": self.seed,
        }
