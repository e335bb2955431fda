"""A small world: faces whose upper half is the person, the lower half the emotion."""

import types

import numpy as np
import pytest

from fer_keras.evaluation import Candidate, Evaluator, JudgePanel
from fer_keras.judges.shipped import Judgement

SHAPE = (22, 14, 1)
_PERSON_ROWS = 12


def striped_faces(count, seed=0):
    """Faces of other persons each, labels in turn: seven stripes, one of them light."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 7
    return with_emotion(random.uniform(20, 235, (count, *SHAPE)), labels), labels


def with_emotion(images, labels):
    """The same persons with other stripes: what a perfect transfer gives."""
    faces = np.array(images, "float64")
    light = np.arange(SHAPE[1]) // 2 == np.asarray(labels)[:, None]
    faces[:, _PERSON_ROWS:] = np.where(light, 220, 60)[:, None, :, None]
    return np.rint(faces).astype("uint8")


class StripeJudge:
    """Sees the lightest stripe; its features are the stripes' mean levels.

    Args:
        sha256: Of its file.
        confused: Pairs of an emotion and the one that it takes it for.
    """

    image_shape = SHAPE
    network = types.SimpleNamespace(num_classes=7)

    def __init__(self, sha256="0" * 64, confused=()):
        self.sha256 = sha256
        self.confused = confused
        self.seen = 0

    def predict(self, images):
        self.seen += len(images)
        stripes = images[:, _PERSON_ROWS:].mean(axis=(1, 3))
        features = stripes.reshape(len(images), 7, 2).mean(axis=-1) / 64
        odds = np.exp(4 * features)
        for shown, taken_for in self.confused:
            odds[:, taken_for] += 2 * odds[:, shown]
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        return Judgement(probabilities.astype("float32"), features.astype("float32"))


class PersonJudge:
    """Its features are the upper half, in squares of four pixels."""

    image_shape = SHAPE

    def __init__(self, sha256="1" * 64):
        self.sha256 = sha256
        self.seen = 0

    def predict(self, images):
        self.seen += len(images)
        squares = images[:, :_PERSON_ROWS].reshape(len(images), 6, 2, 7, 2)
        rows = squares.mean(axis=(2, 4)).reshape(len(images), -1) - 127.5
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / norms).astype("float32")


class PerfectTransfer(Candidate):
    """Changes the stripes and nothing else; generates persons of the generator."""

    def __init__(self, name="perfect", latent_dim=3):
        super().__init__(name, "model")
        self.latent_dim = latent_dim

    def generate(self, labels, random):
        return with_emotion(random.uniform(20, 235, (len(labels), *SHAPE)), labels)

    def edit(self, images, labels):
        return np.stack(
            [with_emotion(images, np.full(len(images), e)) for e in range(7)], axis=1
        )


@pytest.fixture
def panel():
    return JudgePanel({"first": StripeJudge(), "second": StripeJudge()}, PersonJudge())


@pytest.fixture
def splits():
    return {
        "test": striped_faces(70, seed=102),
        "train": striped_faces(140, seed=100),
        "validation": striped_faces(70, seed=101),
    }


@pytest.fixture
def evaluator(panel, splits):
    return Evaluator(
        panel,
        splits["test"],
        splits["train"],
        splits["validation"],
        faces_per_class=10,
        resamples=50,
    )
