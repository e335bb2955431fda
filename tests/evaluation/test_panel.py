import numpy as np
import pytest

from fer_keras.evaluation import JudgePanel
from tests.evaluation.conftest import PersonJudge, StripeJudge, striped_faces


def _panel(**options):
    judges = {"first": StripeJudge("a" * 64), "second": StripeJudge("b" * 64)}
    return JudgePanel(judges, PersonJudge("c" * 64), **options), judges


def test_says_what_the_judges_say_whatever_the_batch():
    images, labels = striped_faces(20)
    panel, judges = _panel(batch_size=7)
    seen = panel.observe(images)
    assert seen.predictions.shape == (2, 20)
    assert (seen.predictions == labels).all()
    expected = judges["first"].predict(images)
    np.testing.assert_array_equal(seen.probabilities[0], expected.probabilities)
    np.testing.assert_array_equal(seen.emotion_features, expected.features)
    np.testing.assert_array_equal(seen.identity_features, PersonJudge().predict(images))


def test_names_and_hashes_of_all_judges_are_known():
    panel, _ = _panel()
    assert panel.names == ("first", "second")
    assert panel.hashes == {
        "first": "a" * 64,
        "second": "b" * 64,
        "identity": "c" * 64,
    }


def test_an_image_that_occurs_again_is_not_looked_at_again():
    images, _ = striped_faces(5)
    panel, judges = _panel()
    twice = panel.observe(np.concatenate([images, images[::-1]]))
    assert judges["first"].seen == 5
    panel.observe(images)
    assert judges["first"].seen == 5
    np.testing.assert_array_equal(
        twice.emotion_features[:5], twice.emotion_features[:4:-1]
    )


def test_memory_is_bounded_and_what_is_forgotten_is_looked_at_again():
    images, _ = striped_faces(12)
    panel, judges = _panel(memory=8)
    panel.observe(images[:6])
    later = panel.observe(images[6:])
    panel.observe(images[6:])
    assert judges["first"].seen == 12
    again = panel.observe(images[:6])
    assert judges["first"].seen == 18
    direct = judges["first"].predict(images)
    np.testing.assert_array_equal(again.emotion_features, direct.features[:6])
    np.testing.assert_array_equal(later.emotion_features, direct.features[6:])


def test_more_images_in_a_call_than_are_remembered():
    images, labels = striped_faces(30)
    panel, _ = _panel(memory=4, batch_size=3)
    assert (panel.observe(images).predictions == labels).all()


def test_other_images_and_other_judges_are_refused():
    panel, _ = _panel()
    with pytest.raises(ValueError, match=r"\(22, 14, 1\), got \(8, 8, 1\)"):
        panel.observe(np.zeros((2, 8, 8, 1), "uint8"))
    with pytest.raises(ValueError, match="uint8"):
        panel.observe(np.zeros((2, 22, 14, 1)))
    with pytest.raises(ValueError, match="one emotion classifier or more"):
        JudgePanel({}, PersonJudge())
    other = StripeJudge()
    other.image_shape = (48, 48, 1)
    with pytest.raises(ValueError, match="same images"):
        JudgePanel({"first": StripeJudge(), "other": other}, PersonJudge())
