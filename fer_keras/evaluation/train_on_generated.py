"""Train on generated faces, test on real ones: what the generator can teach."""

import keras
import numpy as np

from fer_keras.evaluation.candidate import Candidate
from fer_keras.evaluation.generated_faces import (
    FACES_PER_CLASS,
    generated_batches,
)
from fer_keras.evaluation.real_faces import RealFaces, batches
from fer_keras.evaluation.resampling import RESAMPLES, Scores, resample
from fer_keras.images import to_float
from fer_keras.networks.emotion_classifier import EmotionClassifier


def score_train_on_generated(
    candidate: Candidate,
    real: RealFaces,
    faces_per_class: int = FACES_PER_CLASS,
    epochs: int = 15,
    batch_size: int = 64,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scores:
    """Returns the accuracy on real faces of a classifier that saw only generated ones.

    The classifier is a new `EmotionClassifier` ("vgg") without augmentation, the
    same for every candidate; the unchanged face, whose "generated" faces are
    training faces, shows what as many real faces teach. Takes minutes.

    Args:
        candidate: What makes the training faces.
        real: The faces to test on.
        faces_per_class: How many faces of each emotion it learns from.
        epochs: Passes through these.
        batch_size: Faces of a step.
        seed: Of noise, weights and order.
        resamples: Number of bootstrap draws over the real faces.

    Reference:
        Ravuri, Vinyals, "Classification Accuracy Score for Conditional Generative
        Models" (2019).
    """
    drawn = list(generated_batches(candidate, real.num_classes, faces_per_class, seed))
    images = np.concatenate([faces for faces, _ in drawn])
    labels = np.concatenate([asked for _, asked in drawn])
    classifier = EmotionClassifier(
        real.images.shape[1:], real.num_classes, architecture="vgg", seed=seed
    )
    classifier.compile(
        keras.optimizers.AdamW(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        rows = order.permutation(len(images))
        for chosen in batches(len(rows), batch_size):
            classifier.train_on_batch(
                to_float(images[rows[chosen]]), labels[rows[chosen]]
            )
    hits = np.concatenate(
        [
            np.argmax(classifier(to_float(real.images[rows])), axis=1)
            == real.labels[rows]
            for rows in batches(len(real))
        ]
    )
    return resample(
        ("test_on_real_accuracy",),
        lambda rows: (hits[rows].mean(),),
        len(hits),
        resamples,
    )
