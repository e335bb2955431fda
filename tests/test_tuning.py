"""Hypermodels: what a trial is made of. The searching is KerasTuner's own."""

import keras
import keras_tuner
import numpy as np
import pytest

from fer_keras.config import RECIPES, TrainingOptions
from fer_keras.models.from_options import fresh_networks
from fer_keras.tuning import (
    EncoderHyperModel,
    GanHyperModel,
    JointHyperModel,
    PhaseHyperModel,
    objective_of,
)

TINY = {"width": 2, "latent_dim": 4, "kernel_size": 4, "batch_size": 7}


class Scores:
    """Names of scores alone: models are made with them, never scored."""

    of_edits = False
    names = ("kernel_distance", "label_accuracy")


class Formula(PhaseHyperModel):
    """Trials that are not trained: their score follows from what is searched."""

    phase = "gan"

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.trained = []

    def make(self, options):
        model = keras.Sequential([keras.layers.Dense(1)])
        model.build((1, 1))
        model.options = options
        self.trained.append(options)
        return model

    def fit(self, hp, model, *arguments, **settings):
        model.fit = lambda *arguments, **settings: None
        super().fit(hp, model)
        rate = np.log10(hp.values["learning_rate"] / 4e-4)
        score = float(rate**2 + (hp.values["beta_1"] - 0.3) ** 2)
        return {"val_kernel_distance": score}


def search(folder, trials, hypermodel):
    tuner = keras_tuner.RandomSearch(
        hypermodel,
        objective=objective_of("gan"),
        max_trials=trials,
        executions_per_trial=2,
        seed=1,
        directory=str(folder),
        project_name="trials",
    )
    hypermodel.trained.clear()
    tuner.search(verbose=0)
    return tuner


def test_a_search_repeats_with_other_seeds_and_goes_on(tmp_path):
    hypermodel = Formula(TrainingOptions(seed=7))
    tuner = search(tmp_path, 2, hypermodel)
    assert [options.seed for options in hypermodel.trained] == [7, 8, 7, 8]
    rates = [options.learning_rate for options in hypermodel.trained]
    assert rates[0] == rates[1] != rates[2] == rates[3]
    again = Formula(TrainingOptions(seed=7))
    tuner = search(tmp_path, 3, again)
    assert [options.seed for options in again.trained] == [7, 8]
    tried = hypermodel.trained + again.trained
    best = min(
        tried,
        key=lambda o: np.log10(o.learning_rate / 4e-4) ** 2 + (o.beta_1 - 0.3) ** 2,
    )
    found = again.options_of(tuner.get_best_hyperparameters()[0].values)
    assert (found.learning_rate, found.beta_1) == (best.learning_rate, best.beta_1)


def test_every_phase_is_made_with_its_trials_values():
    options = TrainingOptions(**TINY, joint_vector_dim=4, joint_map_channels=1)
    hp = keras_tuner.HyperParameters()
    gan = GanHyperModel(options, scores=Scores()).build(hp)
    # Where nothing was drawn, what training would have.
    assert hp.values == {"learning_rate": 2e-4, "beta_1": 0.5}
    space = {"learning_rate": (1e-3, 1e-2, "log"), "objective": ["image", "both"]}
    hp = keras_tuner.HyperParameters()
    hypermodel = EncoderHyperModel(gan.generator, options, space, Scores())
    hypermodel.build(hp)
    assert hp.values["learning_rate"] == 1e-3
    hp.values = {"learning_rate": 5e-3, "objective": "both"}
    inverter = hypermodel.build(hp)
    assert float(inverter.optimizer.learning_rate) == pytest.approx(5e-3)
    assert inverter.objective == "both"
    assert hypermodel.options_of(hp.values).encoder_objective == "both"

    networks = fresh_networks(options)
    hypermodel = JointHyperModel(lambda _: networks, None, 10, options, scores=Scores())
    joint = hypermodel.build(keras_tuner.HyperParameters())
    # Trials train copies: the next begins with the same weights.
    assert joint.encoder is not networks["encoder"]
    pairs = zip(joint.encoder.weights, networks["encoder"].weights, strict=True)
    for mine, theirs in pairs:
        np.testing.assert_array_equal(mine, theirs)


def test_a_trial_whose_numbers_go_bad_has_failed():
    hypermodel = GanHyperModel(
        TrainingOptions(**TINY, learning_rate=1e38), {}, Scores()
    )
    hp = keras_tuner.HyperParameters()
    images = np.zeros((14, 48, 48, 1), "uint8")
    with pytest.raises(keras_tuner.errors.FailedTrialError):
        hypermodel.fit(
            hp, hypermodel.build(hp), images, np.arange(14) % 7, epochs=3, verbose=0
        )


def test_objectives_are_scores_and_know_their_direction():
    assert objective_of("gan") == keras_tuner.Objective("val_kernel_distance", "min")
    assert objective_of("gan", "val_label_accuracy").direction == "max"
    both = objective_of("joint")
    assert [each.direction for each in both] == ["min", "max"]
    with pytest.raises(ValueError, match="does not rank models.*val_kernel_distance"):
        objective_of("gan", "val_generator_loss")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"depht": [1, 2]}, "no option 'depht'"),
        ({"width": (4, 2)}, "range of width"),
        ({"width": 4}, "range of width"),
        ({"beta_1": (0.0, 1.5, "cubic")}, "range of beta_1"),
        ({"precision": ["half"]}, "precision must be one of"),
    ],
)
def test_a_space_that_does_not_fit_is_refused(space, message):
    with pytest.raises(ValueError, match=message):
        GanHyperModel(RECIPES["paper"], space)
