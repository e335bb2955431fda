"""Assembles a search: hypermodel, algorithm, budget and the record of its results."""

import json
import sys
from pathlib import Path

import keras_tuner

from fer_keras.tuning.objectives import checked_objective
from fer_keras.tuning.oracles import BayesianOracle, HyperbandOracle, RandomOracle
from fer_keras.tuning.results import failure_reason, write_plot, write_results

ALGORITHMS = ("bayesian", "hyperband", "random")
# Share of the scores' variance that is taken for noise: the same values give other
# scores with other seeds.
_NOISE = 0.1


class _FaceTuner(keras_tuner.Tuner):
    """Runs trials; keeps the weights of the best alone."""

    keeps_all_weights = False

    def search(self, *arguments, **options):
        try:
            super().search(*arguments, **options)
        finally:
            if not self._is_worker():
                write_plot(self.oracle, self.directory)

    def run_trial(self, trial, *arguments, **options):
        self.hypermodel.execution = 0
        return super().run_trial(trial, *arguments, **options)

    def on_trial_end(self, trial):
        super().on_trial_end(trial)
        if self._is_worker() and trial.message:
            # A reason of failure does not travel to the chief.
            reason = failure_reason(trial)
            print(f"trial {trial.trial_id} failed: {reason}", file=sys.stderr)
        best = self.oracle.get_best_trials(1)[0]
        if best.trial_id != trial.trial_id and not self.keeps_all_weights:
            for file in Path(self.get_trial_dir(trial.trial_id)).glob("checkpoint*"):
                file.unlink()


class _HyperbandTuner(_FaceTuner, keras_tuner.Hyperband):
    """Trials that go on need the weights of those that they continue."""

    keeps_all_weights = True

    def __init__(self, **options):
        # That of `Hyperband` would make an oracle of its own.
        keras_tuner.Tuner.__init__(self, **options)


def make_tuner(
    hypermodel,
    directory,
    project_name="search",
    *,
    algorithm="bayesian",
    objective=None,
    max_trials=None,
    max_epochs=5,
    max_hours=None,
    executions_per_trial=1,
    max_consecutive_failed_trials=3,
    overwrite=False,
    seed=0,
):
    """Returns a KerasTuner tuner; `search` then takes what `fit` of the model takes.

    After each trial `directory` holds `trials.csv` and `trials.json`, at the end also
    `search.png`, beside KerasTuner's own state in `directory/project_name`, from which
    an interrupted search goes on when it is made again with the same arguments.

    Args:
        hypermodel: A `GanHyperModel` or `InverterHyperModel`.
        directory: Folder for all of it.
        project_name: Name of KerasTuner's folder in it.
        algorithm: `"bayesian"`, `"hyperband"` or `"random"`.
        objective: See `checked_objective`. Default: the kernel distance of generated
            faces, or the structural similarity of inverted ones.
        max_trials: Trials at most. Default 20; of Hyperband, as many as it makes.
        max_epochs: Longest training that Hyperband gives; others train for
            `search(epochs=…)`.
        max_hours: No trial begins after this time; the running one is finished.
            Default: no limit.
        executions_per_trial: Trainings of each setting, with one seed after another;
            its score is their mean. Default 1.
        max_consecutive_failed_trials: So many failures one after another end the
            search; a trial fails when its numbers go bad or it raises. Default 3.
        overwrite: Whether to drop an earlier search there instead of going on.
        seed: Of the search's own draws. Default 0.

    Returns:
        A `keras_tuner.Tuner`.

    Raises:
        ValueError: Algorithm or objective is unknown, a number is out of range, the
            hypermodel's options fit no model, or an earlier search is damaged.

    Example:
        >>> tuner = make_tuner(GanHyperModel(width=32), "runs/search", max_trials=20)
        >>> tuner.search(images, labels, epochs=5, validation_data=validation)

    Reference:
        Snoek et al., "Practical Bayesian Optimization" (2012); Li et al.,
        "Hyperband" (2018).
    """
    objective = checked_objective(hypermodel, objective)
    if max_trials is None and algorithm != "hyperband":
        max_trials = 20
    _check_above_0(
        max_trials=max_trials,
        max_epochs=max_epochs,
        max_hours=max_hours,
        executions_per_trial=executions_per_trial,
        max_consecutive_failed_trials=max_consecutive_failed_trials,
    )
    oracle = _oracle(
        algorithm,
        max_trials,
        max_epochs,
        objective=objective,
        # KerasTuner takes 0 for no seed.
        seed=seed + 1,
        max_consecutive_failed_trials=max_consecutive_failed_trials,
    )
    oracle.max_seconds = max_hours * 3600 if max_hours else None
    oracle.listeners.append(lambda oracle, trial: write_results(oracle, directory))
    kind = _HyperbandTuner if algorithm == "hyperband" else _FaceTuner
    try:
        tuner = kind(
            oracle=oracle,
            hypermodel=hypermodel,
            directory=str(directory),
            project_name=project_name,
            overwrite=overwrite,
            executions_per_trial=executions_per_trial,
        )
        _reload(tuner, oracle)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError) as error:
        raise ValueError(
            f"The search in {directory} cannot go on: its state is damaged ({error}). "
            "Its finished trials are in trials.csv; start a new one in another folder."
        ) from error
    return tuner


def _oracle(algorithm, max_trials, max_epochs, **options):
    if algorithm == "bayesian":
        return BayesianOracle(max_trials=max_trials, alpha=_NOISE, **options)
    if algorithm == "random":
        return RandomOracle(max_trials=max_trials, **options)
    if algorithm == "hyperband":
        oracle = HyperbandOracle(max_epochs=max_epochs, **options)
        oracle.max_trials = max_trials
        return oracle
    raise ValueError(
        f"Unknown algorithm {algorithm!r}: expected one of {', '.join(ALGORITHMS)}."
    )


def _reload(tuner, oracle):
    """Goes on with a search that another process began: alone, or as a chief.

    KerasTuner does so only where a tuner of the same name has ended a trial.
    """
    state = Path(tuner.project_dir) / "oracle.json"
    own = Path(tuner.project_dir) / f"{tuner.tuner_id}.json"
    is_worker = tuner.oracle is not oracle
    if state.is_file() and not own.is_file() and not is_worker:
        oracle.reload()


def _check_above_0(**numbers):
    for name, number in numbers.items():
        if number is not None and not number > 0:
            raise ValueError(f"{name} must be above 0, got {number}.")
