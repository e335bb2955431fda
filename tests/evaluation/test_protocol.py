"""The protocol in a small world where the truth is known."""

import json

import numpy as np
import pytest

from fer_keras.evaluation import Evaluator, JudgeSet, evaluate, fixed_sample
from fer_keras.evaluation.showcase import best_median_and_worst
from fer_keras.evaluation.tables import evaluation_text
from tests.evaluation.conftest import (
    OtherPerson,
    PerfectTransfer,
    PersonJudge,
    StripeJudge,
    striped_faces,
)


def estimates(entry, section="transfer"):
    return {name: score.estimate for name, score in entry.scores[section].items()}


@pytest.fixture(scope="module")
def found(splits):
    judges = JudgeSet({"first": StripeJudge(), "second": StripeJudge()}, PersonJudge())
    evaluator = Evaluator(
        judges, splits["test"], splits["train"], 35, faces_per_class=10, resamples=50
    )
    return evaluate(evaluator, [PerfectTransfer(), OtherPerson()])


def entry(found, name):
    return next(entry for entry in found.entries if entry.name == name)


def test_a_perfect_transfer_has_all_of_both(found):
    scores = estimates(entry(found, "perfect"))
    for name in ("target_hit", "relative_hit", "rank_1", "rank_10", "headline"):
        assert scores[name] == 1
    assert scores["source_kept"] == 0
    assert scores["identity_distance"] == pytest.approx(0, abs=1e-6)
    rebuilt = estimates(entry(found, "perfect"), "inversion")
    assert rebuilt["mean_squared_error"] == 0
    assert rebuilt["peak_signal_to_noise_ratio"] == 100


def test_another_person_with_the_emotion_scores_nothing(found):
    scores = estimates(entry(found, "other person"))
    assert scores["target_hit"] == 1
    assert scores["rank_1"] < 0.05 and scores["identity_distance"] > 0.5
    assert scores["headline"] < 0.1


def test_controls_fail_where_they_must(found):
    unchanged = estimates(entry(found, "unchanged face"))
    assert unchanged["target_hit"] == 0 and unchanged["headline"] == 0
    assert unchanged["rank_1"] == 1 and unchanged["source_kept"] == 1
    assert unchanged["identity_distance"] == pytest.approx(0, abs=1e-6)
    mean = estimates(entry(found, "class mean"))
    assert mean["target_hit"] == 1 and mean["rank_1"] < 0.1
    dealt = estimates(entry(found, "random z, perfect"))
    assert dealt["target_hit"] == 1 and dealt["rank_1"] < 0.1


def test_copies_of_training_faces_are_told_from_fresh_ones(found):
    copies = estimates(entry(found, "unchanged face"), "generation")
    fresh = estimates(entry(found, "perfect"), "generation")
    assert copies["closer_than_unseen"] == 1
    assert 0.2 < fresh["closer_than_unseen"] < 0.8
    assert fresh["label_accuracy"] == 1


def test_pairs_are_compared_and_said(found):
    pair = next(pair for pair in found.comparisons if pair.name == "other person")
    assert pair.other == "perfect"
    assert pair.verdict("transfer", "headline") == "worse"
    assert pair.verdict("transfer", "identity_distance") == "worse"
    assert pair.verdict("transfer", "target_hit") == "not told apart"
    assert pair.verdict("generation", "closer_than_unseen") is None
    assert any("other person does not beat perfect" in said for said in found.sentences)


def test_results_are_json_and_text(found):
    record = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert record["protocol"].startswith("fer_keras-evaluation")
    assert record["judges"]["hashes"]["face_recognition"] == "1" * 64
    assert record["setting"]["sources"] == 35 and record["setting"]["edits"] == 210
    text = evaluation_text(found)
    assert "headline ↑" in text and "other person − perfect" in text


def test_nothing_depends_on_when_it_is_measured(evaluator, found):
    again = evaluator.measure(PerfectTransfer())
    for section, scores in again.scores.items():
        for name, score in scores.items():
            known = entry(found, "perfect").scores[section][name]
            np.testing.assert_array_equal(score.draws, known.draws)


def test_a_judge_that_is_blind_to_an_emotion_is_not_held_against_a_model(splits):
    judges = JudgeSet({"a": StripeJudge(), "b": StripeJudge(blind_to=2)}, PersonJudge())
    evaluator = Evaluator(
        judges, splits["test"], splits["train"], faces_per_class=10, resamples=20
    )
    measured = evaluator.measure(PerfectTransfer())
    assert estimates(measured)["target_hit"] == pytest.approx(6 / 7)
    assert estimates(measured)["relative_hit"] == pytest.approx(1)
    assert estimates(measured, "hits")["a"] == pytest.approx(1)
    accuracy = evaluator.judges_on_real_faces()["accuracy"]
    assert accuracy["a"] == 1 and accuracy["b"] == pytest.approx(6 / 7)


def test_ferplus_labels_count_where_they_are_given(judges, splits):
    images, labels = splits["test"]
    # Every face looks like its label; FER+ agrees but for ten that have none.
    ferplus = np.where(np.arange(70) < 10, -1, labels)
    evaluator = Evaluator(
        judges,
        splits["test"],
        splits["train"],
        faces_per_class=10,
        resamples=20,
        ferplus=ferplus,
    )
    scores = estimates(evaluator.measure(PerfectTransfer()), "hits")
    assert scores["all, by FER+"] == pytest.approx(1)
    found = evaluator.judges_on_real_faces()
    assert found["accuracy_ferplus"]["all agree and are right"] == 1


def test_one_grimace_for_everybody_is_no_real_face(judges):
    images, labels = striped_faces(1400, seed=3)
    noise = np.random.default_rng(0).integers(-90, 91, (1400, 1, 14, 1))
    varied = (images + noise).clip(0, 255).astype("uint8")

    class VariedTransfer(PerfectTransfer):
        """Its stripes vary as those of real faces do."""

        def edit(self, images, labels):
            random = np.random.default_rng(1)
            shifts = random.integers(-90, 91, (len(images), 7, 1, 14, 1))
            return (super().edit(images, labels) + shifts).clip(0, 255).astype("uint8")

    train = striped_faces(140, seed=100)
    evaluator = Evaluator(judges, (varied, labels), train, 350, 10, resamples=20)
    stamped, real = (
        evaluator.measure(candidate()).scores["likeness"]
        for candidate in (PerfectTransfer, VariedTransfer)
    )
    assert len(stamped) == 2 + 7
    for name in ("edits_kernel", "edits_frechet"):
        assert stamped[name].estimate > 2 * abs(real[name].estimate)
    emotions = [stamped[name].estimate for name in list(stamped)[2:]]
    assert stamped["edits_kernel"].estimate == pytest.approx(np.mean(emotions))


def test_drawn_faces_are_compared_with_the_truth(judges, splits):
    images, _ = splits["test"]
    truth = PerfectTransfer().edit(images, None)
    options = {"faces_per_class": 10, "resamples": 20, "sources": 21}
    evaluator = Evaluator(
        judges, *splits.values(), truth_of=truth.__getitem__, **options
    )
    scores = estimates(evaluator.measure(PerfectTransfer()), "truth")
    assert scores["truth_mean_squared_error"] == 0
    assert scores["truth_structural_similarity"] == pytest.approx(1)
    other = PerfectTransfer().edit(striped_faces(70, seed=9)[0], None)
    evaluator = Evaluator(
        judges, *splits.values(), truth_of=other.__getitem__, **options
    )
    with pytest.raises(ValueError, match="other persons"):
        evaluator.measure(PerfectTransfer())


def test_shown_edits_go_from_the_best_to_the_worst(evaluator):
    class Fading(PerfectTransfer):
        def edit(self, images, labels):
            faded = images // np.arange(1, 8)[labels][:, None, None, None]
            return super().edit(faded, labels)

    record = evaluator.measure(Fading()).edits
    shown = best_median_and_worst(
        Fading(), evaluator.real, evaluator.rows, record, wanted=5
    )
    assert list(shown) == ["best", "median", "worst"]
    middle = np.median(record.of_edits(record.distances))
    assert shown["best"].distances.max() < middle < shown["worst"].distances.min()
    for edits in shown.values():
        assert (np.diff(edits.distances) >= 0).all()
        assert (edits.from_labels != edits.to_labels).all()


def test_wrong_edits_wrong_faces_and_missing_classes_are_refused(
    evaluator, judges, splits
):
    class Wrong(PerfectTransfer):
        def edit(self, images, labels):
            return super().edit(images, labels)[:, :6]

        def generate(self, labels, random):
            return super().generate(labels, random) / 255

    with pytest.raises(ValueError, match="expected the faces in 7 emotions"):
        evaluator.measure(Wrong())
    wrong = Wrong()
    wrong.edits = False
    with pytest.raises(ValueError, match="expected 70 faces, uint8"):
        evaluator.measure(wrong)
    images, labels = splits["test"]
    kept = labels != 3
    with pytest.raises(ValueError, match=r"no face of class \[3\]"):
        Evaluator(judges, (images[kept], labels[kept]), splits["train"])
    with pytest.raises(ValueError, match="know 7 classes, the split holds class 7"):
        Evaluator(judges, (images[:8], np.arange(8)), splits["train"])
    with pytest.raises(ValueError, match="same classes"):
        JudgeSet({}, PersonJudge())


def test_the_sample_of_sources_is_fixed_and_has_every_emotion():
    labels = np.random.default_rng(0).integers(7, size=3589)
    rows = fixed_sample(labels, 500)
    assert len(np.unique(rows)) == 500 and (np.diff(rows) > 0).all()
    shares = np.bincount(labels[rows]) / 500 - np.bincount(labels) / 3589
    assert np.abs(shares).max() < 0.003
    np.testing.assert_array_equal(fixed_sample(labels, 0), np.arange(3589))
