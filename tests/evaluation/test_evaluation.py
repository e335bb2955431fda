import json

import numpy as np
import pytest

from fer_keras.evaluation import (
    Evaluator,
    JudgePanel,
    MeasurementStore,
    evaluate,
)
from fer_keras.evaluation import evaluation as protocol
from fer_keras.evaluation.published_comparison import PublishedFaces
from fer_keras.evaluation.report import report_page
from fer_keras.evaluation.resampling import ResampledScore
from fer_keras.evaluation.result import compare
from fer_keras.evaluation.showcase import best_and_worst, edit_quality, sample_rows
from fer_keras.evaluation.text_tables import evaluation_text, section_text
from fer_keras.metrics import bootstrap_difference
from fer_keras.paper_figures import curves_figure
from tests.evaluation.conftest import (
    PerfectTransfer,
    PersonJudge,
    StripeJudge,
    striped_faces,
)


class _Forgetful(PerfectTransfer):
    """Gives every source the first one's face."""

    def edit(self, images, labels):
        return super().edit(np.stack([images[0]] * len(images)), labels)


class _Published(PerfectTransfer):
    """Stands for the published pictures: eight faces and their transfers."""

    kind = "published"

    def __init__(self):
        super().__init__("published")
        self.kind = "published"
        self.images, self.labels = striped_faces(8, seed=77)

    def record_generation(self, panel):
        from fer_keras.evaluation.generated_faces import record_generation

        return record_generation(self, panel, faces_per_class=2)


@pytest.fixture(scope="module")
def found():
    panel = JudgePanel({"first": StripeJudge(), "second": StripeJudge()}, PersonJudge())
    evaluator = Evaluator(
        panel,
        striped_faces(70, seed=102),
        striped_faces(140, seed=100),
        striped_faces(70, seed=101),
        faces_per_class=10,
        resamples=50,
    )
    models = [PerfectTransfer(), _Forgetful("<forgetful>")]
    return evaluate(evaluator, models, _Published(), setting={"title": "A & B"})


def _entry(found, name):
    (entry,) = (entry for entry in found.entries if entry.name.startswith(name))
    return entry


def test_controls_stand_before_the_models(found):
    assert [entry.name.split(",")[0] for entry in found.entries] == [
        "unchanged face",
        "class mean",
        "blend",
        "PCA",
        "random z",
        "random z",
        "published",
        "perfect",
        "<forgetful>",
    ]
    kinds = [entry.kind for entry in found.entries]
    assert kinds == ["control"] * 6 + ["published"] + ["model"] * 2


def test_every_row_has_every_score_that_it_can_have(found):
    for entry in found.entries:
        sections = {"inversion", "transfer"}
        if not entry.name.startswith("random z"):
            sections.add("generation")
        assert set(entry.scores) == sections
    # Two faces of each emotion against ten: no Fréchet distance to compare.
    assert "frechet_distance" not in _entry(found, "published").scores["generation"]
    assert "frechet_distance" in _entry(found, "class mean").scores["generation"]


def test_the_encoder_s_control_has_the_generator_s_emotions_and_nobody_s_face(found):
    scores = _entry(found, "random z, perfect").scores["transfer"]
    assert scores["target_hit"].estimate == 1
    assert scores["rank_1"].estimate < 0.05


def test_models_are_compared_with_the_first_and_with_their_controls(found):
    pairs = [(pair.name, pair.other.split(",")[0]) for pair in found.comparisons]
    assert pairs == [
        ("<forgetful>", "perfect"),
        ("perfect", "blend"),
        ("perfect", "PCA"),
        ("<forgetful>", "blend"),
        ("<forgetful>", "PCA"),
    ]


def test_differences_are_paired_over_the_faces(found):
    first, second = _entry(found, "<forgetful>"), _entry(found, "perfect")
    difference = compare(first, second).differences["transfer"]["rank_1"].interval
    values = [entry.edits.of_edits(entry.edits.ranks <= 1) for entry in (first, second)]
    assert difference == pytest.approx(bootstrap_difference(*values, resamples=50))


def test_verdicts_know_which_way_is_better(found):
    pair = compare(_entry(found, "<forgetful>"), _entry(found, "perfect"))
    assert pair.verdict("transfer", "headline") == "worse"
    assert pair.verdict("inversion", "mean_squared_error") == "worse"
    other = compare(_entry(found, "perfect"), _entry(found, "<forgetful>"))
    assert other.verdict("inversion", "mean_squared_error") == "better"
    same = compare(_entry(found, "perfect"), _entry(found, "perfect"))
    assert same.verdict("transfer", "headline") == "not told apart"
    assert same.verdict("truth", "truth_mean_squared_error") is None


def test_a_model_that_does_not_beat_the_blend_is_said_not_to(found):
    said = [text for text in found.sentences if text.startswith("<forgetful>")]
    assert len(said) == 3
    assert said[0].startswith("<forgetful> does not beat blend, ")
    assert "in the transfer" in said[0] and "paired difference -" in said[0]
    assert said[1].startswith("<forgetful> does not beat, nor lose to, PCA, 3 comp")
    assert "in the transfer" in said[1]
    assert said[2].startswith("<forgetful> does not beat, nor lose to, PCA, 3 comp")
    assert "in the inversion (SSIM)" in said[2]
    perfect = [text for text in found.sentences if text.startswith("perfect")]
    assert perfect[1].startswith("perfect beats PCA, 3 components")


def test_judges_that_do_not_know_such_faces_are_said_not_to(splits):
    blind = StripeJudge(confused=[(e, 0) for e in range(1, 7)])
    panel = JudgePanel({"first": StripeJudge(), "blind": blind}, PersonJudge())
    evaluator = Evaluator(
        panel, splits["test"], splits["train"], faces_per_class=10, resamples=10
    )
    found = evaluate(evaluator, [PerfectTransfer()])
    assert found.sentences[0].startswith("The judges recognise only 0.143")


def test_judges_are_described(found):
    judges = found.judges
    assert judges["accuracy"] == {"first": 1.0, "second": 1.0}
    assert judges["all_agree"] == 1.0
    assert judges["all_agree_by_class"] == [1.0] * 7
    assert judges["hashes"]["identity"] == "1" * 64
    # Persons are drawn without a look at the emotion.
    assert judges["emotion_probe"] < 0.35
    assert judges["commonest_class"] == pytest.approx(1 / 7)


def test_everybody_is_measured_on_the_published_faces_too(found):
    names = [entry.name.split(",")[0] for entry in found.same_faces]
    assert names[:4] == ["published", "unchanged face", "class mean", "blend"]
    assert names[-2:] == ["perfect", "<forgetful>"]
    assert [pair.other for pair in found.same_faces_comparisons] == ["published"] * 2
    assert all(
        len(e.scores["transfer"]["rank_1"].draws) == 50 for e in found.same_faces
    )


def test_published_sources_are_searched_for_among_all_faces(evaluator):
    published = _Published()
    faces = PublishedFaces(evaluator, published)
    assert faces.entry(published).scores["transfer"]["rank_1"].estimate == 1
    # With another gallery face equal to a source, a tie counts against it.
    images, labels = evaluator.real.images.copy(), evaluator.real.labels
    images[:1] = published.images[:1]
    again = Evaluator(
        evaluator.panel,
        (images, labels),
        striped_faces(140, seed=100),
        faces_per_class=10,
        resamples=10,
    )
    entry = PublishedFaces(again, published).entry(published)
    assert entry.scores["transfer"]["rank_1"].estimate == pytest.approx(7 / 8)


def test_json_is_strict_and_holds_protocol_hashes_and_intervals(found):
    text = json.dumps(found.as_json(), allow_nan=False)
    read = json.loads(text)
    assert read["protocol"].startswith("fer_keras-evaluation-")
    assert read["judges"]["hashes"]["first"] == "0" * 64
    score = read["entries"][-2]["scores"]["transfer"]["rank_1"]
    assert score == {"estimate": 1.0, "low": 1.0, "high": 1.0}
    verdict = read["comparisons"][0]["differences"]["transfer"]["rank_1"]["verdict"]
    assert verdict == "worse"
    assert len(read["blend_search"]["weights"]) == 6


def test_the_text_shows_the_controls_in_every_table(found):
    text = evaluation_text(found)
    tables = [section_text(name, found.entries) for name in ("generation", "transfer")]
    for table in tables:
        assert table in text
        for name in ("unchanged face", "class mean", "blend", "PCA", "published"):
            assert name in table
    assert section_text("truth", found.entries) is None
    assert "does not beat" in text


def test_the_page_needs_nothing_but_itself(found):
    png = curves_figure({"loss": [3.0, 2.0], "val_loss": [3.0, 2.5], "psnr": [1, 2]})
    page = report_page(found, {"perfect": [(png, "Curves of <it>.")]})
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>A &amp; B</title>" in page
    assert "Curves of &lt;it&gt;." in page
    assert "&lt;forgetful&gt;" in page and "<forgetful>" not in page
    assert page.count('src="data:image/png;base64,') == page.count("src=") == 3
    assert "href" not in page and "<script" not in page and "@import" not in page
    # Two judges' matrices and one of transfers for each of two models.
    assert page.count('class="matrix"') == 6


def test_controls_are_measured_once_with_a_store(tmp_path, splits):
    def run():
        judge = StripeJudge()
        panel = JudgePanel({"first": judge}, PersonJudge())
        evaluator = Evaluator(
            panel,
            splits["test"],
            splits["train"],
            splits["validation"],
            faces_per_class=10,
            resamples=10,
            store=MeasurementStore(tmp_path),
        )
        found = evaluate(evaluator, [PerfectTransfer()])
        return judge.seen, json.dumps(found.as_json())

    first, again = run(), run()
    assert again[1] == first[1]
    # The model's generated faces and its edits, but no face of a control.
    assert again[0] <= 70 + 70 * 7
    assert first[0] > 2 * again[0]


def test_other_judges_do_not_get_another_judges_measurements(tmp_path, splits):
    rates = []
    for judge in (StripeJudge("a" * 64), StripeJudge("b" * 64, confused=[(0, 1)])):
        evaluator = Evaluator(
            JudgePanel({"judge": judge}, PersonJudge()),
            splits["test"],
            splits["train"],
            resamples=10,
            store=MeasurementStore(tmp_path),
        )
        rates.append(evaluator.real.hit_rates.tolist())
    assert rates == [[1.0] * 7, [0.0] + [1.0] * 6]


def test_judges_without_a_hash_are_not_taken_for_each_other(tmp_path, splits):
    for judge, rate in ((StripeJudge(None), 1.0), (StripeJudge(None, [(0, 1)]), 0.0)):
        evaluator = Evaluator(
            JudgePanel({"judge": judge}, PersonJudge()),
            splits["test"],
            splits["train"],
            resamples=10,
            store=MeasurementStore(tmp_path),
        )
        assert evaluator.real.hit_rates[0] == rate


def test_the_costly_score_is_added_to_every_row_that_generates(evaluator, monkeypatch):
    def score(candidate, real, faces_per_class):
        assert faces_per_class == 10
        return {"test_on_real_accuracy": ResampledScore(0.5, np.full(50, 0.5))}

    monkeypatch.setattr(protocol, "score_train_on_generated", score)
    found = evaluate(evaluator, [PerfectTransfer()], train_on_generated=True)
    table = section_text("train_on_generated", found.entries)
    assert table.count("0.500") == 5 and "random z" not in table


def test_best_and_worst_edits(evaluator):
    class Half(PerfectTransfer):
        def edit(self, images, labels):
            edited = super().edit(images, labels)
            edited[:, 4:] = edited[:, :1]
            return edited

    candidate = Half()
    entry = evaluator.measure(candidate)
    quality = edit_quality(entry.edits)
    own = entry.edits.labels[:, None] == np.arange(7)
    assert np.isneginf(quality[own]).all() and np.isfinite(quality[~own]).all()
    best, worst = best_and_worst(candidate, evaluator.real, entry.edits, wanted=5)
    assert best.sources.shape == best.edited.shape == (5, 22, 14, 1)
    assert (best.from_labels != best.to_labels).all()
    assert (worst.from_labels != worst.to_labels).all()
    assert len({face.tobytes() for face in worst.sources}) == 5
    # Emotions 4 to 6 come out as 0, which nobody asked for.
    assert (worst.to_labels >= 4).all() and (best.to_labels < 4).all()


def test_a_sample_is_spread_evenly():
    assert sample_rows(6, 3).tolist() == [0, 2, 4]
    assert sample_rows(2, 64).tolist() == [0, 1]
