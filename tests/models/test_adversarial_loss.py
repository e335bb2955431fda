"""The losses of D and G on literal logits."""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.models.adversarial_loss import AdversarialLoss
from fer_keras.training.replicas import GlobalBatch

LABELS = tf.one_hot([0, 2], 3)


class KnownDiscriminator:
    """Its features are the images; its logits are stored in them."""

    def __init__(self, classifier=False):
        self.classifier = classifier

    def features(self, inputs, training):
        return inputs[0]

    def decision(self, features, labels):
        # One number for each class.
        return tf.reduce_sum(features * labels, axis=1)

    def emotion_logits(self, features):
        return 2.0 * features


# Logits by class of two faces from the data and of two from G.
REAL = tf.constant([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
MADE = tf.constant([[0.5, 0.0, 0.0], [1.0, 1.0, 2.0]])
BATCH = GlobalBatch.around(REAL)


def softplus(values):
    return np.log1p(np.exp(np.asarray(values, "float64")))


def cross_entropy(logits, labels):
    logits = np.asarray(logits, "float64")
    return [
        np.log(np.exp(row).sum()) - row[label]
        for row, label in zip(logits, labels, strict=True)
    ]


def test_they_are_the_papers_when_nothing_is_added():
    losses = AdversarialLoss(KnownDiscriminator())
    loss, logs = losses.of_discriminator(REAL, LABELS, MADE, LABELS, BATCH)
    # Real logits 1 and -1, generated ones 0.5 and 2.
    expected = (softplus([-1, 1]) + softplus([0.5, 2])).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-6)
    assert float(logs["discriminator_loss"]) == pytest.approx(expected, rel=1e-6)
    assert float(logs["real_accuracy"]) == 0.5
    assert float(logs["generated_accuracy"]) == 0.0
    loss, _ = losses.of_generator(MADE, LABELS, BATCH)
    assert float(loss) == pytest.approx(softplus([-0.5, -2]).mean(), rel=1e-6)


def test_the_classifier_learns_from_the_data_and_g_from_it():
    losses = AdversarialLoss(KnownDiscriminator(classifier=True), classifier_weight=0.3)
    loss, logs = losses.of_discriminator(REAL, LABELS, MADE, LABELS, BATCH)
    named = np.mean(cross_entropy(2 * REAL, [0, 2]))
    alone = float(logs["discriminator_loss"])
    assert float(loss) == pytest.approx(alone + 0.3 * named, rel=1e-6)
    assert float(logs["real_emotion_accuracy"]) == 0.5
    loss, logs = losses.of_generator(MADE, LABELS, BATCH)
    named = np.mean(cross_entropy(2 * MADE, [0, 2]))
    alone = float(logs["generator_loss"])
    assert float(loss) == pytest.approx(alone + 0.3 * named, rel=1e-6)
    assert float(logs["generated_emotion_accuracy"]) == 1.0


def test_each_group_has_a_head_and_a_weight_of_its_own():
    """Both heads see the faces from the data; each judges its group alone."""
    discriminator = KnownDiscriminator(classifier=True)

    def opposite(features, labels):
        return -discriminator.decision(features, labels)

    losses = AdversarialLoss(
        discriminator,
        classifier_weight=0.0,
        heads=(opposite, discriminator.decision),
        head_weights=(3.0, 0.5),
    )
    faces, labels = tf.concat([MADE, REAL], axis=0), tf.tile(LABELS, [2, 1])
    loss, logs = losses.of_discriminator(REAL, LABELS, faces, labels, BATCH)
    edits = (softplus([1, -1]) + softplus([-0.5, -2])).mean()
    drawn = (softplus([-1, 1]) + softplus([1, -1])).mean()
    assert float(loss) == pytest.approx((edits + drawn) / 2, rel=1e-6)
    assert float(logs["generated_accuracy"]) == (1.0 + 0.5) / 2
    loss, logs = losses.of_generator(faces, labels, BATCH)
    alone = (softplus([0.5, 2]).mean() + softplus([-1, 1]).mean()) / 2
    assert float(logs["generator_loss"]) == pytest.approx(alone, rel=1e-6)
    named = [np.mean(cross_entropy(2 * x, [0, 2])) for x in (MADE, REAL)]
    expected = alone + (3.0 * named[0] + 0.5 * named[1]) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-6)


class RecordingAugmentation:
    def __init__(self):
        self.seen = []

    def draw(self, batch):
        return tf.constant([[1.0], [2.0]])

    def __call__(self, images, draws):
        self.seen.append(np.asarray(draws)[:, 0].tolist())
        return images


def test_real_and_generated_faces_are_augmented_alike():
    augmentation = RecordingAugmentation()
    discriminator = KnownDiscriminator()
    losses = AdversarialLoss(
        discriminator, augmentation, heads=(discriminator.decision,) * 2
    )
    draws = losses.draw(BATCH)
    doubled = [tf.tile(x, [2, 1]) for x in (MADE, LABELS)]
    losses.of_discriminator(REAL, LABELS, *doubled, BATCH, draws)
    losses.of_generator(*doubled, BATCH, draws)
    assert augmentation.seen == [[1, 2], [1, 2, 1, 2], [1, 2, 1, 2]]
    losses.of_generator(*doubled, BATCH)
    assert len(augmentation.seen) == 3
