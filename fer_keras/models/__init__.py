"""The models that people train and use."""

from fer_keras.models.conditional_dcgan import ConditionalDCGAN
from fer_keras.models.emotion_transfer import EmotionTransfer
from fer_keras.models.encoder_inverter import EncoderInverter
from fer_keras.models.joint_transfer import JointTransfer

__all__ = [
    "ConditionalDCGAN",
    "EmotionTransfer",
    "EncoderInverter",
    "JointTransfer",
]
