"""Every form in which a user may say an emotion, and every form that is refused."""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.emotions import (
    EMOTIONS,
    class_names,
    emotion_id,
    emotion_weights,
    one_hot,
)

HAPPY = [0, 0, 0, 1, 0, 0, 0]
SAD = [0, 0, 0, 0, 1, 0, 0]


def test_order_is_the_papers():
    assert EMOTIONS == (
        "angry",
        "disgust",
        "fear",
        "happy",
        "sad",
        "surprise",
        "neutral",
    )


@pytest.mark.parametrize(
    ("emotion", "expected"),
    [
        ("happy", 3),
        ("  Happy\n", 3),
        ("HAPPINESS", 3),
        ("surprised", 5),
        ("anger", 0),
        ("disgusted", 1),
        ("fearful", 2),
        ("sadness", 4),
        ("6", 6),
        (0, 0),
        (np.int64(6), 6),
        (np.uint8(2), 2),
    ],
)
def test_name_or_id(emotion, expected):
    found = emotion_id(emotion)
    assert found == expected and type(found) is int


@pytest.mark.parametrize(
    ("emotion", "message"),
    [
        ("glad", "Unknown emotion 'glad': expected one of angry, disgust"),
        ("", "Unknown emotion ''"),
        ("-1", "Unknown emotion '-1'"),
        ("7", "Emotion id 7 is out of range: expected 0 to 6"),
        (7, "Emotion id 7 is out of range: expected 0 to 6"),
        (-1, "Emotion id -1 is out of range"),
        (True, "name or id, got True"),
        (3.0, "name or id, got 3.0"),
        (None, "name or id, got None"),
        (b"happy", "name or id, got b'happy'"),
    ],
)
def test_unknown_emotion(emotion, message):
    with pytest.raises(ValueError, match=message):
        emotion_id(emotion)


def test_one_hot():
    row = one_hot("happy")
    assert row.dtype == np.float32
    np.testing.assert_array_equal(row, HAPPY)


def test_names_of_other_numbers_of_classes():
    assert class_names(7) == EMOTIONS
    assert class_names(3) == ("0", "1", "2")
    assert emotion_id("2", class_names(3)) == 2
    with pytest.raises(ValueError, match="expected 0 to 2"):
        emotion_id(3, class_names(3))


@pytest.mark.parametrize(
    "emotion",
    [
        "happy",
        3,
        np.int32(3),
        np.array(3),
        np.str_("happy"),
        {"happy": 2.0},
        {3: np.float32(0.5)},
        {"happy": 1, "happiness": 1, "sad": 0},
        tf.constant(3),
    ],
)
def test_one_emotion_for_the_whole_batch(emotion):
    weights = emotion_weights(emotion, 2)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, [HAPPY, HAPPY])


@pytest.mark.parametrize(
    "emotions",
    [
        ["happy", "sad"],
        ("happy", 4),
        [3, {"sad": 9}],
        np.array([3, 4]),
        np.array(["happy", "sad"]),
        np.array([HAPPY, SAD]),
        np.array([HAPPY, SAD], "float64"),
        tf.constant([3, 4], tf.int64),
        tf.constant([HAPPY, SAD], tf.float32),
        (name for name in ("happy", "sad")),
    ],
)
def test_one_emotion_per_image(emotions):
    weights = emotion_weights(emotions, 2)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, [HAPPY, SAD])


def test_mixture_is_divided_by_its_sum():
    mixed = emotion_weights({"happy": 3, "surprise": 1}, 1)
    np.testing.assert_allclose(mixed, [[0, 0, 0, 0.75, 0, 0.25, 0]])


def test_array_of_weights_is_taken_as_it_is():
    exaggerated = np.array([[0, 0, 0, 1.5, 0, 0, -0.5]])
    np.testing.assert_array_equal(emotion_weights(exaggerated, 1), exaggerated)


def test_no_images():
    assert emotion_weights([], 0).shape == (0, 7)
    assert emotion_weights("happy", 0).shape == (0, 7)


@pytest.mark.parametrize(
    ("emotion", "message"),
    [
        (["happy"], r"one emotion per image \(2\), got 1"),
        (np.array([0, 1, 2]), r"one emotion per image \(2\), got 3"),
        (None, "an emotion as a name, an id.*got None"),
        (3.5, "an emotion as a name, an id.*got 3.5"),
        (np.array([0.6, 0.4]), "name or id, got 0.6"),
        (["happy", None], "name or id, got None"),
        (["happy", "glad"], "Unknown emotion 'glad'"),
        ({}, "sum to 0"),
        ({"happy": 0.0}, "sum to 0"),
        ({"happy": -1, "sad": 2}, "weight of 'happy' is -1"),
        ({"happy": float("nan")}, "weight of 'happy' is nan"),
        ({"happy": float("inf")}, "weight of 'happy' is inf"),
        ({"happy": "much"}, "weight of 'happy' is 'much'"),
        ({"happy": None}, "weight of 'happy' is None"),
        ({"glad": 1}, "Unknown emotion 'glad'"),
        (np.ones((2, 3)), r"shape \(2, 7\), got float64 of shape \(2, 3\)"),
        (np.ones((3, 7)), r"shape \(2, 7\), got float64 of shape \(3, 7\)"),
        (np.full((2, 7), "happy"), r"shape \(2, 7\), got <U5"),
        (np.full((2, 7), np.nan), "NaN"),
        (np.ones((2, 1, 7)), "name or id"),
    ],
)
def test_refused_emotions(emotion, message):
    with pytest.raises(ValueError, match=message):
        emotion_weights(emotion, 2)


def test_classes_may_have_any_names():
    names = class_names(2, ["Smiling", "not smiling"])
    assert names == ("Smiling", "not smiling")
    assert emotion_id("smiling", names) == 0 and emotion_id("Not Smiling ", names) == 1
    assert emotion_id("1", ("1", "2")) == 0
    for wrong in (["a"], ["a", "A"], ["a", "b", "c"]):
        with pytest.raises(ValueError, match="Expected 2 different class names, got a"):
            class_names(2, wrong)
