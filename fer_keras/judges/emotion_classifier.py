"""The network of the emotion judge that learnt from FER2013's `train` alone."""

import keras
from keras import layers


def emotion_classifier(
    image_shape: tuple[int, int, int] = (48, 48, 1),
    num_classes: int = 7,
    stem_filters: int = 48,
    stages: tuple[tuple[int, ...], ...] = ((64, 64), (96, 96), (192, 192)),
    feature_dim: int = 128,
    dropout: float = 0.3,
    seed: int | None = None,
) -> keras.Model:
    """Builds a plain stack of convolutions of 3x3 with a max pooling after each stage.

    The first convolution is 5x5 with stride 2: at full resolution normalising and
    rectifying would cost more than all the arithmetic that follows.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        stem_filters: Filters of the first convolution. Default 48.
        stages: Filters of the convolutions of each stage.
        feature_dim: Length of the features. Default 128.
        dropout: Share of the features dropped in training. Default 0.3.
        seed: For the weights and the dropout. Default: from Keras' global seed.

    Returns:
        A Keras model from images in [-1, 1] to two outputs by name: `features`,
        `(batch, feature_dim)`, 0 or more, and `logits`, `(batch, num_classes)`.

    Reference:
        Simonyan and Zisserman, "Very Deep Convolutional Networks" (2015).
    """
    seeds = iter(range(seed, seed + 100)) if seed is not None else None

    def he_normal():
        return keras.initializers.HeNormal(next(seeds) if seeds else None)

    def convolve(x, filters, size=3, strides=1):
        x = layers.Conv2D(
            filters,
            size,
            strides=strides,
            padding="same",
            use_bias=False,
            kernel_initializer=he_normal(),
        )(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x))

    images = keras.Input(image_shape, name="images")
    x = convolve(images, stem_filters, size=5, strides=2)
    for stage in stages:
        for filters in stage:
            x = convolve(x, filters)
        x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(feature_dim, use_bias=False, kernel_initializer=he_normal())(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    features = layers.ReLU(name="features")(x)
    x = layers.Dropout(dropout, seed=seed)(features)
    initializer = keras.initializers.GlorotUniform(next(seeds) if seeds else None)
    logits = layers.Dense(num_classes, kernel_initializer=initializer, name="logits")(x)
    return keras.Model(images, {"features": features, "logits": logits})
