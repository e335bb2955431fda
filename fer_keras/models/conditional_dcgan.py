"""The conditional DCGAN: G and D against each other (section 2.2.1)."""

import keras
import numpy as np
import tensorflow as tf

from fer_keras.emotions import class_names, emotion_weights
from fer_keras.images import to_uint8
from fer_keras.layers import LatentNoise
from fer_keras.losses import discriminator_loss, generator_loss
from fer_keras.models.exportable import Exportable
from fer_keras.models.face_model import FaceModel, paper_optimizer
from fer_keras.networks import Discriminator, Generator
from fer_keras.networks.sizes import check_sizes
from fer_keras.replicas import GlobalBatch

_METRICS = (
    "generator_loss",
    "discriminator_loss",
    "real_accuracy",
    "generated_accuracy",
)


@keras.saving.register_keras_serializable(package="fer_keras")
class ConditionalDCGAN(Exportable, FaceModel):
    """Trains G(z|y) and D(x|y); all defaults are the paper's.

    Args:
        image_shape: Height, width and channels. Default (48, 48, 1).
        num_classes: Number of classes. Default 7.
        latent_dim: Length of z. Default 100.
        width: Of both networks, see `Generator`. Default 64.
        depth: Convolutions in each network. Default 4.
        kernel_size: Side of the kernels. Default 5.
        seed: For weights and noise. Default: from Keras' global seed.

    Metrics of `fit` and `evaluate`: `generator_loss`, `discriminator_loss`, and
    D's accuracy on faces from the data (`real_accuracy`) and from G
    (`generated_accuracy`).

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
        self.generator = Generator(latent_dim=latent_dim, name="generator", **shared)
        self.discriminator = Discriminator(name="discriminator", **shared)
        self.noise = LatentNoise(latent_dim, seed, name="noise")
        self.evaluation_noise = LatentNoise(latent_dim, 0, name="evaluation_noise")
        self.built = True

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        generator_steps=1,
        **options,
    ):
        """Configures training.

        Args:
            generator_optimizer: Default Adam(2e-4, beta_1=0.5), the paper's.
            discriminator_optimizer: Likewise.
            generator_steps: Updates of G per update of D, the paper's way to
                balance the two. Default 1.
            **options: `scores`, a `GenerationScores` that `evaluate` adds;
                `run_eagerly`, `steps_per_execution`, `jit_compile`.

        Raises:
            ValueError: `generator_steps` is below 1, both networks got the same
                optimizer, or there is an option that is not listed here.
        """
        check_sizes(generator_steps=generator_steps)
        if isinstance(generator_optimizer, keras.optimizers.Optimizer) and (
            generator_optimizer is discriminator_optimizer
        ):
            raise ValueError(
                "G and D got the same optimizer: expected one for each, since its "
                "moments belong to the weights that it was built for."
            )
        self._compile_training(options)
        self.generator_optimizer = self.scaled_for_float16(
            generator_optimizer or paper_optimizer()
        )
        self.discriminator_optimizer = self.scaled_for_float16(
            discriminator_optimizer or paper_optimizer()
        )
        self.generator_steps = generator_steps
        # Slots are made now: an optimizer without them is skipped on restoring.
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self._compile_arguments = {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "generator_steps": generator_steps,
            **options,
        }
        self._start_tracking(_METRICS)

    def call(self, inputs, training=False):
        """G(z|y) of a pair of latents and labels: float32 images in [-1, 1]."""
        return self.generator(inputs, training=training)

    def train_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        variables = self.generator.trainable_variables
        for step in range(self.generator_steps):
            latents = self.noise.draw(batch)
            with tf.GradientTape() as tape:
                generated = self.generator((latents, labels), training=True)
            if step == 0:
                logs = self._update_discriminator(images, generated, labels, batch)
            loss, image_gradient = self._judge(generated, labels, batch)
            # D's update left G as it was, so that its forward pass still holds:
            # the chain rule continues from the image instead of running G again.
            gradients = tape.gradient(generated, variables, image_gradient)
            self.generator_optimizer.apply(gradients, variables)
        return self._track({"generator_loss": loss, **logs}, batch)

    def _update_discriminator(self, images, generated, labels, batch):
        """One step of D on equation 5; returns its metrics."""
        variables = self.discriminator.trainable_variables
        optimizer = self.discriminator_optimizer
        generated = tf.stop_gradient(generated)
        with tf.GradientTape() as tape:
            real_logits = self.discriminator((images, labels), training=True)
            generated_logits = self.discriminator((generated, labels), training=True)
            loss = batch.mean_share(discriminator_loss(real_logits, generated_logits))
            scaled_loss = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        return self._discriminator_logs(loss, real_logits, generated_logits, batch)

    def _judge(self, generated, labels, batch):
        """Equation 6 and its gradient with respect to the generated images."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(generated)
            logits = self.discriminator((generated, labels), training=True)
            loss = batch.mean_share(generator_loss(logits))
            scaled_loss = self.generator_optimizer.scale_loss(loss)
        return loss, tape.gradient(scaled_loss, generated)

    def test_step(self, data):
        images, labels = self.prepare(data)
        batch = GlobalBatch.around(images)
        latents = self.evaluation_noise.draw(batch)
        generated = self.generator((latents, labels), training=False)
        real_logits = self.discriminator((images, labels), training=False)
        generated_logits = self.discriminator((generated, labels), training=False)
        loss = batch.mean_share(discriminator_loss(real_logits, generated_logits))
        logs = self._discriminator_logs(loss, real_logits, generated_logits, batch)
        logs["generator_loss"] = batch.mean_share(generator_loss(generated_logits))
        scores = self._track_scores(images, generated, labels, batch)
        return {**self._track(logs, batch), **scores}

    def _discriminator_logs(self, loss, real_logits, generated_logits, batch):
        return {
            "discriminator_loss": loss,
            "real_accuracy": batch.mean_share(real_logits > 0.0),
            "generated_accuracy": batch.mean_share(generated_logits < 0.0),
        }

    def predict_step(self, data):
        # A dataset of (latents, labels), or predict((latents, labels)).
        inputs = data[0] if len(data) == 1 else data
        return self(inputs, training=False)

    def predict(self, x, batch_size=None, **options):
        """Computes G(z|y); see `keras.Model.predict`.

        Args:
            x: Pair of latents `(count, latent_dim)` in [-1, 1] and emotions (see
                `emotions.emotion_weights`), or a batched dataset of latents and
                labels as for `fit`.
            batch_size: For arrays.
            **options: The other arguments of `keras.Model.predict`.

        Returns:
            float32 `(count, *image_shape)` in [-1, 1].

        Raises:
            ValueError: A pair has another form, or the emotion is unknown.
        """
        if isinstance(x, (tuple, list)) and len(x) == 2:
            x = self._latents_and_weights(*x)
        elif not isinstance(x, tf.data.Dataset):
            raise ValueError(
                "Expected a pair of latents and emotions, or a dataset of such "
                f"pairs, got {type(x).__name__}."
            )
        return super().predict(x, batch_size=batch_size, **options)

    def generate(self, latents, emotion, seed=None, batch_size=256):
        """Draws faces.

        Args:
            latents: How many, or z itself: `(count, latent_dim)` in [-1, 1].
            emotion: For all or one for each; see `emotions.emotion_weights`.
            seed: For the noise when `latents` is a number. Default: other faces
                each time.
            batch_size: Faces that pass through G at a time.

        Returns:
            uint8 `(count, *image_shape)`.

        Raises:
            ValueError: `latents` has another shape or holds NaN, or the emotion
                is unknown.
        """
        if isinstance(latents, (int, np.integer)):
            shape = (int(latents), self.latent_dim)
            latents = np.random.default_rng(seed).uniform(-1.0, 1.0, shape)
        latents, labels = self._latents_and_weights(latents, emotion)
        faces = [
            to_uint8(
                self(
                    (
                        latents[start : start + batch_size],
                        labels[start : start + batch_size],
                    )
                )
            )
            for start in range(0, len(latents), batch_size)
        ]
        return np.concatenate([np.zeros((0, *self.image_shape), "uint8"), *faces])

    def _latents_and_weights(self, latents, emotion):
        latents = np.asarray(latents, "float32")
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(
                f"Expected a number of faces or latents (count, {self.latent_dim}), "
                f"got shape {latents.shape}."
            )
        if not np.isfinite(latents).all():
            raise ValueError("Latents hold NaN or infinity.")
        names = class_names(self.num_classes)
        return latents, emotion_weights(emotion, len(latents), names)

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "num_classes": self.num_classes,
            "latent_dim": self.latent_dim,
            "width": self.width,
            "depth": self.depth,
            "kernel_size": self.kernel_size,
            "seed": self.seed,
        }
