"""fer_keras: change the emotion of a face with a conditional DCGAN and its inversion.

Importing it registers every class with `keras.saving`, so that
`keras.saving.load_model` finds them.
"""

from fer_keras.emotions import EMOTIONS
from fer_keras.models import (
    ConditionalDCGAN,
    EmotionTransfer,
    EncoderInverter,
    JointTransfer,
)
from fer_keras.networks import (
    Discriminator,
    EmotionClassifier,
    Encoder,
    Generator,
    IdentityEncoder,
)
from fer_keras.validation_scores import GenerationScores, InversionScores

__all__ = [
    "EMOTIONS",
    "ConditionalDCGAN",
    "Discriminator",
    "EmotionClassifier",
    "EmotionTransfer",
    "Encoder",
    "EncoderInverter",
    "GenerationScores",
    "Generator",
    "IdentityEncoder",
    "InversionScores",
    "JointTransfer",
]
