"""The models as KerasTuner sees them: each trial one of them, trained and scored."""

import keras_tuner
import numpy as np

from fer_keras.callbacks import StopOnBadNumbers, TrainingDivergedError
from fer_keras.judges import GenerationScores, InversionScores
from fer_keras.models import ConditionalDCGAN, EncoderInverter
from fer_keras.tuning.options import Routes
from fer_keras.tuning.ranges import sampled

LEARNING_RATES = (2e-5, 2e-3, "log")
FIRST_DECAY_RATES = (0.0, 0.9)


class FaceHyperModel(keras_tuner.HyperModel):
    """Base: a model whose options are drawn by a search, or fixed.

    All trials have the same seed, so that they differ in what is searched alone; the
    repeats of a trial (`executions_per_trial`) have the seeds after it.

    Args:
        space: What to search besides learning rate and beta_1, or instead of their
            own ranges: a dict of option names and values (`sampled` says in which
            form), or a function of the trial's `keras_tuner.HyperParameters` that
            returns a dict of option names and the trial's values.
        scores: What `evaluate` adds and the search compares.
        seed: For weights and noise. Default 0.
        **fixed: Options with one value for all trials. An option is any argument of
            the model's constructor or `compile`, one of Adam's, or `batch_size`.

    Raises:
        ValueError: An option is both fixed and searched.
    """

    model_class = None
    networks = ()
    default_objective = ""
    # What `evaluate` reports that tells a better model, and which way is better.
    directions = {}

    def __init__(self, space=None, *, scores, seed=0, **fixed):
        super().__init__()
        searched = {} if space is None or callable(space) else dict(space)
        self._check_fixed_once(searched, fixed)
        self.scores = scores
        self.seed = seed
        self.fixed = fixed
        self.execution = 0
        self._searched = searched
        self._function = space if callable(space) else None
        self._routes = Routes(self.model_class, self.networks)

    @property
    def default_space(self) -> dict:
        """What is searched where the user neither fixes it nor has another range."""
        return {"learning_rate": LEARNING_RATES, "beta_1": FIRST_DECAY_RATES}

    @property
    def score_names(self) -> tuple[str, ...]:
        """What a search may compare, without the `val_` before it."""
        return self.scores.names

    def default(self, name: str):
        """Returns what an option is in a search's first trial, None if any will do."""
        return self._routes.default(name)

    def options(self, hp) -> dict:
        """Returns all options of a trial, the fixed ones too."""
        drawn = dict(self._function(hp)) if self._function else {}
        self._check_fixed_once(drawn, self.fixed)
        ranges = {**self.default_space, **self._searched}
        for name, values in ranges.items():
            if name not in self.fixed and name not in drawn:
                drawn[name] = sampled(hp, name, values, self.default(name))
        return {**self.fixed, **{name: _plain(value) for name, value in drawn.items()}}

    def build(self, hp):
        """Returns the compiled model of a trial."""
        calls = self._routes.sort(self.options(hp))
        seed = self.seed + self.execution
        model = self._construct(**{"seed": seed, **calls.constructor})
        model.compile(**{"scores": self.scores, **calls.compile})
        return model

    def fit(self, hp, model, *arguments, callbacks=(), **options):
        """Trains a trial's model; one whose numbers go bad ends its trial as failed."""
        options = {**options, **self._routes.sort(self.options(hp)).fit}
        callbacks = [StopOnBadNumbers(), *callbacks]
        try:
            return model.fit(*arguments, callbacks=callbacks, **options)
        except TrainingDivergedError as error:
            raise keras_tuner.errors.FailedTrialError(str(error)) from None
        finally:
            self.execution += 1

    def _construct(self, **options):
        return self.model_class(**options)

    def _check_fixed_once(self, searched, fixed):
        both = sorted(set(searched) & set(fixed))
        if both:
            raise ValueError(
                f"{', '.join(both)} cannot be both searched and fixed: leave one out."
            )


def _plain(value):
    """Python's own number for NumPy's, which a Gaussian process draws."""
    return value.item() if isinstance(value, np.generic) else value


class GanHyperModel(FaceHyperModel):
    """`ConditionalDCGAN` for a search.

    Args:
        space: See `FaceHyperModel`.
        separate: Whether G and D have learning rates and beta_1 of their own, named
            `generator_learning_rate` and so on. Default False: one of each for both.
        scores: Default `GenerationScores()`.
        seed: Default 0.
        **fixed: See `FaceHyperModel`.

    Example:
        >>> gan = GanHyperModel({"generator_steps": [1, 2]}, width=32)
        >>> tuner = make_tuner(gan, "runs/search", max_trials=20)
        >>> tuner.search(images, labels, epochs=5, validation_data=validation)
        >>> tuner.get_best_hyperparameters()[0].values
    """

    model_class = ConditionalDCGAN
    networks = ("generator", "discriminator")
    default_objective = "val_kernel_distance"
    directions = {"kernel_distance": "min", "label_accuracy": "max"}

    def __init__(self, space=None, *, separate=False, scores=None, seed=0, **fixed):
        self.separate = separate
        if separate:
            fixed = self._for_each_network(fixed)
            space = self._for_each_network(space) if isinstance(space, dict) else space
        scores = scores or GenerationScores()
        super().__init__(space, scores=scores, seed=seed, **fixed)

    @property
    def default_space(self):
        shared = super().default_space
        return self._for_each_network(shared) if self.separate else shared

    def _for_each_network(self, options):
        shared = super().default_space
        return {
            own: value
            for name, value in options.items()
            for own in (
                [f"{network}_{name}" for network in self.networks]
                if name in shared
                else [name]
            )
        }


class InverterHyperModel(FaceHyperModel):
    """`EncoderInverter` for a search: E for one generator.

    Args:
        generator: The trained `Generator`; trials leave it as it is.
        space: See `FaceHyperModel`.
        scores: Default `InversionScores()`.
        seed: Default 0.
        **fixed: See `FaceHyperModel`.

    Example:
        >>> encoder = InverterHyperModel(gan.generator, objective="both")
        >>> tuner = make_tuner(encoder, "runs/search", max_trials=20)
    """

    model_class = EncoderInverter
    default_objective = "val_structural_similarity"
    directions = {
        "structural_similarity": "max",
        "peak_signal_to_noise_ratio": "max",
        "identity_distance": "min",
        "image_error": "min",
    }

    def __init__(self, generator, space=None, *, scores=None, seed=0, **fixed):
        scores = scores or InversionScores()
        super().__init__(space, scores=scores, seed=seed, **fixed)
        self.generator = generator

    @property
    def score_names(self):
        # The error per pixel is a score as it stands: it is in no other unit when
        # the loss has other terms.
        return (*self.scores.names, "image_error")

    def _construct(self, **options):
        return self.model_class(self.generator, **options)
