"""What E and G are trained on together, beside the adversarial loss."""

import dataclasses
import math

import tensorflow as tf

from fer_keras.losses import feature_loss, image_loss, latent_loss
from fer_keras.networks import Discriminator, Generator

NAMES = (
    "image_error",
    "feature_error",
    "consistency_error",
    "latent_error",
    "anchor_error",
)


@dataclasses.dataclass(frozen=True)
class TransferTerms:
    """The errors of a transfer, each as this replica's share of the mean.

    Attributes:
        discriminator: D, whose features are compared.
        anchor: G as it was, from which faces of noise may be held.
        weights: "image_weight", "feature_weight", "latent_weight" and "anchor_weight".
    """

    discriminator: Discriminator
    anchor: Generator
    weights: dict[str, float]

    def errors(self, encoder, images, labels, latents, noise, rebuilt, made, batch):
        """Returns the errors by `NAMES`.

        Args:
            encoder: E.
            images: x, float32 `(rows, *image_shape)` in [-1, 1].
            labels: Their class weights y, float32 `(rows, num_classes)`.
            latents: E(x), `(rows, latent_dim)`.
            noise: z, likewise.
            rebuilt: G(E(x)|y).
            made: G(E(x)|y'), then G(z|y).
            batch: The `GlobalBatch` around `images`.
        """
        # In inference: E's averages are to be those of faces from the data.
        seen = encoder(made, training=False)
        again, drawn = seen[: batch.local_size], seen[batch.local_size :]
        kept = self.anchor((noise, labels))
        pixels = math.prod(images.shape[1:])
        return {
            "image_error": batch.mean_share(image_loss(images, rebuilt)) / pixels,
            "feature_error": batch.mean_share(
                feature_loss(self.discriminator, images, rebuilt, labels)
            ),
            # The aim stands still: otherwise small codes would be the shortest way.
            "consistency_error": batch.mean_share(
                latent_loss(tf.stop_gradient(latents), again)
            )
            / latents.shape[1],
            "latent_error": batch.mean_share(latent_loss(noise, drawn))
            / latents.shape[1],
            "anchor_error": batch.mean_share(image_loss(kept, made[batch.local_size :]))
            / pixels,
        }

    def loss(self, errors):
        """Returns the weighted sum of `errors`."""
        weights = self.weights
        of_latents = errors["consistency_error"] + errors["latent_error"]
        return (
            weights["image_weight"] * errors["image_error"]
            + weights["feature_weight"] * errors["feature_error"]
            + weights["latent_weight"] * of_latents
            + weights["anchor_weight"] * errors["anchor_error"]
        )
