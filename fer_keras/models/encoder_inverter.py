"""The encoder E trained to invert a frozen G (section 2.2.2)."""

import math
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from fer_keras.data.epoch_batches import quiet_end_of_pass
from fer_keras.data.fit_inputs import readable_errors
from fer_keras.export.presets import load_networks
from fer_keras.images import checked_images
from fer_keras.layers import LatentNoise, pixels
from fer_keras.losses import feature_loss, image_loss, latent_loss
from fer_keras.models.emotion_transfer import EmotionTransfer
from fer_keras.models.export_mixin import ExportMixin
from fer_keras.models.labeled_image_model import LabeledImageModel
from fer_keras.models.multi_optimizer_model import descend
from fer_keras.networks import Encoder
from fer_keras.networks.sizes import check_choice, check_inverts
from fer_keras.training.config_objects import ConfigObjectsMixin
from fer_keras.training.replicas import GlobalBatch

OBJECTIVES = ("image", "latent", "both")


@keras.saving.register_keras_serializable(package="fer_keras")
class EncoderInverter(ExportMixin, ConfigObjectsMixin, LabeledImageModel):
    """Trains E so that G(E(x)|y) is x; G stays as it is.

    Args:
        generator: The trained `Generator`. It runs in inference mode; neither its
            weights nor its moving statistics change.
        encoder: Default: an `Encoder` of G's sizes.
        objective: "image" (equation 14, the default), "latent" (equation 13:
            E(G(z|y)) is z) or "both".
        latent_weight: Weight of the latent term in "both". Default 1.
        discriminator: The D that G was trained with, for `feature_weight`.
        feature_weight: Weight of the distance between D's features of x and of
            G(E(x)|y), a mean over the features. Default 0.
        seed: For weights and noise. Default: from Keras' global seed.

    Raises:
        ValueError: The objective is unknown, the encoder has other sizes than G, or
            the features of no discriminator are asked for.

    Metrics of `fit` and `evaluate`: `loss`; with the image objective
    `image_error`, the mean squared error per pixel in [-1, 1]; with the latent
    objective `latent_error`, that per entry of z; with its weight `feature_error`.

    Example:
        >>> inverter = EncoderInverter(gan.generator)
        >>> inverter.compile()
        >>> inverter.fit(ds, epochs=10)
        >>> latents = inverter.predict(images)

    Reference:
        The paper, equations 13 and 14, figure 4. Features: Larsen et al. 2016,
        Autoencoding beyond pixels using a learned similarity metric.
    """

    config_objects = ("generator", "encoder", "discriminator")

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model | None = None,
        objective: str = "image",
        latent_weight: float = 1.0,
        discriminator: keras.Model | None = None,
        feature_weight: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_choice("objective", objective, OBJECTIVES)
        if feature_weight and discriminator is None:
            raise ValueError(
                "feature_weight needs the features of a discriminator: pass the one "
                "that G was trained with."
            )
        self.generator = generator
        # Without the weight it would be saved for nothing.
        self.discriminator = discriminator if feature_weight else None
        self.feature_weight = feature_weight
        self.objective = objective
        self.latent_weight = latent_weight
        self.seed = seed
        self.encoder = encoder or Encoder(
            image_shape=generator.image_shape,
            latent_dim=generator.latent_dim,
            width=generator.width,
            depth=generator.depth,
            kernel_size=generator.kernel_size,
            seed=seed,
            name="encoder",
            dtype=self.dtype_policy,
        )
        check_inverts(self.encoder, generator)
        self.image_shape = generator.image_shape
        self.num_classes = generator.num_classes
        self.noise = LatentNoise(generator.noise_dim, seed, name="noise")
        self.evaluation_noise = LatentNoise(
            generator.noise_dim, 0, name="evaluation_noise"
        )
        self.built = True

    def compile(
        self, optimizer: keras.optimizers.Optimizer | None = None, **options: Any
    ) -> None:
        """Configures training.

        Args:
            optimizer: Default Adam(2e-4, beta_1=0.5), the paper's.
            **options: `scores`, an `InversionScores` that `evaluate` adds;
                `run_eagerly`, `steps_per_execution`, `jit_compile`.

        Raises:
            ValueError: There is an option that is not listed here.
        """
        self.compile_training(
            {"optimizer": (optimizer, self.encoder.trainable_variables)}, options
        )
        terms = [t for t in ("image", "latent") if self.objective in (t, "both")]
        terms += ["feature"] * bool(self.feature_weight)
        self.start_tracking(["loss", *(f"{term}_error" for term in terms)])

    def as_transfer(self) -> EmotionTransfer:
        """Returns the `EmotionTransfer` of E and G as they are."""
        return EmotionTransfer(self.encoder, self.generator)

    @property
    def inference_networks(self) -> dict[str, keras.Model]:
        """What `export` writes."""
        return {"generator": self.generator, "encoder": self.encoder}

    # G is shared with the model that trained it, so that its `trainable` flag is
    # not ours to set: it is frozen here because only E's weights are trained.
    @property
    def trainable_variables(self) -> list:
        return self.encoder.trainable_variables

    @property
    def non_trainable_variables(self) -> list:
        trained = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in trained]

    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

    def call(self, inputs: tuple[tf.Tensor, ...], training: bool = False) -> tf.Tensor:
        """E(x): images, uint8 or float, to z."""
        return self.encoder(pixels.from_uint8(inputs), training=training)

    def _loss(self, images, labels, batch, noise, training):
        """Returns this replica's share of the loss and its terms, for the logs."""
        loss, logs = 0.0, {}
        if self.objective != "latent" or self.feature_weight:
            latents = self.encoder(images, training=training)
            rebuilt = self.generator((latents, labels), training=False)
        if self.objective in ("image", "both"):
            term = batch.mean_share(image_loss(images, rebuilt))
            logs["image_error"] = term / math.prod(self.image_shape)
            loss += term
        if self.objective in ("latent", "both"):
            drawn = noise.draw(batch)
            generated = self.generator((drawn, labels), training=False)
            recovered = self.encoder(generated, training=training)
            term = batch.mean_share(latent_loss(drawn, recovered))
            logs["latent_error"] = term / self.generator.latent_dim
            loss += term * (self.latent_weight if self.objective == "both" else 1.0)
        if self.feature_weight:
            features, rebuilt_features = (
                self.discriminator.features((faces, labels), training=False)
                for faces in (images, rebuilt)
            )
            term = batch.mean_share(feature_loss(features, rebuilt_features))
            logs["feature_error"] = term
            loss += term * self.feature_weight
        return loss, {"loss": loss, **logs}

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        with tf.GradientTape() as tape:
            loss, logs = self._loss(images, labels, batch, self.noise, training=True)
        descend(self.optimizer, tape, loss, self.encoder.trainable_variables)
        return self.track(logs, batch)

    def test_step(self, data: tuple) -> dict[str, tf.Tensor]:
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        _, logs = self._loss(
            images, labels, batch, self.evaluation_noise, training=False
        )
        logs = self.track(logs, batch)
        if not self.scores:
            return logs
        rebuilt = self.generator((self.encoder(images), labels), training=False)
        return {**logs, **self.track_scores(images, rebuilt, labels, batch)}

    def predict_step(self, data: tuple) -> tf.Tensor:
        # Images, (images,), (images, labels) or ((images, labels),).
        return self(tf.nest.flatten(data)[0])

    def predict(
        self, x: Any, batch_size: int | None = None, **options: Any
    ) -> np.ndarray:
        """Computes E(x); see `keras.Model.predict`.

        Args:
            x: An array of images, or a batched dataset as for `fit` or of images
                alone.
            batch_size: For arrays.
            **options: The other arguments of `keras.Model.predict`.

        Returns:
            float32 `(images, latent_dim)`.

        Raises:
            ValueError: The data has another form, or holds bad values.
        """
        if isinstance(x, tf.data.Dataset):
            x, batch_size = self._checked(_with_labels(x), None, batch_size), None
        else:
            x = checked_images(x, self.image_shape)
        with readable_errors(), quiet_end_of_pass(options.get("steps")):
            return super().predict(x, batch_size=batch_size, **options)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "objective": self.objective,
            "latent_weight": self.latent_weight,
            "feature_weight": self.feature_weight,
            "seed": self.seed,
        }

    @classmethod
    def from_preset(cls, name: str | Path, **options: Any) -> Self:
        """Returns the trained E and G of a preset, to go on training E; not compiled.

        Args:
            name: As for `ConditionalDCGAN.from_preset`.
            **options: Arguments of the constructor, such as `objective`.
        """
        return cls(**load_networks(name), **options)


def _with_labels(x):
    """Gives a dataset of images alone labels that nothing looks at."""
    if isinstance(x.element_spec, tf.TensorSpec):
        return x.map(lambda images: (images, tf.zeros(tf.shape(images)[:1], tf.int32)))
    return x
