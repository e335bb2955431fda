"""What E and G are trained on together, beside the adversarial loss."""

import dataclasses
import math

import tensorflow as tf

from fer_keras.losses import feature_loss, image_loss, latent_loss
from fer_keras.networks import Discriminator, Generator


@dataclasses.dataclass(frozen=True)
class TransferTerms:
    """The errors of a transfer, each as this replica's share of the mean.

    Attributes:
        discriminator: D, whose features are compared.
        anchor: G as it was, in inference, to which faces of noise may be held.
        weights: "image_weight", "feature_weight", "latent_weight" and "anchor_weight".
    """

    discriminator: Discriminator
    anchor: Generator
    weights: dict[str, float]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the errors; the anchor's where it has a weight."""
        names = ("image_error", "feature_error", "consistency_error", "latent_error")
        return names + ("anchor_error",) * (self.weights["anchor_weight"] > 0)

    def errors(self, encoder, images, labels, latents, noise, rebuilt, made, batch):
        """Returns the errors by `names`.

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
        pixels = math.prod(images.shape[1:])
        errors = {
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
        }
        if "anchor_error" in self.names:
            kept, now = self.anchor((noise, labels)), made[batch.local_size :]
            errors["anchor_error"] = batch.mean_share(image_loss(kept, now)) / pixels
        return errors

    def loss(self, errors):
        """Returns the weighted sum of `errors`."""
        weights = self.weights
        of_latents = errors["consistency_error"] + errors["latent_error"]
        return (
            weights["image_weight"] * errors["image_error"]
            + weights["feature_weight"] * errors["feature_error"]
            + weights["latent_weight"] * of_latents
            + weights["anchor_weight"] * errors.get("anchor_error", 0.0)
        )
