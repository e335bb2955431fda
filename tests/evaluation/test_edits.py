import tracemalloc

import numpy as np
import pytest

from fer_keras.evaluation import Candidate, JudgePanel
from fer_keras.evaluation.edits import record_edits
from fer_keras.evaluation.inversion import EXACT_COPY_DECIBELS, score_inversion
from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.metrics import (
    feature_cosine,
    mean_squared_error,
    mouth_and_brows,
    peak_signal_to_noise_ratio,
    rank_k,
    structural_similarity,
    transfer_pairs,
)
from tests.evaluation.conftest import (
    SHAPE,
    PerfectTransfer,
    PersonJudge,
    StripeJudge,
    striped_faces,
)


class _Noisy(PerfectTransfer):
    """A perfect transfer behind noise that follows from the face."""

    def __init__(self):
        super().__init__("noisy")
        self.largest_batch = 0

    def edit(self, images, labels):
        self.largest_batch = max(self.largest_batch, len(images))
        edited = super().edit(images, labels).astype("int64")
        for face in edited:
            noise = np.random.default_rng(int(face[0, 0, 0, 0]))
            face += noise.integers(-60, 61, face.shape)
        return edited.clip(0, 255).astype("uint8")


@pytest.fixture
def real(panel):
    return RealFaces.seen_by(panel, *striped_faces(40, seed=5))


def test_the_record_is_what_the_metrics_say(panel, real):
    noisy = _Noisy()
    record = record_edits(noisy, real, panel, batch_size=16)
    edited = noisy.edit(real.images, real.labels)
    rows, targets = transfer_pairs(real.labels)
    flat = edited[rows, targets]
    seen = panel.observe(flat)
    np.testing.assert_array_equal(
        record.of_edits(record.predictions[0]).ravel(), seen.predictions[0]
    )
    first = record.of_edits(record.ranks <= 1).mean()
    assert first == rank_k(seen.identity_features, real.identity_features, rows)
    np.testing.assert_allclose(
        record.of_edits(record.outside_similarity).ravel(),
        structural_similarity(real.images[rows], flat, ~mouth_and_brows(*SHAPE[:2])),
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        record.of_edits(record.identity_cosines).ravel(),
        feature_cosine(seen.identity_features, real.identity_features[rows]),
        rtol=1e-5,
    )
    probabilities = seen.probabilities.mean(axis=0)[np.arange(len(rows)), targets]
    np.testing.assert_allclose(
        record.of_edits(record.target_probabilities).ravel(), probabilities, rtol=1e-6
    )


def test_batches_change_nothing_and_none_is_larger(panel, real):
    noisy = _Noisy()
    whole = record_edits(noisy, real, panel, batch_size=64)
    noisy.largest_batch = 0
    small = record_edits(noisy, real, panel, batch_size=7)
    assert noisy.largest_batch == 7
    for name, values in vars(whole).items():
        np.testing.assert_allclose(getattr(small, name), values, rtol=1e-6)


def test_some_rows_are_searched_for_among_all_faces(panel, real):
    rows = np.array([3, 30, 17])
    record = record_edits(PerfectTransfer(), real, panel, rows)
    assert record.labels.tolist() == real.labels[rows].tolist()
    assert (record.ranks == 1).all()


def test_the_record_holds_numbers_and_no_images(panel, real):
    record = record_edits(PerfectTransfer(), real, panel)
    size = sum(values.nbytes for values in vars(record).values())
    assert size < len(real) * 7 * 40 < real.images.nbytes * 7


def test_memory_does_not_grow_with_the_number_of_faces():
    panel = JudgePanel({"one": StripeJudge()}, PersonJudge(), memory=100)
    real = RealFaces.seen_by(panel, *striped_faces(256, seed=5))
    peaks = []
    for count in (64, 256):
        tracemalloc.start()
        record_edits(PerfectTransfer(), real, panel, np.arange(count), batch_size=16)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 192 more faces with seven edits each, whose pixels alone are 414 kB.
    assert peaks[1] - peaks[0] < 100_000


def test_inversion_is_what_the_metrics_say(panel, real):
    noisy = _Noisy()
    rebuilt = noisy.edit(real.images, real.labels)[np.arange(len(real)), real.labels]
    scores = score_inversion(record_edits(noisy, real, panel), resamples=5)
    features = panel.observe(rebuilt).emotion_features
    expected = {
        "mean_squared_error": mean_squared_error(real.images, rebuilt),
        "peak_signal_to_noise_ratio": peak_signal_to_noise_ratio(real.images, rebuilt),
        "structural_similarity": structural_similarity(real.images, rebuilt),
        "feature_cosine": feature_cosine(real.emotion_features, features),
    }
    for name, values in expected.items():
        assert scores[name].estimate == pytest.approx(values.mean(), rel=1e-5)


def test_an_exact_copy_has_a_finite_ratio(panel, real):
    record = record_edits(PerfectTransfer(), real, panel)
    scores = score_inversion(record, resamples=5)
    assert scores["peak_signal_to_noise_ratio"].estimate == EXACT_COPY_DECIBELS
    assert scores["mean_squared_error"].estimate == 0
    one_level = 10 * np.log10(255**2 * 48 * 48)
    assert one_level < EXACT_COPY_DECIBELS


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        (np.zeros((40, 6, *SHAPE), "uint8"), "in 7 emotions"),
        (np.zeros((40, 7, *SHAPE)), "uint8"),
    ],
)
def test_what_no_transfer_returns_is_refused(panel, real, edited, said):
    class Wrong(Candidate):
        def edit(self, images, labels):
            return edited

    with pytest.raises(ValueError, match=said):
        record_edits(Wrong("wrong"), real, panel)


def test_real_faces_and_their_rates_by_hand(panel):
    images, labels = striped_faces(14)
    wrong = labels.copy()
    wrong[[0, 3]] = (wrong[[0, 3]] + 1) % 7
    real = RealFaces.seen_by(panel, images, wrong)
    assert real.recognised.sum() == 12
    # Label 1 is said of rows 0, 1 and 8, label 4 of 3, 4 and 11.
    expected = [1, 2 / 3, 1, 1, 2 / 3, 1, 1]
    np.testing.assert_allclose(real.hit_rates, expected)


def test_a_split_without_a_class_is_refused(panel):
    images, labels = striped_faces(5)
    with pytest.raises(ValueError, match="no face of class 5, 6"):
        RealFaces.seen_by(panel, images, labels)
