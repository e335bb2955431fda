"""The architectures, without any training: the paper's (figures 3, 4)."""

from fer_keras.networks.discriminator import Discriminator
from fer_keras.networks.encoder import Encoder
from fer_keras.networks.generator import Generator
from fer_keras.networks.map_encoder import MapEncoder
from fer_keras.networks.map_generator import MapGenerator

__all__ = [
    "Discriminator",
    "Encoder",
    "Generator",
    "MapEncoder",
    "MapGenerator",
]
