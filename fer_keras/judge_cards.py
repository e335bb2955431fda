"""What is written down of a trained judge: data, recipe, command, scores, hash."""

import hashlib
import json
import platform
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fer_keras.emotions import class_names
from fer_keras.files import sha256_of
from fer_keras.images import to_float
from fer_keras.judges.shipped import IdentityJudge, Judge
from fer_keras.layers.face_augmentation import FaceAugmentation
from fer_keras.metrics import (
    accuracy,
    class_hit_rates,
    confusion_matrix,
    linear_probe,
    retrieval_ranks,
)
from fer_keras.networks.emotion_classifier import EmotionClassifier

# Scores of retrieval can be compared only for the same altered faces.
_ALTERATION_SEED = 20130


def data_digest(images: np.ndarray, labels: np.ndarray) -> str:
    """Returns the SHA-256 of a split's values, whatever file they came from."""
    digest = hashlib.sha256(np.ascontiguousarray(images, "uint8").tobytes())
    digest.update(np.ascontiguousarray(labels, "<i8").tobytes())
    return digest.hexdigest()


def classifier_scores(judge: Judge, images, labels) -> dict:
    """Returns accuracy, recall of each emotion and the matrix of a split."""
    classes = judge.network.num_classes
    predicted = judge.predict(images).labels
    recall = class_hit_rates(labels, predicted, classes)
    return {
        "images": len(labels),
        "accuracy": round(accuracy(labels, predicted, classes), 4),
        "accuracy_without_mirror_image": round(
            accuracy(labels, _without_mirror(judge, images), classes), 4
        ),
        "recall": {
            name: None if np.isnan(value) else round(float(value), 4)
            for name, value in zip(class_names(classes), recall, strict=True)
        },
        "confusion_matrix": confusion_matrix(labels, predicted, classes).tolist(),
    }


def _without_mirror(judge, images):
    parts = [
        judge.network(to_float(images[start : start + 256])).numpy().argmax(axis=1)
        for start in range(0, len(images), 256)
    ]
    return np.concatenate(parts)


def identity_scores(judge: IdentityJudge, train, split) -> dict:
    """Returns how well altered faces are found, and how much emotion is told.

    Args:
        judge: The encoder.
        train: Images uint8 and labels that the linear probe of the emotion learns.
        split: Images uint8, the gallery, and labels that the probe is tested on.
    """
    images, labels = split
    gallery = judge.predict(images)
    altered = altered_faces(images)
    ranks = retrieval_ranks(judge.predict(altered), gallery, np.arange(len(images)))
    probe = linear_probe(judge.predict(train[0]), train[1], gallery, labels)
    return {
        "images": len(images),
        "rank_1_of_altered_faces": round(float((ranks <= 1).mean()), 4),
        "rank_10_of_altered_faces": round(float((ranks <= 10).mean()), 4),
        "emotion_linear_probe_accuracy": round(float(probe), 4),
        "commonest_emotion_share": round(
            float(np.bincount(labels).max() / len(labels)), 4
        ),
    }


def altered_faces(images: np.ndarray) -> np.ndarray:
    """Returns faces flipped, turned, shifted, relit, blurred and partly covered.

    Args:
        images: uint8 `(count, height, width, channels)`.

    Returns:
        float32 of the same shape in [-1, 1], the same each time.
    """
    alter = FaceAugmentation(cutout=0.6, blur=1.0, seed=0)
    return alter(tf.constant(to_float(images)), seed=_ALTERATION_SEED).numpy()


def report(path: str | Path, splits: dict, command: str, recipe: dict) -> Path:
    """Scores a trained judge on `validation` and `test`, and writes its card.

    Args:
        path: The `.keras` file; the card `NAME.json` is written beside it.
        splits: Images uint8 and labels of "train", "validation" and "test".
        command: That trained it.
        recipe: The arguments of the training.

    Returns:
        The card's path.
    """
    path = Path(path)
    network = keras.saving.load_model(path, compile=False)
    of_classifier = isinstance(network, EmotionClassifier)
    scores = {
        split: classifier_scores(Judge(network), *splits[split])
        if of_classifier
        else identity_scores(IdentityJudge(network), splits["train"], splits[split])
        for split in ("validation", "test")
    }
    chosen = path.with_name("best_epoch.json")
    card = {
        "name": path.stem,
        "network": type(network).__name__,
        "weights": int(network.count_params()),
        "sha256": sha256_of(path),
        "command": command,
        "recipe": recipe,
        "chosen_epoch": json.loads(chosen.read_text()) if chosen.is_file() else None,
        "data_sha256": {name: data_digest(*split) for name, split in splits.items()},
        "scores": scores,
        "made_with": {
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "python": platform.python_version(),
        },
        "made_on": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    note = path.with_suffix(".json")
    note.write_text(json.dumps(card, indent=1) + "\n")
    return note
