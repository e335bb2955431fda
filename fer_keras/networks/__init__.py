"""The architectures, without any training: the paper's (figures 3, 4), the judges'."""

from fer_keras.networks.discriminator import Discriminator
from fer_keras.networks.emotion_classifier import EmotionClassifier
from fer_keras.networks.encoder import Encoder
from fer_keras.networks.generator import Generator
from fer_keras.networks.identity_encoder import IdentityEncoder

__all__ = [
    "Discriminator",
    "EmotionClassifier",
    "Encoder",
    "Generator",
    "IdentityEncoder",
]
