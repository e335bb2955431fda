"""The layers of the networks and of their training, one a file."""

from fer_keras.layers.batch_normalization import BatchNormalization
from fer_keras.layers.conditional_batch_normalization import (
    ConditionalBatchNormalization,
)
from fer_keras.layers.conditional_conv2d import ConditionalConv2D
from fer_keras.layers.conditional_conv2d_transpose import ConditionalConv2DTranspose
from fer_keras.layers.conditional_dense import ConditionalDense
from fer_keras.layers.latent_noise import LatentNoise
from fer_keras.layers.shared_augmentation import SharedAugmentation

__all__ = [
    "BatchNormalization",
    "ConditionalBatchNormalization",
    "ConditionalConv2D",
    "ConditionalConv2DTranspose",
    "ConditionalDense",
    "LatentNoise",
    "SharedAugmentation",
]
