"""The losses of D and G on literal logits."""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.layers.labels import other_labels
from fer_keras.models.adversarial_terms import AdversarialTerms
from fer_keras.training.replicas import GlobalBatch

LABELS = tf.one_hot([0, 2], 3)


class KnownDiscriminator:
    """Its features are the images; its logits are stored in them."""

    project = "not None"

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
    terms = AdversarialTerms(KnownDiscriminator())
    loss, logs = terms.of_discriminator(REAL, LABELS, MADE, LABELS, BATCH)
    # Real logits 1 and -1, generated ones 0.5 and 2.
    expected = (softplus([-1, 1]) + softplus([0.5, 2])).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-6)
    assert float(logs["discriminator_loss"]) == pytest.approx(expected, rel=1e-6)
    assert float(logs["real_accuracy"]) == 0.5
    assert float(logs["generated_accuracy"]) == 0.0
    loss, _ = terms.of_generator(MADE, LABELS, BATCH)
    assert float(loss) == pytest.approx(softplus([-0.5, -2]).mean(), rel=1e-6)


def test_wrong_labels_of_faces_from_the_data_are_to_be_refused():
    terms = AdversarialTerms(KnownDiscriminator(), wrong_label_weight=0.5)
    loss, logs = terms.of_discriminator(REAL, LABELS, MADE, LABELS, BATCH)
    # Row 0 moves on by one class, to 1; row 1 by two, from 2 to 1.
    wrong = softplus([-2.0, 3.0]).mean()
    alone = float(logs["discriminator_loss"])
    assert float(loss) == pytest.approx(alone + 0.5 * wrong, rel=1e-6)


def test_the_classifier_learns_from_the_data_and_g_from_it():
    terms = AdversarialTerms(KnownDiscriminator(classifier=True), classifier_weight=0.3)
    loss, logs = terms.of_discriminator(REAL, LABELS, MADE, LABELS, BATCH)
    named = np.mean(cross_entropy(2 * REAL, [0, 2]))
    alone = float(logs["discriminator_loss"])
    assert float(loss) == pytest.approx(alone + 0.3 * named, rel=1e-6)
    assert float(logs["real_emotion_accuracy"]) == 0.5
    loss, logs = terms.of_generator(MADE, LABELS, BATCH)
    named = np.mean(cross_entropy(2 * MADE, [0, 2]))
    alone = float(logs["generator_loss"])
    assert float(loss) == pytest.approx(alone + 0.3 * named, rel=1e-6)
    assert float(logs["generated_emotion_accuracy"]) == 1.0


def test_several_generated_faces_for_each_real_one_count_as_much_in_all():
    terms = AdversarialTerms(KnownDiscriminator(classifier=True))
    once = terms.of_discriminator(REAL, LABELS, MADE, LABELS, BATCH)
    twice = terms.of_discriminator(
        REAL, LABELS, *(tf.tile(x, [2, 1]) for x in (MADE, LABELS)), BATCH, copies=2
    )
    tf.nest.map_structure(np.testing.assert_allclose, twice, once)
    tf.nest.map_structure(
        np.testing.assert_allclose,
        terms.of_generator(
            *(tf.tile(x, [2, 1]) for x in (MADE, LABELS)), BATCH, copies=2
        ),
        terms.of_generator(MADE, LABELS, BATCH),
    )


def test_copies_are_recognised_with_weights_of_their_own():
    terms = AdversarialTerms(KnownDiscriminator(classifier=True))
    faces, labels = tf.concat([MADE, REAL], axis=0), tf.tile(LABELS, [2, 1])
    loss, logs = terms.of_generator(faces, labels, BATCH, None, 2, [3.0, 0.5])
    named = [np.mean(cross_entropy(2 * x, [0, 2])) for x in (MADE, REAL)]
    alone = float(logs["generator_loss"])
    assert float(loss) == pytest.approx(
        alone + (3.0 * named[0] + 0.5 * named[1]) / 2, rel=1e-6
    )


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
    terms = AdversarialTerms(KnownDiscriminator(), augmentation)
    draws = terms.draw(BATCH)
    doubled = [tf.tile(x, [2, 1]) for x in (MADE, LABELS)]
    terms.of_discriminator(REAL, LABELS, *doubled, BATCH, draws, copies=2)
    terms.of_generator(MADE, LABELS, BATCH, draws)
    assert augmentation.seen == [[1, 2], [1, 2, 1, 2], [1, 2]]
    terms.of_generator(MADE, LABELS, BATCH)
    assert len(augmentation.seen) == 3


def test_other_labels_are_other_ones_and_all_of_them():
    labels = tf.one_hot(tf.zeros(6, tf.int32), 7)
    batch = GlobalBatch(tf.constant(0), tf.constant(6), tf.constant(6))
    others = tf.argmax(other_labels(labels, batch), axis=1)
    assert others.numpy().tolist() == [1, 2, 3, 4, 5, 6]
    # The second replica goes on where the first one stopped.
    second = GlobalBatch(tf.constant(2), tf.constant(4), tf.constant(6))
    np.testing.assert_array_equal(
        other_labels(labels[2:], second), other_labels(labels, batch)[2:]
    )


def test_soft_labels_are_moved_as_a_whole():
    labels = tf.constant([[0.7, 0.3, 0.0]])
    batch = GlobalBatch.around(labels)
    np.testing.assert_allclose(other_labels(labels, batch), [[0.0, 0.7, 0.3]])
