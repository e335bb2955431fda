"""E, G and D trained together on what the transfer is to do."""

import math

import keras
import tensorflow as tf

from fer_keras.export.presets import load_networks
from fer_keras.layers import LatentNoise
from fer_keras.layers.labels import other_labels
from fer_keras.losses import feature_loss, image_loss, latent_loss
from fer_keras.models.adversarial_loss import AdversarialLoss
from fer_keras.models.conditional_dcgan import EMOTION_METRICS, METRICS
from fer_keras.models.emotion_transfer import EmotionTransfer
from fer_keras.models.export_mixin import ExportMixin
from fer_keras.models.labeled_image_model import LabeledImageModel, descend
from fer_keras.networks.discriminator_head import DiscriminatorHead
from fer_keras.networks.sizes import check_inverts
from fer_keras.training.config_objects import ConfigObjectsMixin
from fer_keras.training.network_copies import frozen_copy
from fer_keras.training.replicas import GlobalBatch
from fer_keras.training.weight_average import WeightAverage


@keras.saving.register_keras_serializable(package="fer_keras")
class JointTransfer(ExportMixin, ConfigObjectsMixin, LabeledImageModel):
    """Trains E and G on the transfer itself, against D.

    Each step makes three faces of x: G(E(x)|y), which is to be x; the edit
    G(E(x)|y'), which D is to take for a face of another emotion y' and in which E is
    to see the same z; and G(z|y) of noise, so that G keeps on drawing. Two heads of D
    judge edits and faces of noise apart, by the same features: an edit that is to be
    recognised has a plainer emotion than the data has, and judged together, faces of
    noise would make up for that by vaguer ones.

    Args:
        encoder: The `Encoder`, trained or not.
        generator: The `Generator` that it inverts.
        discriminator: The `Discriminator`, which was trained with G or was not.
        augmentation: A `SharedAugmentation` of all that D sees. Default: none.
        average_decay: Share of a running average of E's and G's weights that a step
            keeps; the averages then transfer. Default: none.
        seed: For the noise. Default: from Keras' global seed.

    Raises:
        ValueError: The encoder has other sizes than G.

    Metrics of `fit` and `evaluate`: those of `ConditionalDCGAN`, and per pixel or
    entry `image_error`, `feature_error`, `consistency_error` (E(G(E(x)|y')) against
    E(x)), `latent_error` (E(G(z|y)) against z) and, where it is weighed,
    `anchor_error` (G(z|y) against what it was).

    Example:
        >>> joint = JointTransfer(
        ...     inverter.encoder, gan.drawing_generator, gan.discriminator)
        >>> joint.compile()
        >>> joint.fit(ds, epochs=5)
        >>> joint.as_transfer().transfer(faces, "happy")

    Reference:
        He et al. 2019, AttGAN, for faces rebuilt with their own and judged with other
        attributes; Donahue et al. 2017 and Dumoulin et al. 2017 for E, G and D trained
        together.
    """

    config_objects = ("encoder", "generator", "discriminator", "augmentation")

    def __init__(
        self,
        encoder,
        generator,
        discriminator,
        augmentation=None,
        average_decay=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_inverts(encoder, generator)
        self.encoder = encoder
        self.generator = generator
        self.discriminator = discriminator
        self.augmentation = augmentation
        self.average_decay = average_decay
        self.seed = seed
        self.image_shape = generator.image_shape
        self.num_classes = generator.num_classes
        # Where they come from, they may have been an average or frozen.
        encoder.trainable = generator.trainable = discriminator.trainable = True
        self.averages = [
            WeightAverage(network, average_decay)
            for network in (encoder, generator)
            if average_decay
        ]
        # What G draws before this training.
        self.anchor = frozen_copy(generator)
        self.edit_head = DiscriminatorHead(discriminator, name="edit_head")
        self.noise = LatentNoise(generator.latent_dim, seed, name="noise")
        self.evaluation_noise = LatentNoise(
            generator.latent_dim, 0, name="evaluation_noise"
        )
        self.built = True

    def compile(
        self,
        optimizer=None,
        discriminator_optimizer=None,
        *,
        image_weight=100.0,
        feature_weight=2.0,
        latent_weight=5.0,
        classifier_weight=1.0,
        transfer_classifier_weight=1.0,
        noise_classifier_weight=1.0,
        anchor_weight=0.0,
        **options,
    ):
        """Configures training.

        Args:
            optimizer: Of E and G. Default Adam(2e-4, beta_1=0.5), the paper's.
            discriminator_optimizer: Of D. Default Adam(2e-4, beta_1=0.5).
            image_weight: Beside the adversarial loss, of the mean squared error per
                pixel of G(E(x)|y) in [-1, 1]. Default 100.
            feature_weight: Of the same in D's features. Default 2.
            latent_weight: Of both of E's errors, per entry of z. Default 5.
            classifier_weight: Where D is a classifier, of what it learns from the
                data; 0 leaves it out altogether. Default 1.
            transfer_classifier_weight: Of G(E(x)|y') being recognised. Default 1.
            noise_classifier_weight: Of G(z|y) being recognised; its faces become
                plainer than real ones. Default 1.
            anchor_weight: Of the mean squared difference of a pixel of G(z|y) to what
                G drew in inference when this model was made. Default 0.
            **options: `scores`, `InversionScores` or `TransferScores` that `evaluate`
                adds; `run_eagerly`, `steps_per_execution`, `jit_compile`.

        Raises:
            ValueError: There is an option that is not listed here, a weight is
                negative, or both optimizers are the same.
        """
        weights = {
            "image_weight": image_weight,
            "feature_weight": feature_weight,
            "latent_weight": latent_weight,
            "classifier_weight": classifier_weight,
            "transfer_classifier_weight": transfer_classifier_weight,
            "noise_classifier_weight": noise_classifier_weight,
            "anchor_weight": anchor_weight,
        }
        negative = sorted(name for name in weights if not weights[name] >= 0)
        if negative:
            raise ValueError(
                f"Expected weights of 0 or more, got {negative[0]}="
                f"{weights[negative[0]]}."
            )
        self.compile_training(
            {
                "optimizer": (optimizer, self._transfer_variables),
                "discriminator_optimizer": (
                    discriminator_optimizer,
                    self._discriminator_variables,
                ),
            },
            options,
            **weights,
        )
        # By the names of the errors; both of E's have one.
        self._error_weights = {
            "image_error": image_weight,
            "feature_error": feature_weight,
            "consistency_error": latent_weight,
            "latent_error": latent_weight,
        }
        if anchor_weight:
            self._error_weights["anchor_error"] = anchor_weight
        # A classifier that does not learn has nothing to say.
        learns = classifier_weight > 0
        self._adversarial_loss = AdversarialLoss(
            self.discriminator,
            self.augmentation,
            classifier_weight,
            heads=(self.edit_head, self.discriminator.decision),
            head_weights=(
                transfer_classifier_weight * learns,
                noise_classifier_weight * learns,
            ),
        )
        self.start_tracking(
            METRICS
            + tuple(self._error_weights)
            + EMOTION_METRICS * self.discriminator.classifier
        )

    @property
    def _transfer_variables(self):
        return self.encoder.trainable_variables + self.generator.trainable_variables

    @property
    def _discriminator_variables(self):
        head = self.edit_head.trainable_variables
        return self.discriminator.trainable_variables + head

    def as_transfer(self):
        """Returns the `EmotionTransfer` of E and G, averaged where that is done."""
        networks = [average.network for average in self.averages]
        return EmotionTransfer(*(networks or [self.encoder, self.generator]))

    @property
    def inference_networks(self):
        """What `export` writes."""
        return self.as_transfer().inference_networks

    def call(self, inputs, training=False):
        """(images, emotion) to images in [-1, 1], as tensors."""
        return self.as_transfer()(inputs)

    def train_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        augment = self._adversarial_loss.draw(batch)
        noise = self.noise.draw(batch)
        wanted = self._wanted_labels(labels, batch)
        with tf.GradientTape() as tape:
            latents = self.encoder(images, training=True)
            rebuilt, made = self._faces(
                self.generator, latents, noise, labels, wanted, training=True
            )
            with tape.stop_recording():
                logs = self._update_discriminator(
                    images, labels, made, wanted, batch, augment
                )
            loss, generator_logs = self._adversarial_loss.of_generator(
                made, wanted, batch, augment
            )
            errors = self._errors(
                self.encoder, images, labels, latents, noise, rebuilt, made, batch
            )
            for name, weight in self._error_weights.items():
                loss += weight * errors[name]
        descend(self.optimizer, tape, loss, self._transfer_variables)
        for average, network in zip(
            self.averages, (self.encoder, self.generator), strict=False
        ):
            average.update(network)
        return self.track({**logs, **generator_logs, **errors}, batch)

    def _update_discriminator(self, images, labels, made, wanted, batch, augment):
        """Takes one step of D, with both heads, and returns its metrics."""
        with tf.GradientTape() as tape:
            loss, logs = self._adversarial_loss.of_discriminator(
                images, labels, made, wanted, batch, augment
            )
        variables = self._discriminator_variables
        descend(self.discriminator_optimizer, tape, loss, variables)
        return logs

    @staticmethod
    def _wanted_labels(labels, batch):
        """Returns the labels of the edits, then of the faces of noise."""
        return tf.concat([other_labels(labels, batch), labels], axis=0)

    @staticmethod
    def _faces(generator, latents, noise, labels, wanted, training):
        """Returns G(E(x)|y), and G(E(x)|y') and G(z|y) one after the other."""
        codes = tf.concat([latents, latents, noise], axis=0)
        labels_of_all = tf.concat([labels, wanted], axis=0)
        faces = generator((codes, labels_of_all), training=training)
        rows = tf.shape(latents)[0]
        return faces[:rows], faces[rows:]

    def _errors(self, encoder, images, labels, latents, noise, rebuilt, made, batch):
        """Returns each error as this replica's share of the mean, per pixel or entry.

        Args:
            encoder: E.
            images: x, float32 `(rows, *image_shape)` in [-1, 1].
            labels: Their class weights y, float32 `(rows, num_classes)`.
            latents: E(x), `(rows, latent_dim)`.
            noise: z, `(rows, latent_dim)`.
            rebuilt: G(E(x)|y), as `images`.
            made: G(E(x)|y'), then G(z|y), `(2 * rows, *image_shape)`.
            batch: The `GlobalBatch` around `images`.
        """
        # In inference: E's averages are to be those of faces from the data.
        of_edits, of_noise = tf.split(encoder(made, training=False), 2)
        features, rebuilt_features = (
            self.discriminator.features((faces, labels), training=False)
            for faces in (images, rebuilt)
        )
        pixel_count, entry_count = math.prod(self.image_shape), latents.shape[1]
        errors = {
            "image_error": batch.mean_share(image_loss(images, rebuilt)) / pixel_count,
            "feature_error": batch.mean_share(feature_loss(features, rebuilt_features)),
            # The aim stands still: otherwise small codes would be the shortest way.
            "consistency_error": batch.mean_share(
                latent_loss(tf.stop_gradient(latents), of_edits)
            )
            / entry_count,
            "latent_error": batch.mean_share(latent_loss(noise, of_noise))
            / entry_count,
        }
        if "anchor_error" in self._error_weights:
            kept, now = self.anchor((noise, labels)), tf.split(made, 2)[1]
            errors["anchor_error"] = (
                batch.mean_share(image_loss(kept, now)) / pixel_count
            )
        return errors

    def test_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        transfer = self.as_transfer()
        noise = self.evaluation_noise.draw(batch)
        wanted = self._wanted_labels(labels, batch)
        latents = transfer.latents(images)
        rebuilt, made = self._faces(
            transfer.generator, latents, noise, labels, wanted, training=False
        )
        loss = self._adversarial_loss.in_inference()
        _, logs = loss.of_discriminator(images, labels, made, wanted, batch)
        logs |= loss.of_generator(made, wanted, batch)[1]
        logs |= self._errors(
            transfer.encoder, images, labels, latents, noise, rebuilt, made, batch
        )
        seen = rebuilt, labels
        if self.scores and self.scores.of_edits:
            edited = slice(batch.local_size)
            seen = made[edited], wanted[edited]
        scores = self.track_scores(images, *seen, batch)
        return {**self.track(logs, batch), **scores}

    def get_config(self):
        return {
            **super().get_config(),
            "average_decay": self.average_decay,
            "seed": self.seed,
        }

    @classmethod
    def from_preset(cls, name, **options):
        """Returns the trained E, G and D of a preset, to go on training; not compiled.

        The optimizers' moments do not travel, nor does the head that judges edits: it
        starts as D's own again.

        Args:
            name: As for `ConditionalDCGAN.from_preset`.
            **options: Of the constructor, such as `augmentation`.
        """
        return cls(**load_networks(name), **options)
