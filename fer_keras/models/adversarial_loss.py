"""What D and G are trained on against each other: equations 5 and 6, and emotions."""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from fer_keras.layers import SharedAugmentation
from fer_keras.losses import discriminator_loss, emotion_loss, generator_loss
from fer_keras.networks import Discriminator
from fer_keras.training.replicas import GlobalBatch


@dataclasses.dataclass(frozen=True)
class AdversarialLoss:
    """The losses of D and of G, each as this replica's share of the mean.

    Attributes:
        discriminator: D. Where it is a classifier, it learns the emotions of faces
            from the data, and G to be recognised by it.
        augmentation: Of all that D sees while it trains, or None.
        classifier_weight: Weight of the classifier's cross-entropy in D's loss.
        heads: Functions of D's features and labels that return logits. Generated faces
            come in as many equal groups as there are heads, each judged by its own.
            Default: D's own head judges all.
        head_weights: Weights of the classifier's cross-entropy in G's loss, one a head.
            Default: `classifier_weight`.
        training: Whether D normalises by the batch.

    Reference:
        The paper, equations 5 and 6; Odena et al. 2017, Conditional Image Synthesis
        with Auxiliary Classifier GANs.
    """

    discriminator: Discriminator
    augmentation: SharedAugmentation | None = None
    classifier_weight: float = 1.0
    heads: tuple[Callable, ...] = ()
    head_weights: tuple[float, ...] = ()
    training: bool = True

    def in_inference(self) -> "AdversarialLoss":
        """Returns the same losses by a D that normalises as in inference."""
        return dataclasses.replace(self, training=False)

    def draw(self, batch: GlobalBatch) -> tf.Tensor | None:
        """Draws a step's augmentation, for its real and its generated faces alike."""
        return None if self.augmentation is None else self.augmentation.draw(batch)

    def of_discriminator(
        self,
        real: tf.Tensor,
        labels: tf.Tensor,
        generated: tf.Tensor,
        generated_labels: tf.Tensor,
        batch: GlobalBatch,
        augment: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns D's loss and its metrics.

        Args:
            real: Faces from the data, float32 `(rows, *image_shape)` in [-1, 1].
            labels: Their class weights, float32 `(rows, num_classes)`.
            generated: G's faces, a group for each head, float32
                `(groups * rows, *image_shape)`.
            generated_labels: The class weights that they were made for.
            batch: The `GlobalBatch` around `real`.
            augment: What `draw` returned for this batch. Default: no augmentation.
        """
        real_features = self._features(real, labels, augment)
        generated_features = self._features(
            generated, generated_labels, augment, self._groups
        )
        loss = real_right = generated_right = 0.0
        for head, features, wanted in self._split(generated_features, generated_labels):
            real_logits, logits = head(real_features, labels), head(features, wanted)
            loss += batch.mean_share(discriminator_loss(real_logits, logits))
            real_right += batch.mean_share(real_logits > 0.0)
            generated_right += batch.mean_share(logits < 0.0)
        loss /= self._groups
        logs = {
            "discriminator_loss": loss,
            "real_accuracy": real_right / self._groups,
            "generated_accuracy": generated_right / self._groups,
        }
        if self.discriminator.classifier:
            emotion_logits = self.discriminator.emotion_logits(real_features)
            named = batch.mean_share(emotion_loss(emotion_logits, labels))
            loss += self.classifier_weight * named
            logs["real_emotion_accuracy"] = batch.mean_share(
                _is_right(emotion_logits, labels)
            )
        return loss, logs

    def of_generator(
        self,
        generated: tf.Tensor,
        labels: tf.Tensor,
        batch: GlobalBatch,
        augment: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns G's loss and its metrics.

        Args:
            generated: G's faces, a group for each head, float32
                `(groups * rows, *image_shape)`.
            labels: The class weights that they were made for.
            batch: The `GlobalBatch`.
            augment: What `draw` returned for this batch. Default: no augmentation.
        """
        features = self._features(generated, labels, augment, self._groups)
        loss = sum(
            batch.mean_share(generator_loss(head(its_features, wanted)))
            for head, its_features, wanted in self._split(features, labels)
        )
        loss /= self._groups
        logs = {"generator_loss": loss}
        if self.discriminator.classifier:
            emotion_logits = self.discriminator.emotion_logits(features)
            weights = tf.constant(self.head_weights or [self.classifier_weight])
            weights = tf.repeat(weights, batch.local_size)
            named = batch.mean_share(weights * emotion_loss(emotion_logits, labels))
            loss += named / self._groups
            right = batch.mean_share(_is_right(emotion_logits, labels))
            logs["generated_emotion_accuracy"] = right / self._groups
        return loss, logs

    @property
    def _groups(self):
        return max(len(self.heads), 1)

    def _features(self, images, labels, augment, groups=1):
        """Returns D's features; batch normalisation is over all groups at once."""
        if augment is not None:
            images = self.augmentation(images, tf.tile(augment, [groups, 1]))
        return self.discriminator.features((images, labels), training=self.training)

    def _split(self, features, labels):
        """Yields each head with its features and labels."""
        heads = self.heads or (self.discriminator.decision,)
        parts = (tf.split(rows, len(heads)) for rows in (features, labels))
        return zip(heads, *parts, strict=True)


def _is_right(emotion_logits, labels):
    return tf.argmax(emotion_logits, axis=1) == tf.argmax(labels, axis=1)
