"""From two splits to a trained judge in a folder: what `fer-keras train` calls."""

import json
from functools import partial
from pathlib import Path

import keras
import numpy as np

from fer_keras.data.batches import make_batches
from fer_keras.models.classifier_training import ClassifierTraining
from fer_keras.models.identity_training import IdentityTraining
from fer_keras.models.training_recipe import one_cycle_adamw
from fer_keras.networks.emotion_classifier import EmotionClassifier
from fer_keras.networks.identity_encoder import IdentityEncoder


class KeepBest(keras.callbacks.Callback):
    """Saves the averaged network of the epoch that is best on `validation`.

    Args:
        path: Of the `.keras` file, float32 whatever the training's precision. The
            score stands beside it in `best_epoch.json`, so that a resumed training
            does not replace a better network.
        monitor: Name of the value, the larger the better.
        resumed: Whether earlier epochs of the same training wrote this file.
    """

    def __init__(self, path, monitor, resumed=False):
        super().__init__()
        self.path = Path(path)
        self.note = self.path.with_name("best_epoch.json")
        self.monitor = monitor
        known = resumed and self.note.is_file()
        self.best = json.loads(self.note.read_text()) if known else None

    def on_epoch_end(self, epoch, logs=None):
        score = float(logs[self.monitor])
        if self.best is not None and score <= self.best[self.monitor]:
            return
        self.best = {"epoch": epoch + 1, self.monitor: score}
        in_float32(self.model.average.network).save(self.path)
        self.note.write_text(json.dumps(self.best) + "\n")


def in_float32(network: keras.Model) -> keras.Model:
    """Returns a copy of a network that computes in float32."""
    config = {**network.get_config(), "dtype": "float32"}
    copy = type(network).from_config(config)
    copy.set_weights(network.get_weights())
    return copy


def train_classifier(
    train,
    validation,
    out,
    architecture="vgg",
    epochs=26,
    seed=0,
    batch_size=128,
    learning_rate=2e-3,
    weight_decay=0.05,
    dtype="mixed_bfloat16",
    verbose=2,
) -> Path:
    """Trains an `EmotionClassifier`; stopped and called again, it goes on.

    Args:
        train: Images uint8 `(examples, height, width, channels)`, 0 to 255, and
            integer labels `(examples,)`.
        validation: As `train`; chooses the epoch that is kept.
        out: Folder for `ARCHITECTURE.keras`, `best_epoch.json` (its epoch and
            accuracy on `validation`) and `history.csv`.
        architecture: "vgg" or "residual".
        epochs: Number of epochs; the learning rate falls to 0 over all of them.
        seed: Of weights, order, dropout and augmentation.
        batch_size: Images of a step.
        learning_rate: The largest of the cycle.
        weight_decay: Decoupled, of kernels only.
        dtype: Precision of the training. bfloat16 is twice as fast on recent CPUs;
            weights and the shipped network are float32 in any case.
        verbose: As of `keras.Model.fit`.

    Returns:
        The path of `ARCHITECTURE.keras`.

    Raises:
        ValueError: Unknown architecture or malformed data.

    Example:
        >>> from fer_keras.data import read_fer2013
        >>> splits = [read_fer2013("data", s) for s in ("train", "validation")]
        >>> train_classifier(*splits, out="runs/vgg", architecture="vgg")
    """
    images, labels = train
    classifier = EmotionClassifier(
        image_shape=images.shape[1:],
        num_classes=max(7, int(labels.max()) + 1),
        architecture=architecture,
        seed=seed,
        dtype=dtype,
        name="classifier",
    )
    training = ClassifierTraining(classifier, seed=seed)
    training.compile(
        one_cycle_adamw(len(images), batch_size, epochs, learning_rate, weight_decay)
    )
    return fit_and_keep_best(
        training,
        partial(make_batches, images, labels, batch_size, seed=seed),
        make_batches(*validation, batch_size=512, shuffle=False),
        epochs,
        Path(out) / f"{architecture}.keras",
        "val_accuracy",
        verbose,
    )


def train_identity_encoder(
    train,
    validation,
    out,
    epochs=6,
    seed=0,
    batch_size=256,
    learning_rate=2e-3,
    weight_decay=0.05,
    dtype="mixed_bfloat16",
    verbose=2,
) -> Path:
    """Trains an `IdentityEncoder` without labels; called again, it goes on.

    Args:
        train: Images uint8 `(examples, height, width, channels)`, 0 to 255.
        validation: As `train`; chooses the epoch that is kept.
        out: Folder for `identity.keras`, `best_epoch.json` (its epoch, rank-1 on
            `validation`) and `history.csv`.
        epochs: Number of epochs; the learning rate falls to 0 over all of them.
        seed: Of weights, order and augmentation.
        batch_size: Faces of a step, two pictures of each.
        learning_rate: The largest of the cycle.
        weight_decay: Decoupled, of kernels only.
        dtype: Precision of the training; the network kept is float32.
        verbose: As of `keras.Model.fit`.

    Returns:
        The path of `identity.keras`.
    """
    encoder = IdentityEncoder(
        image_shape=train.shape[1:], seed=seed, dtype=dtype, name="encoder"
    )
    training = IdentityTraining(encoder, seed=seed)
    training.compile(
        one_cycle_adamw(len(train), batch_size, epochs, learning_rate, weight_decay)
    )
    # The pipeline carries labels; these are the rows' numbers and stay unused.
    return fit_and_keep_best(
        training,
        partial(make_batches, train, np.arange(len(train)), batch_size, seed=seed),
        make_batches(validation, np.arange(len(validation)), 512, shuffle=False),
        epochs,
        Path(out) / "identity.keras",
        "val_rank_1",
        verbose,
    )


def fit_and_keep_best(training, train, validation, epochs, path, monitor, verbose):
    """Trains for all epochs, resuming where it was stopped; returns `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    backup = path.parent / "backup"
    resumed = backup.is_dir()
    history = path.parent / "history.csv"
    callbacks = [
        KeepBest(path, monitor, resumed),
        keras.callbacks.CSVLogger(history, append=resumed),
        keras.callbacks.BackupAndRestore(backup),
    ]
    # One line is the heading; the order of the next epoch follows from its number.
    done = len(history.read_text().splitlines()) - 1 if resumed else 0
    training.fit(
        train(start_epoch=done),
        validation_data=validation,
        epochs=epochs,
        callbacks=callbacks,
        verbose=verbose,
        shuffle=False,
    )
    return path
