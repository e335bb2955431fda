"""E, G and D trained together from the first step: the joint training."""

import dataclasses
from pathlib import Path
from typing import Any, Self

import keras
import tensorflow as tf

from fer_keras.export.presets import load_networks
from fer_keras.layers import LatentNoise
from fer_keras.layers.keep_source import KeepSource
from fer_keras.layers.labels import other_labels
from fer_keras.losses import absolute_error, emotion_loss, smoothed, squared_error
from fer_keras.models.adversarial_loss import AdversarialLoss
from fer_keras.models.conditional_dcgan import EMOTION_METRICS, METRICS
from fer_keras.models.emotion_transfer import EmotionTransfer
from fer_keras.models.export_mixin import ExportMixin
from fer_keras.models.labeled_image_model import LabeledImageModel
from fer_keras.models.multi_optimizer_model import descend
from fer_keras.networks.discriminator_head import DiscriminatorHead
from fer_keras.networks.sizes import check_inverts
from fer_keras.training.config_objects import ConfigObjectsMixin
from fer_keras.training.replicas import GlobalBatch, all_sum
from fer_keras.training.weight_average import WeightAverage

# Asked for with certainty, an emotion is drawn plainer than faces have it.
_SMOOTHING = 0.1


@keras.saving.register_keras_serializable(package="fer_keras")
class JointTransfer(ExportMixin, ConfigObjectsMixin, LabeledImageModel):
    """Trains E, G and D on the transfer itself.

    The paper trains G on noise, then E on each face with its own emotion: nothing asks
    for a good edit. Here each step makes three faces of x with emotion y:

    - the reconstruction G(E(x)|y), which is to be x;
    - the edit G(E(x)|y') with another emotion y', where it changes little with x's own
      pixels: D is to take it for a face of y', the teacher is to name y', E is to see
      the same z, and it is to differ from x as little as that allows;
    - the sample G(z|y) of noise, which D is to take for a face, and in which E is to
      see z, so that G stays a conditional GAN and E its inverse.

    Two heads of D judge edits and samples apart, by the same features.

    Args:
        encoder: A `MapEncoder` or `Encoder`, trained or not.
        generator: The `MapGenerator` or `Generator` that it inverts.
        discriminator: A `Discriminator`.
        teacher: A classifier of emotions, trained on the same data before and not
            changed here; see `emotion_teacher`. Default: none, D's own classifier is
            the only one.
        augmentation: A `SharedAugmentation` of all that D and the teacher see. Default:
            none.
        average_decay: Share of a running average of E's and G's weights that a step
            keeps; the averages then transfer. Default: none.
        likeness: How much of the source's own pixels an edit keeps, here and in the
            `EmotionTransfer` that comes of it; see `KeepSource`. Default 1.
        seed: For the noise. Default: from Keras' global seed.

    Raises:
        ValueError: The encoder has other sizes than G.

    Metrics of `fit` and `evaluate`: those of `ConditionalDCGAN`, and the errors
    `image_error` (|G(E(x)|y) - x|), `change` (|G(E(x)|y') - x|), both the mean over the
    pixels in [-1, 1], `consistency_error` ((E(G(E(x)|y')) - E(x))²), `latent_error`
    ((E(G(z|y)) - z)²), the means over the entries; where G draws z from noise,
    `prior_error`, the squared differences of the means and deviations of its z and of
    E(x) over the batch; and with a teacher `teacher_accuracy` of the edits.

    Example:
        >>> joint = JointTransfer(
        ...     MapEncoder(), MapGenerator(),
        ...     Discriminator(conditioning="projection", classifier=True))
        >>> joint.compile()
        >>> joint.fit(ds, epochs=15)
        >>> joint.as_transfer().transfer(faces, "happy")

    Reference:
        He et al. 2019, AttGAN, for faces rebuilt with their own and judged with other
        attributes; Donahue et al. 2017 and Dumoulin et al. 2017 for E, G and D trained
        together; Odena et al. 2017 for the classifier.
    """

    config_objects = (
        "encoder",
        "generator",
        "discriminator",
        "teacher",
        "augmentation",
    )

    def __init__(
        self,
        encoder: keras.Model,
        generator: keras.Model,
        discriminator: keras.Model,
        teacher: keras.Model | None = None,
        augmentation: keras.layers.Layer | None = None,
        average_decay: float | None = None,
        likeness: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_inverts(encoder, generator)
        self.encoder = encoder
        self.generator = generator
        self.discriminator = discriminator
        self.teacher = teacher
        self.augmentation = augmentation
        self.average_decay = average_decay
        self.keep_source = KeepSource(likeness, name="keep_source")
        self.seed = seed
        self.image_shape = generator.image_shape
        self.num_classes = generator.num_classes
        # Where they come from, they may have been an average or frozen.
        encoder.trainable = generator.trainable = discriminator.trainable = True
        if teacher is not None:
            teacher.trainable = False
        self.averages = [
            WeightAverage(network, average_decay)
            for network in (encoder, generator)
            if average_decay
        ]
        self.edit_head = DiscriminatorHead(discriminator, name="edit_head")
        self.noise = LatentNoise(generator.noise_dim, seed, name="noise")
        self.evaluation_noise = LatentNoise(
            generator.noise_dim, 0, name="evaluation_noise"
        )
        self.built = True

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        *,
        image_weight: float = 75.0,
        change_weight: float = 6.0,
        consistency_weight: float = 0.5,
        latent_weight: float = 1.0,
        prior_weight: float = 25.0,
        teacher_weight: float = 0.75,
        classifier_weight: float = 1.0,
        **options: Any,
    ) -> None:
        """Configures training.

        The weights are those of the metrics above, beside the adversarial loss of 1.

        Args:
            optimizer: Of E and G. Default Adam(2e-4, beta_1=0.5), the paper's.
            discriminator_optimizer: Of D. Default Adam(2e-4, beta_1=0.5).
            image_weight: Of `image_error`. Default 75.
            change_weight: Of `change`. Default 6.
            consistency_weight: Of `consistency_error`. Default 0.5.
            latent_weight: Of `latent_error`. Default 1.
            prior_weight: Where G has a prior, of `prior_error`. Default 25.
            teacher_weight: Of the teacher's cross-entropy for edits. Default 0.75.
            classifier_weight: Where D is a classifier, of its cross-entropy on faces
                from the data and on edits; a fifth of it on samples, whose emotions
                otherwise become plainer than real ones. Default 1.
            **options: `scores`, a `TransferScores` that `evaluate` adds;
                `run_eagerly`, `steps_per_execution`, `jit_compile`.

        Raises:
            ValueError: There is an option that is not listed here, a weight is
                negative, or both optimizers are the same.
        """
        self._weights = {
            "image_error": image_weight,
            "change": change_weight,
            "consistency_error": consistency_weight,
            "latent_error": latent_weight,
        }
        if self.generator.noise_dim != self.generator.latent_dim:
            self._weights["prior_error"] = prior_weight
        weights = {
            "image_weight": image_weight,
            "change_weight": change_weight,
            "consistency_weight": consistency_weight,
            "latent_weight": latent_weight,
            "prior_weight": prior_weight,
            "teacher_weight": teacher_weight,
            "classifier_weight": classifier_weight,
        }
        for name, weight in weights.items():
            if not weight >= 0:
                raise ValueError(f"Expected weights of 0 or more, got {name}={weight}.")
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
        self._teacher_weight = teacher_weight
        self._adversarial_loss = AdversarialLoss(
            self.discriminator,
            self.augmentation,
            classifier_weight,
            heads=(self.edit_head, self.discriminator.decision),
            head_weights=(classifier_weight, 0.2 * classifier_weight),
        )
        self.start_tracking(
            METRICS
            + tuple(self._weights)
            + EMOTION_METRICS * self.discriminator.classifier
            + ("teacher_accuracy",) * (self.teacher is not None)
        )

    @property
    def _transfer_variables(self):
        return self.encoder.trainable_variables + self.generator.trainable_variables

    @property
    def _discriminator_variables(self):
        head = self.edit_head.trainable_variables
        return self.discriminator.trainable_variables + head

    def as_transfer(self) -> EmotionTransfer:
        """Returns the `EmotionTransfer` of E and G, averaged where that is done."""
        networks = [average.network for average in self.averages]
        return EmotionTransfer(
            *(networks or [self.encoder, self.generator]), likeness=self.likeness
        )

    @property
    def inference_networks(self) -> dict[str, keras.Model]:
        """What `export` writes."""
        return self.as_transfer().inference_networks

    @property
    def likeness(self) -> float:
        """How much of the source's own pixels an edit keeps."""
        return self.keep_source.likeness

    def call(self, inputs: tuple[tf.Tensor, ...], training: bool = False) -> tf.Tensor:
        """(images, emotion) to images in [-1, 1], as tensors."""
        return self.as_transfer()(inputs)

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        augment = self._adversarial_loss.draw(batch)
        noise = self.noise.draw(batch)
        with tf.GradientTape() as tape:
            made = self._make(self, images, labels, noise, batch)
            judged = images, labels, made.faces, made.labels, batch, augment
            with tape.stop_recording():
                logs = self._update_discriminator(*judged)
            loss, generator_logs = self._adversarial_loss.of_generator(*judged[2:])
            loss += self._teacher_loss(made, batch, augment, logs)
            errors = self._errors(self.encoder, images, made, batch, training=True)
            loss += sum(self._weights[name] * errors[name] for name in errors)
        descend(self.optimizer, tape, loss, self._transfer_variables)
        for average, network in zip(
            self.averages, (self.encoder, self.generator), strict=False
        ):
            average.update(network)
        return self.track({**logs, **generator_logs, **errors}, batch)

    def _update_discriminator(self, *judged):
        """Takes one step of D, with both heads, and returns its metrics."""
        with tf.GradientTape() as tape:
            loss, logs = self._adversarial_loss.of_discriminator(*judged)
        variables = self._discriminator_variables
        descend(self.discriminator_optimizer, tape, loss, variables)
        return logs

    def _make(self, owner, images, labels, noise, batch, training=True):
        """Makes the three faces of each x with E and G of `owner`; see `_Made`."""
        generator = owner.generator
        latents = owner.encoder(images, training=training)
        drawn = generator.latents_of_noise(noise, training=training)
        wanted = tf.concat([other_labels(labels, batch), labels], axis=0)
        faces = generator(
            (
                tf.concat([latents, latents, drawn], axis=0),
                tf.concat([labels, wanted], axis=0),
            ),
            training=training,
        )
        rebuilt, edits, samples = tf.split(faces, 3)
        edits = self.keep_source((images, rebuilt, edits))
        faces = tf.concat([edits, samples], axis=0)
        return _Made(latents, drawn, rebuilt, faces, wanted)

    def _teacher_loss(self, made, batch, augment, logs):
        """Returns the weighted loss by the teacher; its accuracy goes to `logs`."""
        if self.teacher is None:
            return 0.0
        edits, wanted = (tf.split(rows, 2)[0] for rows in (made.faces, made.labels))
        if augment is not None:
            edits = self.augmentation(edits, augment)
        emotion_logits = self.teacher(edits, training=False)
        loss = emotion_loss(emotion_logits, smoothed(wanted, _SMOOTHING))
        right = tf.argmax(emotion_logits, axis=1) == tf.argmax(wanted, axis=1)
        logs["teacher_accuracy"] = batch.mean_share(right)
        return self._teacher_weight * batch.mean_share(loss)

    def _errors(self, encoder, images, made, batch, training=False):
        """Returns each error as this replica's share of the mean; see the class."""
        edits = made.faces[: batch.local_size]
        of_edits, of_samples = tf.split(encoder(made.faces, training=training), 2)
        # The aims stand still: otherwise small codes would be the shortest way.
        latents = tf.stop_gradient(made.latents)
        drawn = tf.stop_gradient(made.drawn)
        errors = {
            "image_error": batch.mean_share(absolute_error(images, made.rebuilt)),
            "change": batch.mean_share(absolute_error(images, edits)),
            "consistency_error": batch.mean_share(squared_error(latents, of_edits)),
            "latent_error": batch.mean_share(squared_error(drawn, of_samples)),
        }
        if "prior_error" in self._weights:
            errors["prior_error"] = _moment_error(latents, made.drawn, batch)
        return errors

    def test_step(self, data: tuple) -> dict[str, tf.Tensor]:
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        transfer = self.as_transfer()
        noise = self.evaluation_noise.draw(batch)
        made = self._make(transfer, images, labels, noise, batch, training=False)
        loss = self._adversarial_loss.in_inference()
        _, logs = loss.of_discriminator(images, labels, made.faces, made.labels, batch)
        logs |= loss.of_generator(made.faces, made.labels, batch)[1]
        self._teacher_loss(made, batch, None, logs)
        logs |= self._errors(transfer.encoder, images, made, batch)
        seen = made.rebuilt, labels
        if self.scores and self.scores.of_edits:
            rows = slice(batch.local_size)
            seen = made.faces[rows], made.labels[rows]
        scores = self.track_scores(images, *seen, batch)
        return {**self.track(logs, batch), **scores}

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "average_decay": self.average_decay,
            "likeness": self.likeness,
            "seed": self.seed,
        }

    @classmethod
    def from_preset(cls, name: str | Path, **options: Any) -> Self:
        """Returns the trained E, G and D of a preset, to go on training; not compiled.

        The optimizers' moments do not travel, nor does the head that judges edits: it
        starts as D's own again.

        Args:
            name: As for `ConditionalDCGAN.from_preset`.
            **options: Arguments of the constructor, such as `augmentation`.
        """
        return cls(**load_networks(name), **options)


@dataclasses.dataclass(frozen=True)
class _Made:
    """The faces that a step makes of x.

    Attributes:
        latents: E(x).
        drawn: z of the noise.
        rebuilt: G(E(x)|y).
        faces: The edits G(E(x)|y') with what is kept of x, then the samples G(z|y).
        labels: Of `faces`: y', then y.
    """

    latents: tf.Tensor
    drawn: tf.Tensor
    rebuilt: tf.Tensor
    faces: tf.Tensor
    labels: tf.Tensor


def _moment_error(latents, drawn, batch):
    """Returns how far the moments of drawn latents are from those of encoded ones.

    A prior that draws one face has no deviation, and G is at its best where E's
    latents are.
    """
    means, deviations = zip(
        *(_moments(values, batch) for values in (latents, drawn)), strict=True
    )
    error = tf.square(means[0] - means[1]) + tf.square(deviations[0] - deviations[1])
    # Every replica has all of it: its share of the sum over replicas.
    share = tf.cast(batch.local_size, tf.float32) / tf.cast(batch.size, tf.float32)
    return share * tf.reduce_mean(error)


def _moments(values, batch):
    """Returns mean and deviation of each entry over the global batch."""
    size = tf.cast(batch.size, tf.float32)
    mean = all_sum(tf.reduce_sum(values, axis=0)) / size
    variance = all_sum(tf.reduce_sum(tf.square(values - mean), axis=0)) / size
    return mean, tf.sqrt(variance + 1e-8)
