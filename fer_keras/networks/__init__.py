"""The architectures, without any training: the paper's (figures 3, 4)."""

from fer_keras.networks.discriminator import Discriminator
from fer_keras.networks.encoder import Encoder
from fer_keras.networks.generator import Generator

__all__ = [
    "Discriminator",
    "Encoder",
    "Generator",
]
