"""Change the emotion of a face: a conditional DCGAN and its inversion, in Keras.

The names below are loaded when they are asked for, so that `import fer_keras` and the
command line do not wait for TensorFlow. Import one of them (or `fer_keras.models`)
before `keras.saving.load_model`, which finds classes that are registered by then.
"""

import importlib

_HOMES = {
    "EMOTIONS": "fer_keras.emotions",
    "ConditionalDCGAN": "fer_keras.models",
    "Discriminator": "fer_keras.networks",
    "EmotionTransfer": "fer_keras.models",
    "Encoder": "fer_keras.networks",
    "EncoderInverter": "fer_keras.models",
    "GenerationScores": "fer_keras.judges",
    "Generator": "fer_keras.networks",
    "InversionScores": "fer_keras.judges",
    "JointTransfer": "fer_keras.models",
    "TransferScores": "fer_keras.judges",
    "MapEncoder": "fer_keras.networks",
    "MapGenerator": "fer_keras.networks",
}

__all__ = list(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'fer_keras' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__():
    return sorted({*globals(), *__all__})
