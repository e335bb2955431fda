"""The conditional DCGAN: G and D against each other (section 2.2.1)."""

import keras
import tensorflow as tf

from fer_keras.layers import LatentNoise
from fer_keras.models.adversarial_terms import AdversarialTerms
from fer_keras.models.exportable import Exportable
from fer_keras.models.face_drawing import FaceDrawing
from fer_keras.models.face_model import FaceModel, paper_optimizer
from fer_keras.networks import Discriminator, Generator
from fer_keras.networks.sizes import check_sizes
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
class ConditionalDCGAN(Exportable, FaceDrawing, FaceModel):
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

    Metrics of `fit` and `evaluate`: `generator_loss`, `discriminator_loss`, and
    D's accuracy on faces from the data (`real_accuracy`) and from G
    (`generated_accuracy`); with a classifier also how often it names the emotion of
    faces from the data and from G (`real_emotion_accuracy`,
    `generated_emotion_accuracy`), and with a penalty `gradient_penalty`.

    Example:
        >>> gan = ConditionalDCGAN(width=16)
        >>> gan.compile()
        >>> gan.fit(ds, epochs=50)  # batches (uint8 images, integer labels)
        >>> faces = gan.generate(16, "happy")

    Reference:
        The paper, equations 3 to 6; Radford et al. 2016; Mirza and Osindero 2014.
    """

    def __init__(
        self,
        image_shape=(48, 48, 1),
        num_classes=7,
        latent_dim=100,
        width=64,
        depth=4,
        kernel_size=5,
        conditioning="planes",
        projection=False,
        classifier=False,
        augmentation=None,
        average_decay=None,
        seed=None,
        **kwargs,
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
            latent_dim=latent_dim, conditioning=conditioning, name="generator", **shared
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
        generator_optimizer=None,
        discriminator_optimizer=None,
        generator_steps=1,
        classifier_weight=1.0,
        wrong_label_weight=0.0,
        gradient_penalty_weight=0.0,
        gradient_penalty_every=16,
        **options,
    ):
        """Configures training.

        Args:
            generator_optimizer: Default Adam(2e-4, beta_1=0.5), the paper's.
            discriminator_optimizer: Likewise.
            generator_steps: Updates of G per update of D, the paper's way to
                balance the two. Default 1.
            classifier_weight: Of the classifier's loss in D's and in G's; without a
                classifier it means nothing. Default 1.
            wrong_label_weight: Of D's loss on faces from the data with a wrong label,
                which it is to refuse. Default 0.
            gradient_penalty_weight: Of half the squared gradient of D's logit at
                faces from the data (R1). Default 0.
            gradient_penalty_every: Steps of D between two such penalties, each of
                which counts for as many and is logged so. Default 16.
            **options: `scores`, a `GenerationScores` that `evaluate` adds;
                `run_eagerly`, `steps_per_execution`, `jit_compile`.

        Raises:
            ValueError: A number of steps is below 1, both networks got the same
                optimizer, or there is an option that is not listed here.
        """
        check_sizes(
            generator_steps=generator_steps,
            gradient_penalty_every=gradient_penalty_every,
        )
        self.refuse_shared(generator_optimizer, discriminator_optimizer, "G and D")
        self._compile_training(options)
        self.generator_optimizer = self.scaled_for_float16(
            generator_optimizer or paper_optimizer()
        )
        self.discriminator_optimizer = self.scaled_for_float16(
            discriminator_optimizer or paper_optimizer()
        )
        self.generator_steps = generator_steps
        self._terms = AdversarialTerms(
            self.discriminator,
            self.augmentation,
            classifier_weight,
            wrong_label_weight,
            gradient_penalty_weight,
            gradient_penalty_every,
        )
        # Slots are made now: an optimizer without them is skipped on restoring.
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self._compile_arguments = {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "generator_steps": generator_steps,
            "classifier_weight": classifier_weight,
            "wrong_label_weight": wrong_label_weight,
            "gradient_penalty_weight": gradient_penalty_weight,
            "gradient_penalty_every": gradient_penalty_every,
            **options,
        }
        self._start_tracking(
            _METRICS
            + _EMOTION_METRICS * self.classifier
            + ("gradient_penalty",) * bool(gradient_penalty_weight)
        )

    @property
    def drawing_generator(self):
        """The `Generator` that draws: the average's where there is one."""
        return self.average.network if self.average else self.generator

    def call(self, inputs, training=False):
        """G(z|y) of a pair of latents and labels: float32 images in [-1, 1]."""
        return self.drawing_generator(inputs, training=training)

    def train_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        draws = self._terms.draw(batch)
        variables = self.generator.trainable_variables
        for step in range(self.generator_steps):
            latents = self.noise.draw(batch)
            with tf.GradientTape() as tape:
                generated = self.generator((latents, labels), training=True)
            if step == 0:
                logs = self._update_discriminator(
                    images, generated, labels, batch, draws
                )
            image_gradient, more_logs = self._judge(generated, labels, batch, draws)
            # D's update left G as it was, so that its forward pass still holds:
            # the chain rule continues from the image instead of running G again.
            gradients = tape.gradient(generated, variables, image_gradient)
            self.generator_optimizer.apply(gradients, variables)
        if self.average:
            self.average.update(self.generator)
        return self._track({**logs, **more_logs}, batch)

    def _update_discriminator(self, images, generated, labels, batch, draws):
        """One step of D on equation 5 and what was added to it; returns its metrics."""
        variables = self.discriminator.trainable_variables
        optimizer = self.discriminator_optimizer
        generated = tf.stop_gradient(generated)
        with tf.GradientTape() as tape:
            loss, logs = self._terms.of_discriminator(
                images, labels, generated, labels, batch, draws
            )
            if self._terms.gradient_penalty_weight:
                penalty = self._terms.lazy_gradient_penalty(
                    images, labels, batch, optimizer.iterations
                )
                loss += penalty
                logs["gradient_penalty"] = penalty
            scaled_loss = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return logs

    def _judge(self, generated, labels, batch, draws):
        """G's loss by its gradient with respect to the images, and its metrics."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(generated)
            loss, logs = self._terms.of_generator(generated, labels, batch, draws)
            scaled_loss = self.generator_optimizer.scale_loss(loss)
        return tape.gradient(scaled_loss, generated), logs

    def test_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        latents = self.evaluation_noise.draw(batch)
        generated = self((latents, labels), training=False)
        terms = self._terms.in_inference()
        _, logs = terms.of_discriminator(images, labels, generated, labels, batch)
        logs |= terms.of_generator(generated, labels, batch)[1]
        if terms.gradient_penalty_weight:
            logs["gradient_penalty"] = terms.gradient_penalty(images, labels, batch)
        scores = self._track_scores(images, generated, labels, batch)
        return {**self._track(logs, batch), **scores}

    def get_config(self):
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
            "augmentation": keras.saving.serialize_keras_object(self.augmentation),
            "average_decay": self.average_decay,
            "seed": self.seed,
        }

    @classmethod
    def from_preset(cls, name):
        """Returns a trained model, to draw with or to go on training; not compiled.

        The optimizers' moments do not travel: the first steps after it are a new
        start for them.

        Args:
            name: "paper", "plus", or a folder that `fer-keras pack` has made.

        Raises:
            ValueError: There is no such preset, or a file differs from its card.

        Example:
            >>> gan = ConditionalDCGAN.from_preset("plus")
            >>> faces = gan.generate(16, "happy")
        """
        # Presets build on the models.
        from fer_keras.export.presets import load_gan

        return load_gan(name)

    @classmethod
    def from_config(cls, config):
        augmentation = keras.saving.deserialize_keras_object(config["augmentation"])
        return cls(**{**config, "augmentation": augmentation})
