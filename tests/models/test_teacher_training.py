"""The classifier that tells G which emotion a face shows."""

import numpy as np

from fer_keras.models.teacher_training import train_teacher


def faces(count=60):
    """Grey squares, lighter by class, which a classifier can tell apart."""
    labels = np.arange(count) % 3
    noise = np.random.default_rng(0).integers(0, 20, (count, 32, 32, 1))
    images = (noise + 100 * labels[:, None, None, None]).astype("uint8")
    return images, labels


def test_it_learns_and_is_frozen():
    images, labels = faces()
    teacher = train_teacher(images, labels, 3, epochs=12, batch_size=20, verbose=0)
    logits = teacher(images / 127.5 - 1.0, training=False)
    assert np.mean(np.argmax(logits, axis=1) == labels) > 0.9
    assert not teacher.trainable_variables


def test_one_seed_gives_one_teacher():
    first, second = (
        train_teacher(*faces(), 3, epochs=1, batch_size=20, seed=3, verbose=0)
        for _ in range(2)
    )
    for mine, theirs in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
