"""A small classifier that tells G in training which emotion a face shows."""

import keras
from keras import layers

from fer_keras.layers.initializers import seeded


def emotion_teacher(
    image_shape: tuple[int, int, int] = (48, 48, 1),
    num_classes: int = 7,
    width: int = 32,
    seed: int | None = None,
) -> keras.Model:
    """Builds the classifier; `train_teacher` trains it.

    D's own classifier learns while G learns, and slowly. This one is trained first, in
    minutes, on the same training faces, and has no part in what measures the edits.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        width: Filters of the first convolution; up to seven times as many follow.
            Default 32.
        seed: For the weights. Default: from Keras' global seed.

    Returns:
        A functional model from images in [-1, 1] to float32 logits
        `(batch, num_classes)`.

    Reference:
        Simonyan and Zisserman 2015, Very Deep Convolutional Networks.
    """

    def convolve(x, filters, size=3, strides=1):
        x = layers.Conv2D(
            filters,
            size,
            strides,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(
                seeded(seed, f"teacher/{len(kernels)}")
            ),
        )(x)
        kernels.append(x)
        x = layers.BatchNormalization(momentum=0.95, epsilon=1e-3)(x)
        return layers.ReLU()(x)

    kernels = []
    images = keras.Input(image_shape, name="images")
    x = convolve(images, width, 4, 2)
    x = convolve(x, 3 * width // 2)
    for filters in (3 * width, 5 * width):
        x = layers.MaxPooling2D()(x)
        x = convolve(convolve(x, filters), filters)
    x = convolve(layers.MaxPooling2D()(x), 7 * width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3, seed=seeded(seed, "teacher/dropout"))(x)
    logits = layers.Dense(
        num_classes,
        kernel_initializer=keras.initializers.GlorotUniform(
            seeded(seed, "teacher/logits")
        ),
        dtype="float32",
        name="logits",
    )(x)
    return keras.Model(images, logits, name="emotion_teacher")
