"""The paper's losses: pure functions from logits or images to one value per example.

They are per example, not averaged, because the step divides by the size of the
*global* batch (see `fer_keras.training.replicas`).
"""

from fer_keras.losses.adversarial import discriminator_loss, generator_loss
from fer_keras.losses.inversion import feature_loss, image_loss, latent_loss

__all__ = [
    "discriminator_loss",
    "feature_loss",
    "generator_loss",
    "image_loss",
    "latent_loss",
]
