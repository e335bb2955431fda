"""What D and G are trained on: equations 5 and 6, and what may be added to them."""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from fer_keras.layers import SharedAugmentation
from fer_keras.layers.labels import other_labels
from fer_keras.losses.adversarial import sigmoid_cross_entropy
from fer_keras.networks import Discriminator
from fer_keras.training.replicas import GlobalBatch


@dataclasses.dataclass(frozen=True)
class AdversarialTerms:
    """The losses of D and of G, each as this replica's share of the mean.

    Attributes:
        discriminator: D. Where it is a classifier, it learns the emotions of faces
            from the data, and G to be recognised by it.
        augmentation: Of all that D sees while it trains, or None.
        classifier_weight: Of the classifier's cross-entropy.
        wrong_label_weight: Of D's loss on faces from the data with a wrong label.
        gradient_penalty_weight: Of half the squared gradient of D's logit at faces
            from the data.
        gradient_penalty_every: Steps between two penalties; each counts for as many.
        training: Whether D normalises by the batch.
        critics: Where each copy of generated faces (see `of_discriminator`) is judged
            by a critic of its own: those, as functions of D's features and labels.
            Default: D judges all.

    Reference:
        The paper, equations 5 and 6; Odena et al. 2017, Conditional Image Synthesis
        with Auxiliary Classifier GANs; wrong labels as in Reed et al. 2016,
        Generative Adversarial Text to Image Synthesis, algorithm 1; the gradient
        penalty R1 of Mescheder et al. 2018, Which Training Methods for GANs do
        actually Converge?, taken lazily as in Karras et al. 2020, Analyzing and
        Improving the Image Quality of StyleGAN.
    """

    discriminator: Discriminator
    augmentation: SharedAugmentation | None = None
    classifier_weight: float = 1.0
    wrong_label_weight: float = 0.0
    gradient_penalty_weight: float = 0.0
    gradient_penalty_every: int = 16
    training: bool = True
    critics: tuple[Callable, ...] = ()

    def in_inference(self) -> "AdversarialTerms":
        """Returns the same terms by a D that normalises as in inference."""
        return dataclasses.replace(self, training=False)

    def draw(self, batch: GlobalBatch) -> tf.Tensor | None:
        """Returns a step's changes, for its real and its generated faces alike."""
        return None if self.augmentation is None else self.augmentation.draw(batch)

    def of_discriminator(
        self, real, labels, generated, generated_labels, batch, draws=None, copies=1
    ):
        """Returns D's loss and its metrics.

        Args:
            real: Faces from the data, float32 `(rows, *image_shape)` in [-1, 1].
            labels: Their class weights, float32 `(rows, num_classes)`.
            generated: G's faces, `copies` times as many as `real`.
            generated_labels: The class weights that they were made for.
            batch: The `GlobalBatch` around `real`.
            draws: What `draw` returned for this batch. Default: nothing is changed.
            copies: See `generated`.
        """
        real_features = self._features(real, labels, draws)
        generated_features = self._features(generated, generated_labels, draws, copies)
        # Every critic sees all faces from the data, and its own generated ones.
        critics = max(len(self.critics), 1)
        real_logits = self._decisions(
            tf.tile(real_features, [critics, 1]), tf.tile(labels, [critics, 1])
        )
        generated_logits = self._decisions(generated_features, generated_labels)
        loss = batch.mean_share(sigmoid_cross_entropy(real_logits, 1.0)) / critics
        refused = sigmoid_cross_entropy(generated_logits, 0.0)
        loss += batch.mean_share(refused) / copies
        logs = {
            "discriminator_loss": loss,
            "real_accuracy": batch.mean_share(real_logits > 0.0) / critics,
            "generated_accuracy": batch.mean_share(generated_logits < 0.0) / copies,
        }
        if self.wrong_label_weight:
            wrong = other_labels(labels, batch)
            features = real_features
            if self.discriminator.project is None:
                # Here the label is a part of what the convolutions see.
                features = self._features(real, wrong, draws)
            wrong_logits = self.discriminator.decision(features, wrong)
            refused = sigmoid_cross_entropy(wrong_logits, 0.0)
            loss += self.wrong_label_weight * batch.mean_share(refused)
        if self.discriminator.classifier:
            named, right = self._named(real_features, labels)
            loss += self.classifier_weight * batch.mean_share(named)
            logs["real_emotion_accuracy"] = batch.mean_share(right)
        return loss, logs

    def gradient_penalty(self, real, labels, batch):
        """Returns what D pays for being steep where the data is.

        D normalises as in inference here: by the batch, one face's logit would hang
        on the other faces, and its gradient would not be its own.

        Args:
            real: Faces from the data, float32 `(rows, *image_shape)` in [-1, 1].
            labels: Their class weights, float32 `(rows, num_classes)`.
            batch: The `GlobalBatch` around `real`.
        """
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(real)
            logits = self.discriminator((real, labels), training=False)
        squares = tf.reduce_sum(tf.square(tape.gradient(logits, real)), axis=[1, 2, 3])
        return self.gradient_penalty_weight / 2.0 * batch.mean_share(squares)

    def lazy_gradient_penalty(self, real, labels, batch, step):
        """Returns the same for as many steps at once as it is then left out.

        Args:
            real: See `gradient_penalty`, as for the next two.
            labels: Likewise.
            batch: Likewise.
            step: Number of D's updates so far, a scalar.
        """
        every = self.gradient_penalty_every
        return tf.cond(
            tf.equal(tf.cast(step, tf.int64) % every, 0),
            lambda: every * self.gradient_penalty(real, labels, batch),
            lambda: tf.constant(0.0),
        )

    def of_generator(
        self, generated, labels, batch, draws=None, copies=1, classifier_weights=None
    ):
        """Returns G's loss and its metrics.

        Args:
            generated: G's faces, `copies` times as many as the batch has.
            labels: The class weights that they were made for.
            batch: The `GlobalBatch`.
            draws: What `draw` returned for this batch. Default: nothing is changed.
            copies: See `generated`.
            classifier_weights: Of each copy, in their order, where they are not all
                `classifier_weight`.
        """
        features = self._features(generated, labels, draws, copies)
        logits = self._decisions(features, labels)
        loss = batch.mean_share(sigmoid_cross_entropy(logits, 1.0)) / copies
        logs = {"generator_loss": loss}
        if self.discriminator.classifier:
            named, right = self._named(features, labels)
            weights = classifier_weights or [self.classifier_weight] * copies
            named *= tf.repeat(tf.constant(weights, tf.float32), batch.local_size)
            loss += batch.mean_share(named) / copies
            logs["generated_emotion_accuracy"] = batch.mean_share(right) / copies
        return loss, logs

    def _features(self, images, labels, draws, copies=1):
        if draws is not None:
            images = self.augmentation(images, tf.tile(draws, [copies, 1]))
        return self.discriminator.features((images, labels), training=self.training)

    def _decisions(self, features, labels):
        """Returns logits of each copy's rows, by its own critic."""
        critics = self.critics or (self.discriminator.decision,)
        shares = (tf.split(rows, len(critics)) for rows in (features, labels))
        return tf.concat(
            [critic(*share) for critic, *share in zip(critics, *shares, strict=True)],
            axis=0,
        )

    def _named(self, features, labels):
        """Returns the classifier's cross-entropy, and where it is right."""
        logits = self.discriminator.emotion_logits(features)
        right = tf.argmax(logits, axis=1) == tf.argmax(labels, axis=1)
        return tf.nn.softmax_cross_entropy_with_logits(labels, logits), right
