"""Training the classifier that tells G which emotion a face shows."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fer_keras.layers import pixels
from fer_keras.layers.initializers import seeded
from fer_keras.networks.emotion_teacher import emotion_teacher


def train_teacher(
    images: np.ndarray,
    labels: np.ndarray,
    num_classes: int = 7,
    epochs: int = 14,
    batch_size: int = 128,
    seed: int = 0,
    validation_data: Any = None,
    verbose: str = "auto",
) -> keras.Model:
    """Returns an `emotion_teacher` that has learnt the emotions of faces.

    Plain Keras: AdamW with a rate that warms up to 2e-3 and falls to 0 along a cosine,
    labels smoothed by 0.1, faces mirrored, moved and relit.

    Args:
        images: Faces, uint8 `(faces, height, width, channels)`.
        labels: Their ids, int `(faces,)`.
        num_classes: Number of classes. Default 7.
        epochs: Passes over the faces. Default 14.
        batch_size: Faces in a step. Default 128.
        seed: For weights, order and augmentation. Default 0.
        validation_data: Pair of arrays as `images` and `labels`, to be measured on.
        verbose: As in `keras.Model.fit`.
    """
    steps = epochs * -(-len(images) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(steps, 2), warmup_target=2e-3, warmup_steps=min(200, steps // 2)
    )
    teacher = emotion_teacher(images.shape[1:], num_classes, seed=seed)
    teacher.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-2),
        loss=keras.losses.CategoricalCrossentropy(True, label_smoothing=0.1),
        metrics=["accuracy"],
    )
    augment = keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal", seed=seeded(seed, "flip")),
            keras.layers.RandomTranslation(
                0.125, 0.125, "nearest", seed=seeded(seed, "translation")
            ),
            keras.layers.RandomBrightness(0.1, seed=seeded(seed, "brightness")),
            keras.layers.RandomContrast(0.25, seed=seeded(seed, "contrast")),
        ]
    )

    def dataset(images, labels):
        weights = labels
        if np.ndim(labels) == 1:
            weights = keras.utils.to_categorical(labels, num_classes)
        return tf.data.Dataset.from_tensor_slices((images, weights))

    train = dataset(images, labels).shuffle(len(images), seed).batch(batch_size)
    train = train.map(
        lambda x, y: (augment(tf.cast(x, tf.float32), training=True) / 127.5 - 1.0, y)
    )
    if validation_data is not None:
        validation_data = (
            dataset(*validation_data)
            .batch(512)
            .map(lambda x, y: (pixels.from_uint8(x), y))
        )
    teacher.fit(
        train.prefetch(tf.data.AUTOTUNE),
        epochs=epochs,
        validation_data=validation_data,
        shuffle=False,
        verbose=verbose,
    )
    # Without its optimizer, which nobody needs and a saved model would carry.
    trained = emotion_teacher(images.shape[1:], num_classes, seed=seed)
    trained.set_weights(teacher.get_weights())
    trained.trainable = False
    return trained
