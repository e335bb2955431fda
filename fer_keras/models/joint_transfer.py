"""The finish: E, G and D trained together on what the transfer is to do."""

import keras
import tensorflow as tf

from fer_keras.layers import LatentNoise
from fer_keras.layers.labels import other_labels
from fer_keras.models.adversarial_terms import AdversarialTerms
from fer_keras.models.emotion_transfer import EmotionTransfer
from fer_keras.models.exportable import Exportable
from fer_keras.models.face_model import FaceModel, paper_optimizer
from fer_keras.models.transfer_terms import TransferTerms
from fer_keras.networks.critic import Critic
from fer_keras.networks.sizes import check_inverts
from fer_keras.training.network_copies import frozen_copy
from fer_keras.training.replicas import GlobalBatch
from fer_keras.training.weight_average import WeightAverage

_METRICS = (
    "generator_loss",
    "discriminator_loss",
    "real_accuracy",
    "generated_accuracy",
)
_EMOTION_METRICS = ("real_emotion_accuracy", "generated_emotion_accuracy")


@keras.saving.register_keras_serializable(package="fer_keras")
class JointTransfer(Exportable, FaceModel):
    """Trains E and G on the transfer itself, against D.

    The paper trains G on noise, and E on each face with its own emotion: nothing has
    ever asked for a good G(E(x)|y') with another emotion y'. This model goes on from
    both and asks for it. Each step makes three faces of x: G(E(x)|y), which is to be
    x; G(E(x)|y'), which D is to take for a face of emotion y' and E is to see the same
    z in; and G(z|y) of noise, so that G keeps on drawing. D judges the last two apart,
    by the same features: a change that is to be recognised makes plainer emotions than
    the data has, and judged together, noise would have to make up for that by vaguer
    ones.

    Args:
        encoder: The trained `Encoder`, without labels.
        generator: The `Generator` that it inverts.
        discriminator: The `Discriminator` that G was trained against.
        augmentation: A `SharedAugmentation` of all that D sees. Default: none.
        average_decay: Share of a running average of E's and G's weights that a step
            keeps; the averages then transfer. Default: none.
        seed: For the noise. Default: from Keras' global seed.

    Raises:
        ValueError: The encoder has other sizes than G, or is given labels.

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
        if encoder.conditional:
            raise ValueError(
                "JointTransfer needs an encoder that sees the face alone, got a "
                "conditional one."
            )
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
        self.transfer_critic = Critic(discriminator, name="transfer_critic")
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
            discriminator_optimizer: Likewise, for D.
            image_weight: Beside the adversarial loss, of the mean squared error per
                pixel of G(E(x)|y) in [-1, 1]. Default 100.
            feature_weight: Of the same in D's features. Default 2.
            latent_weight: Of both of E's errors, per entry of z. Default 5.
            classifier_weight: Where D is a classifier, of what it learns from the
                data; 0 leaves it out altogether. Default 1.
            transfer_classifier_weight: Of G(E(x)|y') being recognised. Default 1.
            noise_classifier_weight: Of G(z|y) being so; its faces become plainer than
                real ones. Default 1.
            anchor_weight: Of the mean squared difference of a pixel of G(z|y) to what
                G drew in inference when this model was made. Default 0.
            **options: `scores`, an `InversionScores` that `evaluate` adds;
                `run_eagerly`, `steps_per_execution`, `jit_compile`.

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
        self.refuse_shared(optimizer, discriminator_optimizer, "E with G, and D,")
        self._compile_training(options)
        self.optimizer = self.scaled_for_float16(optimizer or paper_optimizer())
        self.discriminator_optimizer = self.scaled_for_float16(
            discriminator_optimizer or paper_optimizer()
        )
        self._transfer_terms = TransferTerms(self.discriminator, self.anchor, weights)
        self._terms = AdversarialTerms(
            self.discriminator,
            self.augmentation,
            classifier_weight,
            critics=(self.transfer_critic, self.discriminator.decision),
        )
        # A classifier that does not learn has nothing to say.
        learns = classifier_weight > 0
        self._made_classifier_weights = [
            transfer_classifier_weight * learns,
            noise_classifier_weight * learns,
        ]
        # Slots are made now: an optimizer without them is skipped on restoring.
        self.optimizer.build(self._transfer_variables)
        self.discriminator_optimizer.build(self._judging_variables)
        self._compile_arguments = {
            "optimizer": self.optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            **weights,
            **options,
        }
        self._start_tracking(
            _METRICS
            + self._transfer_terms.names
            + _EMOTION_METRICS * self.discriminator.classifier
        )

    @property
    def _transfer_variables(self):
        return self.encoder.trainable_variables + self.generator.trainable_variables

    @property
    def _judging_variables(self):
        critic = self.transfer_critic.trainable_variables
        return self.discriminator.trainable_variables + critic

    def as_transfer(self):
        """Returns the `EmotionTransfer` of E and G, averaged where that is done."""
        networks = [average.network for average in self.averages]
        return EmotionTransfer(*(networks or [self.encoder, self.generator]))

    def call(self, inputs, training=False):
        """(images, emotion) to images in [-1, 1], as tensors."""
        return self.as_transfer()(inputs)

    def train_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        draws = self._terms.draw(batch)
        noise = self.noise.draw(batch)
        others = other_labels(labels, batch)
        wanted = tf.concat([others, labels], axis=0)
        variables = self._transfer_variables
        with tf.GradientTape() as tape:
            latents = self.encoder(images, training=True)
            codes = tf.concat([latents, latents, noise], axis=0)
            faces = self.generator(
                (codes, tf.concat([labels, wanted], axis=0)), training=True
            )
            rebuilt, made = faces[: batch.local_size], faces[batch.local_size :]
            with tape.stop_recording():
                logs = self._update_discriminator(
                    images, labels, made, wanted, batch, draws
                )
            loss, more_logs = self._terms.of_generator(
                made, wanted, batch, draws, 2, self._made_classifier_weights
            )
            errors = self._transfer_terms.errors(
                self.encoder, images, labels, latents, noise, rebuilt, made, batch
            )
            loss += self._transfer_terms.loss(errors)
            scaled_loss = self.optimizer.scale_loss(loss)
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        for average, network in zip(
            self.averages, (self.encoder, self.generator), strict=False
        ):
            average.update(network)
        return self._track({**logs, **more_logs, **errors}, batch)

    def _update_discriminator(self, images, labels, made, wanted, batch, draws):
        variables = self._judging_variables
        optimizer = self.discriminator_optimizer
        with tf.GradientTape() as tape:
            loss, logs = self._terms.of_discriminator(
                images, labels, made, wanted, batch, draws, copies=2
            )
            scaled_loss = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return logs

    def test_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        transfer = self.as_transfer()
        noise = self.evaluation_noise.draw(batch)
        others = other_labels(labels, batch)
        wanted = tf.concat([others, labels], axis=0)
        latents = transfer.latents(images)
        codes = tf.concat([latents, latents, noise], axis=0)
        faces = transfer.decode(codes, tf.concat([labels, wanted], axis=0))
        rebuilt, made = faces[: batch.local_size], faces[batch.local_size :]
        terms = self._terms.in_inference()
        _, logs = terms.of_discriminator(images, labels, made, wanted, batch, copies=2)
        logs |= terms.of_generator(made, wanted, batch, copies=2)[1]
        logs |= self._transfer_terms.errors(
            transfer.encoder, images, labels, latents, noise, rebuilt, made, batch
        )
        scores = self._track_scores(images, rebuilt, labels, batch)
        return {**self._track(logs, batch), **scores}

    def get_config(self):
        names = ("encoder", "generator", "discriminator", "augmentation")
        return {
            **super().get_config(),
            **{
                name: keras.saving.serialize_keras_object(getattr(self, name))
                for name in names
            },
            "average_decay": self.average_decay,
            "seed": self.seed,
        }

    @classmethod
    def from_preset(cls, name, **options):
        """Returns the trained E, G and D of a preset, to go on training; not compiled.

        The optimizers' moments do not travel, nor does what judged edited faces apart
        from D: that begins as D's own judgement again.

        Args:
            name: As for `ConditionalDCGAN.from_preset`.
            **options: Of the constructor, such as `augmentation`.
        """
        # Presets build on the models.
        from fer_keras.export.presets import load_networks

        return cls(**load_networks(name), **options)

    @classmethod
    def from_config(cls, config):
        names = ("encoder", "generator", "discriminator", "augmentation")
        objects = {
            name: keras.saving.deserialize_keras_object(config[name]) for name in names
        }
        return cls(**{**config, **objects})
