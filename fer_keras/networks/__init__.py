"""The architectures of the paper's figures 3 and 4, without any training."""

from fer_keras.networks.discriminator import Discriminator
from fer_keras.networks.encoder import Encoder
from fer_keras.networks.generator import Generator

__all__ = ["Discriminator", "Encoder", "Generator"]
