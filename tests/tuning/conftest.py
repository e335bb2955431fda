"""Small models for searches, and a search whose scores are a formula."""

import json

import keras
import numpy as np
import pytest

from fer_keras.files import sha256_of
from fer_keras.judges import GenerationScores, emotion_classifier
from fer_keras.tuning import GanHyperModel

SIZES = {"image_shape": (16, 16, 1), "latent_dim": 4, "width": 4, "depth": 2}


@pytest.fixture(scope="session")
def judges(tmp_path_factory):
    """A folder with a judge of small images that never was trained."""
    folder = tmp_path_factory.mktemp("judges")
    network = emotion_classifier((16, 16, 1), feature_dim=12, seed=0)
    network.save(folder / "small.keras")
    card = {"name": "small", "file": "small.keras"}
    card["sha256"] = sha256_of(folder / "small.keras")
    (folder / "small.json").write_text(json.dumps(card))
    return folder


@pytest.fixture(scope="session")
def scores(judges):
    return GenerationScores("small", judges)


@pytest.fixture(scope="session")
def faces():
    random = np.random.default_rng(0)
    images = random.integers(256, size=(22, 16, 16, 1), dtype="uint8")
    return images, random.integers(7, size=22)


class NamedScores:
    """Scores that have names alone: models are made with them, never scored."""

    names = ("kernel_distance", "label_accuracy")


def formula(values):
    """Smallest at 4e-4 and 0.3, and nowhere the same."""
    rate = np.log10(values["learning_rate"] / 4e-4)
    return float(rate**2 + (values["beta_1"] - 0.3) ** 2)


class Untrained(keras.Model):
    """Made and compiled like a GAN, in no time."""

    def __init__(self, seed, **options):
        super().__init__()
        self.seed = seed

    def compile(self, **options):
        pass


class FormulaHyperModel(GanHyperModel):
    """Trials that are not trained: their score follows from what was searched.

    Args:
        space: As of `GanHyperModel`.
        score: From a trial's values to its score; may raise.
        **fixed: As of `GanHyperModel`.
    """

    def __init__(self, space=None, score=formula, **fixed):
        super().__init__(space, scores=NamedScores(), **SIZES, **fixed)
        self.score = score
        self.trained = []

    def _construct(self, **options):
        return Untrained(**options)

    def fit(self, hp, model, *arguments, **options):
        self.trained.append((dict(hp.values), model.seed))
        self.execution += 1
        return {"val_kernel_distance": self.score(hp.values)}


@pytest.fixture
def formula_model():
    return FormulaHyperModel
