"""What a search draws, and that it reaches the models."""

import keras
import keras_tuner
import numpy as np
import pytest

from fer_keras import ConditionalDCGAN, InversionScores
from fer_keras.networks import Generator
from fer_keras.tuning import GanHyperModel, InverterHyperModel, checked_objective

from .conftest import SIZES, NamedScores


def _gan(space=None, **options):
    return GanHyperModel(space, scores=NamedScores(), **SIZES, **options)


def _declared(hypermodel):
    """A trial's hyperparameters with their defaults, and by name."""
    hp = keras_tuner.HyperParameters()
    hypermodel.options(hp)
    return hp, {hyperparameter.name: hyperparameter for hyperparameter in hp.space}


def _numbers(optimizer):
    return pytest.approx(float(optimizer.learning_rate)), optimizer.beta_1


def test_the_learning_rate_is_drawn_by_logarithm_and_beta_1_evenly():
    _, space = _declared(_gan())
    assert set(space) == {"learning_rate", "beta_1"}
    draws = {
        name: np.array([hp.random_sample(seed) for seed in range(2000)])
        for name, hp in space.items()
    }
    rates, decays = draws["learning_rate"], draws["beta_1"]
    assert 2e-5 <= rates.min() < 2.1e-5 and 1.9e-3 < rates.max() <= 2e-3
    # A tenth of the logarithms' range is a tenth of the draws.
    shares = np.histogram(np.log(rates), 10, np.log([2e-5, 2e-3]))[0] / 2000
    np.testing.assert_allclose(shares, 0.1, atol=0.03)
    assert decays.min() >= 0 and decays.max() <= 0.9
    shares = np.histogram(decays, 10, (0, 0.9))[0] / 2000
    np.testing.assert_allclose(shares, 0.1, atol=0.03)


def test_the_defaults_are_the_papers():
    hp, _ = _declared(_gan())
    assert hp.values == {"learning_rate": 2e-4, "beta_1": 0.5}


def test_what_is_drawn_reaches_both_optimizers():
    hypermodel = _gan()
    hp, _ = _declared(hypermodel)
    hp.values.update(learning_rate=3e-4, beta_1=0.25)
    gan = hypermodel.build(hp)
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        assert _numbers(optimizer) == (3e-4, 0.25)
    assert gan.width == SIZES["width"]


def test_a_gaussian_process_numbers_become_pythons():
    hypermodel = _gan()
    hp, _ = _declared(hypermodel)
    # TensorFlow would not multiply these by float32.
    hp.values.update(learning_rate=np.float64(3e-4), beta_1=np.float64(0.25))
    options = hypermodel.options(hp)
    assert {type(options[name]) for name in hp.values} == {float}


def test_separate_rates_reach_their_own_optimizer():
    hypermodel = _gan({"beta_1": (0.25, 0.75)}, separate=True, beta_2=0.9)
    hp, space = _declared(hypermodel)
    assert len(space) == 4
    assert space["generator_beta_1"].max_value == 0.75
    hp.values.update(generator_learning_rate=1e-3, discriminator_beta_1=0.25)
    gan = hypermodel.build(hp)
    assert _numbers(gan.generator_optimizer) == (1e-3, 0.5)
    assert _numbers(gan.discriminator_optimizer) == (2e-4, 0.25)
    assert gan.generator_optimizer.beta_2 == gan.discriminator_optimizer.beta_2 == 0.9


def test_a_rate_of_one_network_overrides_that_of_both():
    hypermodel = _gan({"discriminator_learning_rate": [8e-4]}, learning_rate=1e-4)
    hp, space = _declared(hypermodel)
    assert set(space) == {"discriminator_learning_rate", "beta_1"}
    gan = hypermodel.build(hp)
    assert _numbers(gan.generator_optimizer)[0] == 1e-4
    assert _numbers(gan.discriminator_optimizer)[0] == 8e-4


def test_a_dict_extends_the_space_to_constructor_compile_and_fit(faces):
    space = {"depth": (2, 3), "generator_steps": [1, 2], "batch_size": [8, 11]}
    sizes = {name: size for name, size in SIZES.items() if name != "depth"}
    hypermodel = GanHyperModel(
        space, scores=NamedScores(), dtype="mixed_bfloat16", **sizes
    )
    hp, declared = _declared(hypermodel)
    assert isinstance(declared["depth"].max_value, int)
    hp.values.update(depth=3, generator_steps=2, batch_size=11)
    gan = hypermodel.build(hp)
    assert (gan.depth, gan.generator_steps) == (3, 2)
    assert gan.compute_dtype == "bfloat16"

    class Recorder:
        def fit(self, *arguments, **options):
            return options["batch_size"]

    assert hypermodel.fit(hp, Recorder(), *faces) == 11


def test_a_function_extends_the_space_by_conditions_and_objects():
    def space(hp):
        optimizer = hp.Choice("optimizer", ["rmsprop", "adam"])
        if optimizer == "adam":
            return {}
        return {"generator_optimizer": keras.optimizers.RMSprop(hp.Float("r", 1, 2))}

    hypermodel = _gan(space)
    hp = keras_tuner.HyperParameters()
    gan = hypermodel.build(hp)
    assert set(hp.values) == {"optimizer", "r", "learning_rate", "beta_1"}
    assert isinstance(gan.generator_optimizer, keras.optimizers.RMSprop)
    assert _numbers(gan.discriminator_optimizer) == (2e-4, 0.5)
    hp.values["optimizer"] = "adam"
    gan = hypermodel.build(hp)
    assert _numbers(gan.generator_optimizer) == (2e-4, 0.5)


def test_an_option_that_a_model_gains_is_searched_without_more_ado():
    class Newer(ConditionalDCGAN):
        def __init__(self, ornament="plain", **options):
            super().__init__(**options)
            self.ornament = ornament

        def compile(self, *optimizers, penalty=0.5, **options):
            super().compile(*optimizers, **options)
            self.penalty = penalty

    class NewerHyperModel(GanHyperModel):
        model_class = Newer

    space = {"ornament": ["gold", "plain"], "penalty": (0.1, 10.0, "log")}
    hypermodel = NewerHyperModel(space, scores=NamedScores(), **SIZES)
    hp, _ = _declared(hypermodel)
    # The first trial of a search has the model's own defaults.
    assert (hp.values["ornament"], hp.values["penalty"]) == ("plain", 0.5)
    hp.values.update(ornament="gold", penalty=2.0)
    model = hypermodel.build(hp)
    assert (model.ornament, model.penalty) == ("gold", 2.0)


def test_an_option_of_nobodys_is_refused():
    with pytest.raises(ValueError, match="learning_rat"):
        _gan(learning_rat=1).build(keras_tuner.HyperParameters())


def test_an_option_is_not_both_fixed_and_searched():
    with pytest.raises(ValueError, match="width cannot be both"):
        _gan({"width": [2, 4]})
    hypermodel = _gan(lambda hp: {"width": hp.Choice("width", [2, 4])})
    with pytest.raises(ValueError, match="width cannot be both"):
        hypermodel.build(keras_tuner.HyperParameters())


def test_choices_keep_their_kind():
    space = {"projection": [True, False], "use_ema": [True], "epsilon": [1e-8, 1]}
    hypermodel = _gan(space)
    hp, _ = _declared(hypermodel)
    assert hypermodel.options(hp)["projection"] is False
    hp.values["projection"] = True
    assert hypermodel.options(hp)["projection"] is True
    assert hypermodel.options(hp)["use_ema"] is True
    assert type(hypermodel.options(hp)["epsilon"]) is float


def test_choices_of_several_kinds_are_refused():
    for values in (["a", 1], [None, "planes"]):
        with pytest.raises(ValueError, match="all of one kind"):
            _declared(_gan({"conditioning": values}))


@pytest.mark.parametrize(
    "values", [(), [], (1,), (2, 1), (0, 1, "log"), (1, 2, "cubic"), ("a", "b"), 3]
)
def test_a_malformed_range_is_explained(values):
    with pytest.raises(ValueError, match="range of kernel_size"):
        _declared(_gan({"kernel_size": values}))


def test_an_encoder_is_built_for_its_generator_alone():
    generator = Generator(**SIZES, seed=0)
    hypermodel = InverterHyperModel(
        generator,
        {"latent_weight": (0.5, 2.0), "objective": ["image", "both"]},
        scores=InversionScores(judge=None),
        seed=5,
    )
    hp, _ = _declared(hypermodel)
    assert (hp.values["objective"], hp.values["latent_weight"]) == ("image", 1.0)
    hp.values.update(objective="both", latent_weight=2.0, learning_rate=1e-3)
    inverter = hypermodel.build(hp)
    assert inverter.generator is generator
    assert (inverter.objective, inverter.latent_weight) == ("both", 2.0)
    assert _numbers(inverter.optimizer) == (1e-3, 0.5)
    assert inverter.seed == 5


@pytest.mark.parametrize(
    "objective",
    [
        "val_generator_loss",
        "val_discriminator_loss",
        "val_real_accuracy",
        "generator_loss",
        "loss",
        "kernel_distance",
        "val_structural_similarity",
        keras_tuner.Objective("val_generator_loss", "min"),
    ],
)
def test_a_gan_is_never_compared_by_its_losses(objective):
    with pytest.raises(ValueError, match="does not rank models.*val_kernel_distance"):
        checked_objective(_gan(), objective)


@pytest.mark.parametrize(
    ("objective", "name", "direction"),
    [
        (None, "val_kernel_distance", "min"),
        ("val_label_accuracy", "val_label_accuracy", "max"),
        (keras_tuner.Objective("val_kernel_distance", "min"),)
        + ("val_kernel_distance", "min"),
    ],
)
def test_an_objective_knows_which_way_is_better(objective, name, direction):
    found = checked_objective(_gan(), objective)
    assert (found.name, found.direction) == (name, direction)


def test_an_encoder_is_compared_by_its_inversions():
    hypermodel = InverterHyperModel(
        Generator(**SIZES, seed=0), scores=InversionScores(judge=None)
    )
    found = checked_objective(hypermodel)
    assert (found.name, found.direction) == ("val_structural_similarity", "max")
    assert checked_objective(hypermodel, "val_image_error").direction == "min"
    for objective in ("val_loss", "val_identity_distance"):
        with pytest.raises(ValueError, match="does not rank"):
            checked_objective(hypermodel, objective)


def test_an_objective_turned_the_wrong_way_is_refused():
    with pytest.raises(ValueError, match="better at its min, not its max"):
        checked_objective(_gan(), keras_tuner.Objective("val_kernel_distance", "max"))


def test_scores_of_ones_own_come_with_their_direction():
    class OwnScores:
        names = ("beauty",)

    hypermodel = GanHyperModel(scores=OwnScores(), **SIZES)
    with pytest.raises(ValueError, match="keras_tuner.Objective"):
        checked_objective(hypermodel, "val_beauty")
    objective = keras_tuner.Objective("val_beauty", "max")
    assert checked_objective(hypermodel, objective).direction == "max"
