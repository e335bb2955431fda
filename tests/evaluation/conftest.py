"""A small world: faces whose upper half is the person, the lower half the emotion."""

import numpy as np
import pytest

from fer_keras.evaluation import Candidate, Evaluator, JudgeSet
from fer_keras.judges import Judgement

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
        blind_to: An emotion that it takes for the next one.
    """

    num_classes = 7

    def __init__(self, sha256="0" * 64, blind_to=None):
        self.sha256 = sha256
        self.blind_to = blind_to
        self.seen = 0

    def predict(self, images):
        self.seen += len(images)
        stripes = images[:, _PERSON_ROWS:].mean(axis=(1, 3))
        features = stripes.reshape(len(images), 7, 2).mean(axis=-1) / 64
        odds = np.exp(4 * features)
        if self.blind_to is not None:
            odds[:, self.blind_to + 1] += odds[:, self.blind_to]
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        return Judgement(probabilities.astype("float32"), features.astype("float32"))


class PersonJudge:
    """Its embeddings are the upper half, in squares of four pixels."""

    def __init__(self, sha256="1" * 64):
        self.sha256 = sha256
        self.seen = 0

    def embed(self, images):
        self.seen += len(images)
        squares = images[:, :_PERSON_ROWS].reshape(len(images), 6, 2, 7, 2)
        return squares.mean(axis=(2, 4)).reshape(len(images), -1) / 255


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


class OtherPerson(PerfectTransfer):
    """Gives everybody the first training person, with the emotion asked for."""

    def __init__(self):
        super().__init__("other person")

    def edit(self, images, labels):
        return super().edit(np.repeat(striped_faces(1, 5)[0], len(images), 0), labels)


@pytest.fixture
def judges():
    return JudgeSet({"first": StripeJudge(), "second": StripeJudge()}, PersonJudge())


@pytest.fixture(scope="session")
def splits():
    return {"test": striped_faces(70, seed=102), "train": striped_faces(140, seed=100)}


@pytest.fixture
def evaluator(judges, splits):
    return Evaluator(
        judges,
        splits["test"],
        splits["train"],
        sources=35,
        faces_per_class=10,
        resamples=50,
    )
