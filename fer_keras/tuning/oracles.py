"""KerasTuner's oracles, with a budget, the defaults first, and a record of each trial.

An oracle says which trial comes next. It runs in the process that searches alone or
in the chief of several workers, so that what stands here holds for both.
"""

import time
import warnings

import keras_tuner
from keras_tuner.engine.trial import Trial


class _Budgeted:
    """Mixed into an oracle of KerasTuner.

    * The first trial has the default values, so that every search holds the
      comparison with them.
    * No trial begins once `max_seconds` have passed since the first request.
    * After too many failures one after another the search ends, with the reason in
      `failure`, instead of raising in the chief's thread, which would leave its
      workers waiting.
    * `runs` says of each trial which worker ran it and for how many seconds.
    * `listeners` are called with oracle and trial when one has ended.
    """

    max_seconds = None
    failure = None

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.runs = {}
        self.listeners = []
        self._first_request = None
        self._begun = {}

    @property
    def out_of_time(self) -> bool:
        """Whether the budget is used up."""
        if self.max_seconds is None or self._first_request is None:
            return False
        return time.monotonic() - self._first_request >= self.max_seconds

    @keras_tuner.synchronized
    def create_trial(self, tuner_id):
        if self._first_request is None:
            self._first_request = time.monotonic()
        if (self.out_of_time or self.failure) and tuner_id not in self.ongoing_trials:
            self.tuner_ids.discard(tuner_id)
            return Trial(self.get_space(), status="STOPPED")
        trial = super().create_trial(tuner_id)
        if trial.status == "RUNNING":
            self._begun[trial.trial_id] = time.monotonic()
            self.runs[trial.trial_id] = {"worker": tuner_id}
        return trial

    @keras_tuner.synchronized
    def end_trial(self, trial):
        # A worker may end a trial that it began under another chief.
        begun = self._begun.pop(trial.trial_id, None)
        if begun is not None:
            self.runs[trial.trial_id]["seconds"] = round(time.monotonic() - begun, 1)
        super().end_trial(trial)
        for listener in self.listeners:
            listener(self, self.trials[trial.trial_id])

    def populate_space(self, trial_id):
        with warnings.catch_warnings():
            # Of a Gaussian process that takes noisy scores for all noise.
            warnings.filterwarnings("ignore", "The optimal value found for dimension")
            response = super().populate_space(trial_id)
        if not self.trials and response["status"] == "RUNNING":
            response["values"].update(self._default_values())
        return response

    def _default_values(self):
        defaults = keras_tuner.HyperParameters()
        for hyperparameter in self.get_space().space:
            defaults.merge([hyperparameter])
            if defaults.is_active(hyperparameter):
                defaults.values[hyperparameter.name] = hyperparameter.default
        return defaults.values

    def _check_consecutive_failures(self):
        try:
            super()._check_consecutive_failures()
        except RuntimeError:
            self.failure = (
                f"{self.max_consecutive_failed_trials} trials failed one after another"
            )

    def get_state(self):
        return {**super().get_state(), "runs": self.runs}

    def set_state(self, state):
        super().set_state(state)
        self.runs = state.get("runs", {})


class BayesianOracle(_Budgeted, keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimisation with a Gaussian process."""


class HyperbandOracle(_Budgeted, keras_tuner.oracles.HyperbandOracle):
    """Hyperband: many short trials, the best of which go on."""


class RandomOracle(_Budgeted, keras_tuner.oracles.RandomSearchOracle):
    """Random search."""
