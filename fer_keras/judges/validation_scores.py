"""Scores that `evaluate` adds to a model's losses: something true to watch.

GAN losses do not rank models. With `compile(scores=...)` a model's `evaluate`, and
with it the validation of `fit`, also computes these, so that `ModelCheckpoint`,
`EarlyStopping` and KerasTuner can watch `val_kernel_distance` and the like. Training
steps never see them. The whole protocol is `fer_keras.evaluation`.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from fer_keras.judges.emotion import EMOTION_JUDGES
from fer_keras.judges.identity import IDENTITY_JUDGE
from fer_keras.judges.judged_scores import JudgedScores
from fer_keras.metrics import kernel_distance
from fer_keras.metrics.reconstruction import EXACT_COPY_DECIBELS
from fer_keras.training.replicas import all_sum, replica_count


@keras.saving.register_keras_serializable(package="fer_keras")
class GenerationScores(JudgedScores):
    """`kernel_distance` and `label_accuracy` of generated faces.

    The kernel distance is unbiased in each batch, between its real faces and as many
    generated ones of the same labels, and averaged over batches; in expectation it
    is that of the whole sets.

    Args:
        judge: The name of an emotion classifier with features, or an `EmotionJudge`.
        folder: Where the named one is. Default: the shipped judges.

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

    def __init__(self, judge: str = "vgg", folder: str | Path | None = None):
        super().__init__((judge,), folder)

    @property
    def names(self) -> tuple[str, ...]:
        return ("kernel_distance", "label_accuracy") if self.judges else ()

    def __call__(self, images, made, labels, batch):
        if not self.judges:
            return {}
        # Without the mirror image, which halves the cost.
        network = self.judges[0].network
        real, generated = (network(x, training=False) for x in (images, made))
        rows = [_of_global_batch(x["features"], batch) for x in (real, generated)]
        distance = tf.cond(
            batch.size > 1, lambda: kernel_distance(*rows), lambda: tf.constant(0.0)
        )
        hits = tf.argmax(generated["logits"], axis=1) == tf.argmax(labels, axis=1)
        return {
            # Every replica knows all rows; their shares sum to the distance.
            "kernel_distance": distance / replica_count(),
            "label_accuracy": batch.mean_share(hits),
        }


@keras.saving.register_keras_serializable(package="fer_keras")
class InversionScores(JudgedScores):
    """SSIM, PSNR and identity distance of G(E(x)|own label) to x.

    Named `structural_similarity`, `peak_signal_to_noise_ratio` and
    `identity_distance`; images are rounded to grey levels first, as they are shown.

    Args:
        judge: "face_recognition", an `IdentityJudge`, or None to leave out the
            identity distance.
        folder: Where the named one is. Default: the shipped judges.
        faces_per_batch: How many faces of each batch it looks at. Default 8.

    Raises:
        ValueError: The judge is missing or differs from its card.

    Example:
        >>> inverter.compile(scores=InversionScores())
        >>> inverter.evaluate(test, return_dict=True)["identity_distance"]

    Reference:
        Wang et al., "Image Quality Assessment" (2004).
    """

    def __init__(
        self,
        judge: str = IDENTITY_JUDGE,
        folder: str | Path | None = None,
        faces_per_batch: int = 8,
    ):
        super().__init__((judge,) if judge else (), folder, faces_per_batch)

    @property
    def names(self) -> tuple[str, ...]:
        names = ("structural_similarity", "peak_signal_to_noise_ratio")
        return (*names, "identity_distance") if self.judges else names

    def __call__(self, images, made, labels, batch):
        images, made = _grey_levels(images), _grey_levels(made)
        errors = tf.reduce_mean(tf.square(images - made), axis=[1, 2, 3])
        least = 255.0**2 / 10 ** (EXACT_COPY_DECIBELS / 10)
        decibels = 10.0 * tf.experimental.numpy.log10(
            255.0**2 / tf.maximum(errors, least)
        )
        similarities = tf.image.ssim(images, made, max_val=255.0)
        shares = {
            "structural_similarity": batch.mean_share(similarities),
            "peak_signal_to_noise_ratio": batch.mean_share(decibels),
        }
        if self.judges:
            shares["identity_distance"] = _identity_distance(
                self.judges[0], images, made, batch, self.faces_per_batch
            )
        return shares


@keras.saving.register_keras_serializable(package="fer_keras")
class TransferScores(JudgedScores):
    """`identity_distance` and `target_hit` of faces changed to another emotion.

    A hit is an edit in which all emotion judges see the target. Each of the first
    faces of a batch is changed to one other emotion. For `JointTransfer`.

    Args:
        judges: Emotion judges, the identity judge last: names or objects.
        folder: Where the named ones are. Default: the shipped judges.
        faces_per_batch: How many faces of each batch they look at. Default 8.

    Raises:
        ValueError: A judge is missing or differs from its card.

    Example:
        >>> joint.compile(scores=TransferScores())
        >>> joint.fit(train, validation_data=validation)  # val_identity_distance
    """

    of_edits = True

    def __init__(
        self,
        judges: Sequence = (*EMOTION_JUDGES, IDENTITY_JUDGE),
        folder: str | Path | None = None,
        faces_per_batch: int = 8,
    ):
        super().__init__(judges, folder, faces_per_batch)

    @property
    def names(self) -> tuple[str, ...]:
        return ("identity_distance", "target_hit") if self.judges else ()

    def __call__(self, images, made, labels, batch):
        if not self.judges:
            return {}
        images, made = _grey_levels(images), _grey_levels(made)
        *emotion, identity = self.judges
        faces, count = _first_rows(made, batch, self.faces_per_batch)
        targets, _ = _first_rows(labels, batch, self.faces_per_batch)
        hits = tf.reduce_all(
            [
                tf.argmax(judge.look(faces)[0], 1) == tf.argmax(targets, 1)
                for judge in emotion
            ],
            axis=0,
        )
        return {
            "identity_distance": _identity_distance(
                identity, images, made, batch, self.faces_per_batch
            ),
            "target_hit": _share_of_first(
                tf.cast(hits, tf.float32), count, batch, self.faces_per_batch
            ),
        }


def _identity_distance(judge, images, made, batch, wanted):
    pair = [_first_rows(faces, batch, wanted) for faces in (images, made)]
    (embeddings,), (others,) = (judge.look(faces) for faces, _ in pair)
    distances = tf.norm(embeddings - others, axis=1)
    return _share_of_first(distances, pair[0][1], batch, wanted)


def _first_rows(rows, batch, wanted):
    """Returns this replica's rows among the first ones of the global batch.

    There is always a row, since some devices cannot convolve none; the count says how
    many are to be counted.
    """
    count = tf.clip_by_value(wanted - batch.start, 0, batch.local_size)
    stand_ins = [[0, tf.maximum(1 - count, 0)], *[[0, 0]] * (rows.shape.rank - 1)]
    return tf.pad(rows[:count], stand_ins), count


def _share_of_first(values, count, batch, wanted):
    total = tf.cast(tf.minimum(wanted, batch.size), tf.float32)
    return tf.reduce_sum(values[:count]) / total


def _grey_levels(images: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.round((images + 1.0) * 127.5), 0.0, 255.0)


def _of_global_batch(rows: tf.Tensor, batch) -> tf.Tensor:
    """Returns the rows of all replicas, to each replica."""
    if replica_count() == 1:
        return rows
    after = batch.size - batch.start - batch.local_size
    return all_sum(tf.pad(rows, [[batch.start, after], [0, 0]]))
