"""Searches: what they find, where they stop, and how they go on."""

import csv
import json
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_keras import InversionScores
from fer_keras.networks import Generator
from fer_keras.tuning import (
    GanHyperModel,
    InverterHyperModel,
    best_row,
    make_tuner,
    trial_rows,
)

from .conftest import SIZES, formula


def _search(hypermodel, folder, **options):
    tuner = make_tuner(hypermodel, folder, **options)
    tuner.search(verbose=0)
    return tuner


@pytest.mark.parametrize("algorithm", ["bayesian", "random", "hyperband"])
def test_the_best_values_are_those_with_the_best_score(
    algorithm, formula_model, tmp_path
):
    hypermodel = formula_model()
    options = {"algorithm": algorithm, "max_trials": 9, "max_epochs": 9, "seed": 3}
    tuner = _search(hypermodel, tmp_path, **options)
    tried = [values for values, _ in hypermodel.trained]
    assert len(tried) == 9
    best = min(tried, key=formula)
    assert tuner.get_best_hyperparameters()[0].values == best
    # The paper's values come first, so that they are there to compare with.
    assert (tried[0]["learning_rate"], tried[0]["beta_1"]) == (2e-4, 0.5)
    record = json.loads((tmp_path / "trials.json").read_text())
    assert record["objective"] == {"name": "val_kernel_distance", "direction": "min"}
    assert record["best"]["values"] == best
    assert record["best"]["score"] == pytest.approx(formula(best))


def test_another_seed_draws_others(formula_model, tmp_path):
    tried = []
    for place, seed in enumerate([0, 0, 1]):
        hypermodel = formula_model()
        options = {"algorithm": "random", "max_trials": 3, "seed": seed}
        _search(hypermodel, tmp_path / str(place), **options)
        tried.append([values for values, _ in hypermodel.trained])
    assert tried[0] == tried[1] != tried[2]


def test_the_best_of_a_score_that_is_to_grow(formula_model, tmp_path):
    class Accuracy(formula_model):
        def fit(self, hp, model, *arguments, **options):
            score = super().fit(hp, model)["val_kernel_distance"]
            return {"val_label_accuracy": -score, "val_kernel_distance": score}

    hypermodel = Accuracy()
    tuner = _search(hypermodel, tmp_path, max_trials=4, objective="val_label_accuracy")
    rows = trial_rows(tuner.oracle)
    assert best_row(rows, "max")["score"] == max(row["score"] for row in rows)
    best = min((values for values, _ in hypermodel.trained), key=formula)
    assert tuner.get_best_hyperparameters()[0].values == best


def test_the_files_hold_every_trial(formula_model, tmp_path):
    hypermodel = formula_model({"generator_steps": [1, 2]})
    _search(hypermodel, tmp_path, max_trials=4)
    with (tmp_path / "trials.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["trial"] for row in rows] == ["1", "2", "3", "4"]
    for row, (values, _) in zip(rows, hypermodel.trained, strict=True):
        assert float(row["score"]) == pytest.approx(formula(values))
        assert float(row["val_kernel_distance"]) == float(row["score"])
        assert float(row["learning_rate"]) == values["learning_rate"]
        assert int(row["generator_steps"]) == values["generator_steps"]
        assert row["status"] == "COMPLETED" and float(row["seconds"]) >= 0
    assert (tmp_path / "search.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_repeats_have_other_seeds_and_count_as_their_mean(formula_model, tmp_path):
    scores = iter([1.0, 3.0, 5.0, 6.0])
    hypermodel = formula_model(score=lambda values: next(scores), seed=7)
    tuner = _search(hypermodel, tmp_path, max_trials=2, executions_per_trial=2)
    assert [seed for _, seed in hypermodel.trained] == [7, 8, 7, 8]
    assert [row["score"] for row in trial_rows(tuner.oracle)] == [2.0, 5.5]


def test_a_search_goes_on_and_repeats_nothing(formula_model, tmp_path):
    first = formula_model()
    _search(first, tmp_path, max_trials=3)
    second = formula_model()
    tuner = _search(second, tmp_path, max_trials=5)
    tried = [values for values, _ in first.trained + second.trained]
    assert (len(first.trained), len(second.trained)) == (3, 2)
    assert len({tuple(values.items()) for values in tried}) == 5
    assert [row["values"] for row in trial_rows(tuner.oracle)] == tried
    third = formula_model()
    _search(third, tmp_path, max_trials=5)
    assert not third.trained


@pytest.mark.parametrize("interrupted", [1, 2])
def test_an_interrupted_trial_is_done_again(interrupted, formula_model, tmp_path):
    def score(values):
        if len(first.trained) == interrupted:
            raise KeyboardInterrupt
        return formula(values)

    first = formula_model(score=score)
    with pytest.raises(KeyboardInterrupt):
        _search(first, tmp_path, max_trials=3)
    second = formula_model()
    tuner = _search(second, tmp_path, max_trials=3)
    assert second.trained[0] == first.trained[-1]
    assert len(second.trained) == 4 - interrupted
    rows = trial_rows(tuner.oracle)
    assert [row["status"] for row in rows] == ["COMPLETED"] * 3


def test_a_chief_goes_on_with_what_was_searched_alone(
    formula_model, tmp_path, monkeypatch
):
    _search(formula_model(), tmp_path, max_trials=2)
    for name in ("ORACLE_IP", "ORACLE_PORT"):
        monkeypatch.setenv(f"KERASTUNER_{name}", "0")
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    chief = make_tuner(formula_model(), tmp_path, max_trials=5)
    assert len(trial_rows(chief.oracle)) == 2


def test_a_search_may_be_begun_anew(formula_model, tmp_path):
    _search(formula_model(), tmp_path, max_trials=2)
    hypermodel = formula_model()
    _search(hypermodel, tmp_path, max_trials=2, overwrite=True)
    assert len(hypermodel.trained) == 2


def test_a_damaged_search_is_one_clear_error(formula_model, tmp_path):
    _search(formula_model(), tmp_path, max_trials=1)
    state = tmp_path / "search" / "oracle.json"
    state.write_text(state.read_text()[:50])
    with pytest.raises(ValueError, match="its state is damaged"):
        make_tuner(formula_model(), tmp_path, max_trials=2)


def test_the_budget_ends_a_search_and_another_sitting_goes_on(
    formula_model, tmp_path, monkeypatch
):
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def score(values):
        clock[0] += 1500.0
        return formula(values)

    tuner = _search(formula_model(score=score), tmp_path, max_trials=9, max_hours=1.0)
    rows = trial_rows(tuner.oracle)
    # The third begins within the hour, and is finished.
    assert [row["seconds"] for row in rows] == [1500.0] * 3
    assert tuner.oracle.out_of_time
    tuner = _search(formula_model(), tmp_path, max_trials=4, max_hours=1.0)
    assert len(trial_rows(tuner.oracle)) == 4
    assert not tuner.oracle.out_of_time


def test_failures_one_after_another_end_a_search(formula_model, tmp_path):
    def score(values):
        raise RuntimeError("no more memory")

    hypermodel = formula_model(score=score)
    options = {"max_trials": 9, "max_consecutive_failed_trials": 2}
    tuner = _search(hypermodel, tmp_path, **options)
    assert len(hypermodel.trained) == 2
    assert tuner.oracle.failure == "2 trials failed one after another"
    rows = trial_rows(tuner.oracle)
    assert [(row["status"], row["score"]) for row in rows] == [("FAILED", None)] * 2
    assert rows[0]["reason"] == "no more memory"
    assert best_row(rows, "min") is None


def test_a_score_that_is_no_number_is_a_failure_and_no_best(formula_model, tmp_path):
    scores = iter([np.nan, 1.0, np.nan, 2.0])
    hypermodel = formula_model(score=lambda values: next(scores))
    tuner = _search(hypermodel, tmp_path, max_trials=4)
    rows = trial_rows(tuner.oracle)
    assert [row["score"] for row in rows] == [None, 1.0, None, 2.0]
    assert best_row(rows, "min")["trial"] == 2
    assert json.loads((tmp_path / "trials.json").read_text())["best"]["trial"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"algorithm": "grid"}, "bayesian, hyperband, random"),
        ({"objective": "val_generator_loss"}, "does not rank models"),
        ({"max_trials": 0}, "max_trials must be above 0"),
        ({"max_hours": -1.0}, "max_hours must be above 0"),
    ],
)
def test_bad_arguments_are_refused_before_the_search(
    options, message, formula_model, tmp_path
):
    with pytest.raises(ValueError, match=message):
        make_tuner(formula_model(), tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_an_option_that_no_model_takes_is_refused_before_the_search(scores, tmp_path):
    hypermodel = GanHyperModel({"generator_step": [1, 2]}, scores=scores, **SIZES)
    with pytest.raises(ValueError, match="does not take generator_step"):
        make_tuner(hypermodel, tmp_path)


def test_a_real_search_scores_trains_logs_and_survives_bad_numbers(
    scores, faces, tmp_path
):
    # The second rate overflows at once.
    space = {"learning_rate": [2e-4, 1e38]}
    hypermodel = GanHyperModel(space, scores=scores, beta_1=0.5, **SIZES)
    tuner = make_tuner(hypermodel, tmp_path, algorithm="random", max_trials=2)
    logging = keras.callbacks.TensorBoard(str(tmp_path / "logs"), write_graph=False)
    tuner.search(
        *faces,
        batch_size=11,
        epochs=2,
        validation_data=faces,
        callbacks=[logging],
        verbose=0,
    )
    good, bad = trial_rows(tuner.oracle)
    assert (good["status"], bad["status"]) == ("COMPLETED", "FAILED")
    assert "nan" in bad["reason"] or "inf" in bad["reason"]
    names = {"val_kernel_distance", "val_label_accuracy", "generator_loss"}
    assert names <= set(good["metrics"])
    assert good["score"] == good["metrics"]["val_kernel_distance"]
    for row in (good, bad):
        assert list((tmp_path / "logs" / row["id"]).rglob("events.out.tfevents.*"))
    best = tuner.get_best_models()[0]
    found = best.evaluate(*faces, batch_size=64, return_dict=True, verbose=0)
    assert found["kernel_distance"] == pytest.approx(good["score"], rel=1e-3)


def test_a_real_search_for_an_encoder_leaves_g_as_it_is(faces, tmp_path):
    generator = Generator(**SIZES, seed=0)
    before = [np.array(weight) for weight in generator.weights]
    hypermodel = InverterHyperModel(generator, scores=InversionScores(judge=None))
    tuner = make_tuner(hypermodel, tmp_path, max_trials=2)
    tuner.search(*faces, batch_size=11, validation_data=faces, verbose=0)
    rows = trial_rows(tuner.oracle)
    assert [row["status"] for row in rows] == ["COMPLETED"] * 2
    best = max(rows, key=lambda row: row["metrics"]["val_structural_similarity"])
    assert tuner.get_best_hyperparameters()[0].values == best["values"]
    for weight, old in zip(generator.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    # Only the best keeps its weights.
    kept = [path.parent.name for path in tmp_path.rglob("checkpoint*")]
    assert kept == [f"trial_{best['id']}"]


def test_hyperband_goes_on_from_the_weights_of_the_best(scores, faces, tmp_path):
    hypermodel = GanHyperModel(scores=scores, **SIZES)
    options = {"algorithm": "hyperband", "max_epochs": 3, "max_trials": 4}
    tuner = make_tuner(hypermodel, tmp_path, **options)
    data = {"x": faces[0], "y": faces[1], "batch_size": 11, "validation_data": faces}
    tuner.search(**data, verbose=0)
    *short, longer = trial_rows(tuner.oracle)
    assert [row["values"]["tuner/epochs"] for row in short] == [1, 1, 1]
    parent = min(short, key=lambda row: row["score"])
    assert longer["values"]["tuner/trial_id"] == parent["id"]
    steps = [_steps_of(tuner, row["id"]) for row in (parent, longer)]
    assert steps[0] == 2
    # Two epochs more, the best of which was kept.
    assert steps[1] in (4, 6)


def _steps_of(tuner, trial_id):
    """Updates of G in a trial's saved weights."""
    model = tuner.hypermodel.build(tuner.oracle.get_trial(trial_id).hyperparameters)
    model.load_weights(next(Path(tuner.get_trial_dir(trial_id)).glob("checkpoint*")))
    return int(model.generator_optimizer.iterations)


def test_what_fails_in_every_trial_is_not_hidden(scores, faces, tmp_path):
    """A mistake of the user's ends the search with its message."""
    images, labels = faces
    hypermodel = GanHyperModel(scores=scores, **SIZES)
    tuner = make_tuner(hypermodel, tmp_path, max_trials=9)
    tuner.search(images, labels[:3], validation_data=faces, verbose=0)
    assert tuner.oracle.failure
    reasons = {row["reason"] for row in trial_rows(tuner.oracle)}
    assert len(reasons) == 1 and "label" in reasons.pop()
