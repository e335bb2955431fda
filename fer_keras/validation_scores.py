"""Scores that `evaluate` adds to a model's losses: something true to watch.

GAN losses do not rank models. With `compile(scores=...)` a model's `evaluate`, and
with it the validation of `fit`, also computes these, so that `ModelCheckpoint`,
`EarlyStopping` and KerasTuner can watch `val_kernel_distance` and the like. The
full protocol, with intervals and controls, is `fer_keras.evaluation`.
"""

import warnings

import keras
import tensorflow as tf

from fer_keras.judges.shipped import load_judge
from fer_keras.training.replicas import all_sum, replica_count

# The least mean squared error counted, in grey levels: 100 dB.
_LEAST_ERROR = 255.0**2 / 1e10


class JudgedScores:
    """Base: scores of a batch by a fixed judge, over all replicas.

    It is no layer: the judge's weights are not the model's, and are not saved with
    it. A saved model names its judge and the SHA-256 of the judge's file; where
    that is not there on loading, the scores that need it are left out, with a
    warning.

    Args:
        judge: The name of a classifier, or a `fer_keras.judges.Judge`.
        folder: Where that classifier is. Default: the shipped judges.
    """

    def __init__(self, judge="vgg", folder=None):
        self.folder = None if folder is None else str(folder)
        self.judge = load_judge(judge, folder) if isinstance(judge, str) else judge

    @property
    def names(self) -> tuple[str, ...]:
        """The scores' names."""
        raise NotImplementedError

    def __call__(self, images, made, labels, batch) -> dict[str, tf.Tensor]:
        """Returns this replica's shares of the scores' means over a global batch.

        Args:
            images: float32 `(local_size, height, width, channels)` in [-1, 1].
            made: What the model made for these, the same shape.
            labels: float32 `(local_size, num_classes)`.
            batch: The `GlobalBatch` around them.
        """
        raise NotImplementedError

    def get_config(self):
        card = self.judge.card if self.judge else {}
        return {
            "judge": card.get("name"),
            "folder": self.folder,
            "sha256": card.get("sha256"),
        }

    @classmethod
    def from_config(cls, config):
        name, sha256 = config["judge"], config["sha256"]
        judge, reason = None, "it was never saved"
        if name and sha256:
            try:
                judge = load_judge(name, config["folder"])
            except ValueError as error:
                reason = str(error)
        if judge and judge.sha256 != sha256:
            judge, reason = None, "another judge of this name is there"
        if judge is None and sha256:
            warnings.warn(
                f"This model was scored by the judge {name!r} ({sha256}): {reason}. "
                "Compile it with other scores to go on being scored.",
                stacklevel=2,
            )
        return cls(judge, config["folder"])


@keras.saving.register_keras_serializable(package="fer_keras")
class GenerationScores(JudgedScores):
    """`kernel_distance` and `label_accuracy` of generated faces.

    The kernel distance is unbiased in each batch, between its real faces and as many
    generated ones of the same labels, and averaged over batches; in expectation it
    is that of the whole sets, and falls a little below 0 for faces as good as real.
    Both use the judge's view of the face without its mirror image, which halves the
    cost.

    Args:
        judge: The name of a classifier, or a `fer_keras.judges.Judge`.
        folder: Where that classifier is. Default: the shipped judges.

    Raises:
        ValueError: The judge is missing or differs from its card.

    Example:
        >>> gan.compile(scores=GenerationScores())
        >>> gan.fit(train, validation_data=validation, callbacks=[
        ...     keras.callbacks.ModelCheckpoint(
        ...         "best.keras", monitor="val_kernel_distance", mode="min",
        ...         save_best_only=True)])

    Reference:
        Bińkowski et al., "Demystifying MMD GANs" (2018), section 4; Zaremba et al.,
        "B-tests: Low Variance Kernel Two-Sample Tests" (2013): the mean over blocks.
    """

    @property
    def names(self):
        return ("kernel_distance", "label_accuracy") if self.judge else ()

    def __call__(self, images, made, labels, batch):
        if not self.judge:
            return {}
        network = self.judge.network
        real, generated = network.features(images), network.features(made)
        seen = tf.argmax(network.decide(generated), axis=1)
        distance = _kernel_distance(
            _of_global_batch(real, batch), _of_global_batch(generated, batch)
        )
        return {
            # Every replica knows all rows; their shares sum to the distance.
            "kernel_distance": distance / replica_count(),
            "label_accuracy": batch.mean_share(seen == tf.argmax(labels, axis=1)),
        }


@keras.saving.register_keras_serializable(package="fer_keras")
class InversionScores(JudgedScores):
    """SSIM, PSNR and the feature cosine of G(E(x)|own label) against x.

    Named `structural_similarity`, `peak_signal_to_noise_ratio` and
    `feature_cosine`; images are rounded to grey levels first, as they are shown.

    Args:
        judge: The name of a classifier, a `fer_keras.judges.Judge`, or None to
            leave out the feature cosine.
        folder: Where that classifier is. Default: the shipped judges.

    Raises:
        ValueError: The judge is missing or differs from its card.

    Example:
        >>> inverter.compile(scores=InversionScores())
        >>> inverter.evaluate(test)["structural_similarity"]

    Reference:
        Wang et al., "Image Quality Assessment" (2004).
    """

    @property
    def names(self):
        names = ("structural_similarity", "peak_signal_to_noise_ratio")
        return (*names, "feature_cosine") if self.judge else names

    def __call__(self, images, made, labels, batch):
        images, made = _grey_levels(images), _grey_levels(made)
        errors = tf.reduce_mean(tf.square(images - made), axis=[1, 2, 3])
        decibels = 10.0 * tf.experimental.numpy.log10(
            255.0**2 / tf.maximum(errors, _LEAST_ERROR)
        )
        similarities = tf.image.ssim(images, made, max_val=255.0)
        shares = {
            "structural_similarity": batch.mean_share(similarities),
            "peak_signal_to_noise_ratio": batch.mean_share(decibels),
        }
        if self.judge:
            features = [
                tf.math.l2_normalize(
                    self.judge.network.features(faces / 127.5 - 1.0), axis=1
                )
                for faces in (images, made)
            ]
            cosines = tf.reduce_sum(features[0] * features[1], axis=1)
            shares["feature_cosine"] = batch.mean_share(cosines)
        return shares


def _grey_levels(images: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.round((images + 1.0) * 127.5), 0.0, 255.0)


def _of_global_batch(rows: tf.Tensor, batch) -> tf.Tensor:
    """Returns the rows of all replicas, to each replica."""
    if replica_count() == 1:
        return rows
    after = batch.size - batch.start - batch.local_size
    return all_sum(tf.pad(rows, [[batch.start, after], [0, 0]]))


def _kernel_distance(real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """The unbiased estimate; 0 for a batch of one, which has no pair."""
    count = tf.cast(tf.shape(real)[0], tf.float32)

    def kernel(rows_a, rows_b):
        products = tf.matmul(rows_a, rows_b, transpose_b=True)
        return tf.pow(products / rows_a.shape[1] + 1.0, 3)

    def within(rows):
        kernels = kernel(rows, rows)
        return tf.reduce_sum(kernels) - tf.linalg.trace(kernels)

    pairs = count * (count - 1.0)
    mean_within = tf.math.divide_no_nan(within(real) + within(generated), pairs)
    distance = mean_within - 2.0 * tf.reduce_mean(kernel(real, generated))
    return tf.where(count > 1.0, distance, 0.0)
