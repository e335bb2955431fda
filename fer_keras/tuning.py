"""KerasTuner searches over the options of a training: learning rate, beta_1, any other.

Ours are the hypermodels and the objectives; the tuners, their resuming and their
summary are KerasTuner's own.

Example:
    >>> import keras_tuner
    >>> from fer_keras.config import RECIPES
    >>> from fer_keras.tuning import GanHyperModel, objective_of
    >>> hypermodel = GanHyperModel(RECIPES["paper"])
    >>> tuner = keras_tuner.BayesianOptimization(
    ...     hypermodel, objective=objective_of("gan"), max_trials=20,
    ...     executions_per_trial=2, directory="runs/search", project_name="trials")
    >>> tuner.search(images, labels, epochs=5, validation_data=validation)
    >>> tuner.results_summary()
"""

import collections
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras
import keras_tuner

from fer_keras.callbacks import StopOnBadNumbers, TrainingDivergedError
from fer_keras.config import TrainingOptions
from fer_keras.judges import GenerationScores, InversionScores, TransferScores
from fer_keras.models.from_options import (
    gan_from_options,
    inverter_from_options,
    joint_from_options,
)
from fer_keras.training.network_copies import copy_network

SPACE = {"learning_rate": (2e-5, 2e-3, "log"), "beta_1": (0.0, 0.9)}
"""What is searched where nothing else is asked for."""

# What tells a better model, by phase, and which way is better. A GAN's losses do not:
# they say how G and D stand to each other.
SCORES = {
    "gan": {"kernel_distance": "min", "label_accuracy": "max"},
    "encoder": {
        "structural_similarity": "max",
        "peak_signal_to_noise_ratio": "max",
        "image_error": "min",
    },
    "joint": {"identity_distance": "min", "target_hit": "max", "image_error": "min"},
}
# Either half of an edit alone is easy: not to change the face, or to change the person.
_DEFAULTS = {
    "gan": "kernel_distance",
    "encoder": "structural_similarity",
    "joint": "identity_distance,target_hit",
}


def objective_of(
    phase: str, names: str | None = None
) -> keras_tuner.Objective | list[keras_tuner.Objective]:
    """Returns what a search compares, on validation data.

    Args:
        phase: "gan", "encoder" or "joint".
        names: One or more of the phase's `SCORES`, parted by commas, with or without
            `val_` before them; KerasTuner then adds up those that are to fall and
            subtracts those that are to grow. Default: the kernel distance, the
            structural similarity, or the identity distance less the target's hits.

    Raises:
        ValueError: It is not one of them.

    Example:
        >>> objective_of("gan", "val_label_accuracy").direction
        'max'
    """
    objectives = []
    for name in (names or _DEFAULTS[phase]).split(","):
        name = name.strip().removeprefix("val_")
        if name not in SCORES[phase]:
            raise ValueError(
                f"The objective {name!r} does not rank models, as losses of a GAN do "
                f"not. Expected {', '.join(f'val_{n}' for n in SCORES[phase])}."
            )
        objectives.append(keras_tuner.Objective(f"val_{name}", SCORES[phase][name]))
    return objectives if len(objectives) > 1 else objectives[0]


class PhaseHyperModel(keras_tuner.HyperModel):
    """Base: one phase of a training whose options are drawn by a search, or fixed.

    All trials have the same seed, so that they differ in what is searched alone; the
    repeats of a trial (`executions_per_trial`) have the seeds after it.

    Args:
        options: The training's; what is not searched stays as it is there.
        space: Names of options, as the phase sees them, and the values to search: a
            list of choices, or a range `(low, high)` or `(low, high, "log")`, of
            integers where both ends are. Default: `SPACE`.
        scores: What `evaluate` adds and the search compares. Default: the phase's.

    Raises:
        ValueError: There is no such option, or its values have another form.
    """

    phase = ""

    def __init__(
        self, options: TrainingOptions, space: dict | None = None, scores: Any = None
    ):
        super().__init__()
        self.options = options
        self.space = dict(SPACE if space is None else space)
        self.scores = scores
        self._executions = collections.Counter()
        for name, values in self.space.items():
            # Declared once, so that a mistake is told before the first trial.
            first = _declare(keras_tuner.HyperParameters(), name, values, None)
            options.with_phase_options(self.phase, {name: first})

    def options_of(self, values: dict) -> TrainingOptions:
        """Returns the options of a trial.

        Args:
            values: Its hyperparameters, KerasTuner's own ones (`tuner/epochs`) too.
        """
        named = {name: values[name] for name in self.space}
        return self.options.with_phase_options(self.phase, named)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Returns the compiled model of a trial."""
        usual = self.options.of_phase(self.phase)
        values = {
            name: _declare(hp, name, values, usual[name])
            for name, values in self.space.items()
        }
        options = self.options_of(values)
        seed = options.seed + self._executions[_key(hp)]
        return self.make(dataclasses.replace(options, seed=seed))

    def make(self, options: TrainingOptions) -> keras.Model:
        """Returns the compiled model with these options."""
        raise NotImplementedError

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *arguments: Any,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        **settings: Any,
    ) -> keras.callbacks.History:
        """Trains a trial's model; one whose numbers go bad ends its trial as failed."""
        self._executions[_key(hp)] += 1
        options = self.options_of(hp.values).of_phase(self.phase)
        settings = {
            "batch_size": options["batch_size"],
            "balance": options["balance"],
            **settings,
        }
        callbacks = [StopOnBadNumbers(), *callbacks]
        try:
            return model.fit(*arguments, callbacks=callbacks, **settings)
        except TrainingDivergedError as error:
            raise keras_tuner.errors.FailedTrialError(str(error)) from None


class GanHyperModel(PhaseHyperModel):
    """`ConditionalDCGAN` for a search.

    Args:
        options: See `PhaseHyperModel`, as for the others.
        sizes: Image shape, number of classes, and their names where they are no
            emotions. Default: FER2013's.
    """

    phase = "gan"

    def __init__(
        self,
        options: TrainingOptions,
        space: dict | None = None,
        scores: Any = None,
        sizes: tuple = ((48, 48, 1), 7),
    ):
        self.sizes = sizes
        super().__init__(options, space, scores)

    def make(self, options: TrainingOptions) -> keras.Model:
        scores = self.scores or GenerationScores()
        return gan_from_options(options, *self.sizes, scores=scores)


class EncoderHyperModel(PhaseHyperModel):
    """`EncoderInverter` for a search: E for one trained generator.

    Args:
        generator: The trained G; trials leave it as it is.
        options: See `PhaseHyperModel`, as for the others.
    """

    phase = "encoder"

    def __init__(
        self,
        generator: keras.Model,
        options: TrainingOptions,
        space: dict | None = None,
        scores: Any = None,
    ):
        self.generator = generator
        super().__init__(options, space, scores)

    def make(self, options: TrainingOptions) -> keras.Model:
        scores = self.scores or InversionScores(judge=None)
        return inverter_from_options(self.generator, options, scores)


class JointHyperModel(PhaseHyperModel):
    """`JointTransfer` for a search.

    Args:
        networks: A function of a trial's options that returns its networks by name,
            such as `fresh_networks`. They are copied: a trial trains what it is given.
        teacher: The trained teacher, or None.
        steps: Of a trial.
        options: See `PhaseHyperModel`, as for the others.
    """

    phase = "joint"

    def __init__(
        self,
        networks: Callable[[TrainingOptions], dict[str, keras.Model]],
        teacher: keras.Model | None,
        steps: int,
        options: TrainingOptions,
        space: dict | None = None,
        scores: Any = None,
    ):
        self.networks = networks
        self.teacher = teacher
        self.steps = steps
        super().__init__(options, space, scores)

    def make(self, options: TrainingOptions) -> keras.Model:
        networks = {
            name: copy_network(network)
            for name, network in self.networks(options).items()
        }
        scores = self.scores or TransferScores()
        return joint_from_options(
            networks, options, self.steps, self.teacher, scores=scores
        )


def _key(hp):
    return tuple(sorted(hp.values.items()))


def _declare(hp, name, values, default):
    """Returns the value of a hyperparameter, declaring it where it is new."""
    if isinstance(values, list) and values:
        default = default if default in values else values[0]
        if {type(value) for value in values} == {bool}:
            # KerasTuner would make a choice of them one of 0 and 1.
            return hp.Boolean(name, default=default)
        return hp.Choice(name, values, default=default, ordered=False)
    try:
        low, high, *sampling = values
        kind = hp.Int if isinstance(low, int) and isinstance(high, int) else hp.Float
        if default is None or not low <= default <= high:
            default = low
        return kind(name, low, high, default=default, sampling=(*sampling, "linear")[0])
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The range of {name} is {values!r}: expected a list of choices, "
            f'(low, high) or (low, high, "log") with low below high ({error}).'
        ) from None
