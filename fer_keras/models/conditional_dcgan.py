"""The conditional DCGAN: G and D against each other (section 2.2.1)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import keras
import tensorflow as tf

from fer_keras.export.presets import load_networks, preset_card
from fer_keras.layers import LatentNoise
from fer_keras.models.adversarial_loss import AdversarialLoss
from fer_keras.models.export_mixin import ExportMixin
from fer_keras.models.labeled_image_model import LabeledImageModel
from fer_keras.models.multi_optimizer_model import descend
from fer_keras.models.sampling_mixin import SamplingMixin
from fer_keras.networks import Discriminator, Generator
from fer_keras.networks.sizes import check_sizes
from fer_keras.training.config_objects import ConfigObjectsMixin
from fer_keras.training.replicas import GlobalBatch
from fer_keras.training.weight_average import WeightAverage

METRICS = (
    "generator_loss",
    "discriminator_loss",
    "real_accuracy",
    "generated_accuracy",
)
EMOTION_METRICS = ("real_emotion_accuracy", "generated_emotion_accuracy")


@keras.saving.register_keras_serializable(package="fer_keras")
class ConditionalDCGAN(
    ExportMixin, SamplingMixin, ConfigObjectsMixin, LabeledImageModel
):
    """Trains G(z|y) and D(x|y); all defaults are the paper's.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        latent_dim: Length of z. Default 100.
        width: Of both networks, see `Generator`. Default 64.
        depth: Convolutions in each network. Default 4.
        kernel_size: Side of the kernels. Default 5.
        conditioning: How G is told the label: "planes", the paper's, or
            "normalization"; see `Generator`.
        projection: Whether D is told the label by projection; see `Discriminator`.
        classifier: Whether D names the emotion too and G is to be recognised by it;
            needs `projection`. See `compile(classifier_weight=...)`.
        augmentation: A `SharedAugmentation` of all that D sees. Default: none.
        average_decay: Share of a running average of G's weights that a step keeps,
            such as 0.999; the average then draws. Default: none, the last weights do.
        seed: For weights and noise. Default: from Keras' global seed.
        class_names: The names of the classes in the order of their ids; they travel
            with the weights. Default: the emotions for seven classes, else the ids.

    Metrics of `fit` and `evaluate`: `generator_loss`, `discriminator_loss`, and
    D's accuracy on faces from the data (`real_accuracy`) and from G
    (`generated_accuracy`); with a classifier also how often it names the emotion of
    faces from the data and from G (`real_emotion_accuracy`,
    `generated_emotion_accuracy`).

    Example:
        >>> gan = ConditionalDCGAN(width=16)
        >>> gan.compile()
        >>> gan.fit(ds, epochs=50)  # batches (uint8 images, integer labels)
        >>> faces = gan.generate(16, "happy")

    Reference:
        The paper, equations 3 to 6; Radford et al. 2016; Mirza and Osindero 2014.
    """

    config_objects = ("augmentation",)

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (48, 48, 1),
        num_classes: int = 7,
        latent_dim: int = 100,
        width: int = 64,
        depth: int = 4,
        kernel_size: int = 5,
        conditioning: str = "planes",
        projection: bool = False,
        classifier: bool = False,
        augmentation: keras.layers.Layer | None = None,
        average_decay: float | None = None,
        seed: int | None = None,
        class_names: Sequence[str] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.latent_dim = latent_dim
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.conditioning = conditioning
        self.projection = projection
        self.classifier = classifier
        self.augmentation = augmentation
        self.average_decay = average_decay
        self.seed = seed
        shared = {
            "image_shape": self.image_shape,
            "num_classes": num_classes,
            "width": width,
            "depth": depth,
            "kernel_size": kernel_size,
            "seed": seed,
            "dtype": self.dtype_policy,
        }
        self.generator = Generator(
            latent_dim=latent_dim,
            conditioning=conditioning,
            class_names=class_names,
            name="generator",
            **shared,
        )
        self.discriminator = Discriminator(
            conditioning="projection" if projection else "planes",
            classifier=classifier,
            name="discriminator",
            **shared,
        )
        self.average = average_decay and WeightAverage(self.generator, average_decay)
        self.noise = LatentNoise(latent_dim, seed, name="noise")
        self.evaluation_noise = LatentNoise(latent_dim, 0, name="evaluation_noise")
        self.built = True

    def compile(
        self,
        generator_optimizer: keras.optimizers.Optimizer | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        generator_steps: int = 1,
        classifier_weight: float = 1.0,
        **options: Any,
    ) -> None:
        """Configures training.

        Args:
            generator_optimizer: Default Adam(2e-4, beta_1=0.5), the paper's.
            discriminator_optimizer: Default Adam(2e-4, beta_1=0.5), the paper's.
            generator_steps: Updates of G per update of D, the paper's way to
                balance the two. Default 1.
            classifier_weight: Weight of the classifier's loss in D's and G's; without a
                classifier it means nothing. Default 1.
            **options: `scores`, a `GenerationScores` that `evaluate` adds;
                `run_eagerly`, `steps_per_execution`, `jit_compile`.

        Raises:
            ValueError: A number of steps is below 1, both networks got the same
                optimizer, or there is an option that is not listed here.
        """
        check_sizes(generator_steps=generator_steps)
        generator, discriminator = self.generator, self.discriminator
        self.compile_training(
            {
                "generator_optimizer": (
                    generator_optimizer,
                    generator.trainable_variables,
                ),
                "discriminator_optimizer": (
                    discriminator_optimizer,
                    discriminator.trainable_variables,
                ),
            },
            options,
            generator_steps=generator_steps,
            classifier_weight=classifier_weight,
        )
        self.generator_steps = generator_steps
        self._loss = AdversarialLoss(
            discriminator, self.augmentation, classifier_weight
        )
        self.start_tracking(METRICS + EMOTION_METRICS * self.classifier)

    @property
    def drawing_generator(self) -> keras.Model:
        """The `Generator` that draws: the average's where there is one."""
        return self.average.network if self.average else self.generator

    def call(self, inputs: tuple[tf.Tensor, ...], training: bool = False) -> tf.Tensor:
        """G(z|y) of a pair of latents and labels: float32 images in [-1, 1]."""
        return self.drawing_generator(inputs, training=training)

    @property
    def inference_networks(self) -> dict[str, keras.Model]:
        """What `export` writes."""
        return {"generator": self.drawing_generator}

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        augment = self._loss.draw(batch)
        logs = {}
        for step in range(self.generator_steps):
            latents = self.noise.draw(batch)
            with tf.GradientTape() as tape:
                generated = self.generator((latents, labels), training=True)
            if step == 0:
                logs |= self._update_discriminator(
                    images, generated, labels, batch, augment
                )
            logs |= self._update_generator(tape, generated, labels, batch, augment)
        if self.average:
            self.average.update(self.generator)
        return self.track(logs, batch)

    def _update_discriminator(self, images, generated, labels, batch, augment):
        """Takes one step of D on equation 5 and returns its metrics."""
        generated = tf.stop_gradient(generated)
        with tf.GradientTape() as tape:
            loss, logs = self._loss.of_discriminator(
                images, labels, generated, labels, batch, augment
            )
        variables = self.discriminator.trainable_variables
        descend(self.discriminator_optimizer, tape, loss, variables)
        return logs

    def _update_generator(self, tape, generated, labels, batch, augment):
        """Takes one step of G on equation 6 and returns its metrics.

        D's update left G as it was, so that its forward pass still holds: the chain
        rule continues from the images instead of running G again.
        """
        with tf.GradientTape(watch_accessed_variables=False) as judgement:
            judgement.watch(generated)
            loss, logs = self._loss.of_generator(generated, labels, batch, augment)
            scaled_loss = self.generator_optimizer.scale_loss(loss)
        image_gradient = judgement.gradient(scaled_loss, generated)
        variables = self.generator.trainable_variables
        gradients = tape.gradient(generated, variables, image_gradient)
        self.generator_optimizer.apply(gradients, variables)
        return logs

    def test_step(self, data: tuple) -> dict[str, tf.Tensor]:
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        latents = self.evaluation_noise.draw(batch)
        generated = self((latents, labels), training=False)
        loss = self._loss.in_inference()
        _, logs = loss.of_discriminator(images, labels, generated, labels, batch)
        logs |= loss.of_generator(generated, labels, batch)[1]
        scores = self.track_scores(images, generated, labels, batch)
        return {**self.track(logs, batch), **scores}

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "latent_dim": self.latent_dim,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "conditioning": self.conditioning,
            "projection": self.projection,
            "classifier": self.classifier,
            "average_decay": self.average_decay,
            "seed": self.seed,
            "class_names": self.generator.class_names,
        }

    @classmethod
    def from_preset(cls, name: str | Path) -> Self:
        """Returns a trained model, to draw with or to go on training; not compiled.

        The optimizers' moments do not travel: the first steps after it are a new
        start for them.

        Args:
            name: "paper", or a folder that `fer-keras pack` has made of a run with one.

        Raises:
            ValueError: There is no such preset, a file differs from its card, or its
                networks were not trained by this model.

        Example:
            >>> gan = ConditionalDCGAN.from_preset("paper")
            >>> faces = gan.generate(16, "happy")
        """
        config = preset_card(name).get("gan")
        if config is None:
            raise ValueError(f"The preset {str(name)!r} holds no ConditionalDCGAN.")
        networks, gan = load_networks(name), cls.from_config(config)
        gan.generator.set_weights(networks["generator"].get_weights())
        gan.discriminator.set_weights(networks["discriminator"].get_weights())
        if gan.average:
            gan.average.network.set_weights(networks["generator"].get_weights())
        return gan
