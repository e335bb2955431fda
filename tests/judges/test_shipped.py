import json

import numpy as np
import pytest

from fer_keras.data import load_arrays
from fer_keras.judge_cards import data_digest, identity_scores, report
from fer_keras.judges.shipped import (
    JUDGES,
    IdentityJudge,
    Judge,
    load_identity_judge,
    load_judge,
    sha256_of,
)
from fer_keras.networks.emotion_classifier import EmotionClassifier
from fer_keras.networks.identity_encoder import IdentityEncoder
from fer_keras.synthetic_faces import dataset_arrays


def faces(count, size=16):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, size, size, 1), dtype="uint8")


def saved(folder, network, name="mine"):
    network.save(folder / f"{name}.keras")
    card = {"sha256": sha256_of(folder / f"{name}.keras")}
    (folder / f"{name}.json").write_text(json.dumps(card))
    return card["sha256"]


def test_a_judge_is_the_mean_over_a_face_and_its_mirror_image():
    network = EmotionClassifier((16, 16, 1), seed=0)
    judgement = Judge(network).predict(faces(5))
    images = faces(5) / np.float32(127.5) - 1
    both = [network(view).numpy() for view in (images, images[:, :, ::-1])]
    odds = [np.exp(logits) for logits in both]
    shares = [part / part.sum(axis=1, keepdims=True) for part in odds]
    np.testing.assert_allclose(judgement.probabilities, sum(shares) / 2, atol=1e-5)
    mirrored = Judge(network).predict(faces(5)[:, :, ::-1])
    np.testing.assert_allclose(judgement.features, mirrored.features, atol=1e-5)
    assert judgement.features.shape == (5, 128)
    np.testing.assert_array_equal(judgement.labels, (sum(shares)).argmax(axis=1))


def test_uint8_float_and_the_size_of_batches_give_one_result():
    judge = Judge(EmotionClassifier((16, 16, 1), architecture="residual", seed=0))
    whole = judge.predict(faces(7))
    parts = judge.predict(faces(7) / 127.5 - 1, batch_size=3)
    np.testing.assert_allclose(whole.probabilities, parts.probabilities, atol=1e-5)
    np.testing.assert_allclose(whole.features, parts.features, atol=1e-4)


def test_no_faces_get_no_judgement():
    judgement = Judge(EmotionClassifier((16, 16, 1))).predict(faces(0))
    assert judgement.probabilities.shape == (0, 7)
    assert judgement.labels.shape == (0,)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 48, 48, 1), "uint8"), "16, 16, 1"),
        (np.full((1, 16, 16, 1), np.nan), "NaN"),
        (np.full((1, 16, 16, 1), 255.0), "pass uint8"),
    ],
)
def test_images_that_are_no_faces_are_refused(images, message):
    with pytest.raises(ValueError, match=message):
        Judge(EmotionClassifier((16, 16, 1))).predict(images)


def test_a_judge_is_loaded_with_its_hash(tmp_path):
    network = EmotionClassifier((16, 16, 1), seed=0)
    digest = saved(tmp_path, network)
    judge = load_judge("mine", tmp_path)
    assert judge.sha256 == digest
    np.testing.assert_array_equal(
        judge.predict(faces(3)).probabilities, Judge(network).predict(faces(3))[0]
    )


def test_a_changed_judge_is_refused(tmp_path):
    saved(tmp_path, EmotionClassifier((16, 16, 1), seed=0))
    EmotionClassifier((16, 16, 1), seed=1).save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match="not the judge of its card"):
        load_judge("mine", tmp_path)


def test_what_is_there_is_named_when_another_is_asked_for(tmp_path):
    saved(tmp_path, IdentityEncoder((16, 16, 1)), "mine")
    with pytest.raises(ValueError, match="There are: mine"):
        load_judge("other", tmp_path)
    with pytest.raises(ValueError, match="expected EmotionClassifier"):
        load_judge("mine", tmp_path)
    (tmp_path / "mine.json").write_text("[]")
    with pytest.raises(ValueError, match="not a judge's card"):
        load_identity_judge("mine", tmp_path)


def test_the_report_agrees_with_the_judge(tmp_path):
    network = EmotionClassifier(seed=0)
    network.save(tmp_path / "vgg.keras")
    split = dataset_arrays(21, seed=0)
    splits = dict.fromkeys(("train", "validation", "test"), split)
    card = json.loads(report(tmp_path / "vgg.keras", splits, "c", {}).read_text())
    predicted = load_judge("vgg", tmp_path).predict(split[0]).labels
    scores = card["scores"]["test"]
    assert scores["accuracy"] == pytest.approx((predicted == split[1]).mean(), abs=1e-4)
    matrix = np.array(scores["confusion_matrix"])
    for label, judged in zip(split[1], predicted, strict=True):
        matrix[label, judged] -= 1
    assert not matrix.any()
    assert card["data_sha256"]["test"] == data_digest(*split)


def test_digests_tell_values_apart_but_not_their_types():
    images, labels = faces(4), np.arange(4)
    assert data_digest(images, labels) == data_digest(images, labels.astype("int32"))
    assert data_digest(images, labels) != data_digest(images, labels[::-1])
    assert data_digest(images, labels) != data_digest(images[::-1], labels)


def test_an_encoder_of_pixels_finds_faces_and_one_of_nothing_does_not():
    split = dataset_arrays(30, seed=0)
    scores = identity_scores(IdentityJudge(IdentityEncoder(seed=0)), split, split)
    assert scores["rank_1_of_altered_faces"] <= scores["rank_10_of_altered_faces"]
    blind = IdentityEncoder(seed=0)
    blind.to_features.kernel.assign(np.zeros(blind.to_features.kernel.shape))
    blind.to_features.bias.assign(np.ones(128))
    blind_scores = identity_scores(IdentityJudge(blind), split, split)
    assert blind_scores["rank_10_of_altered_faces"] == 0


@pytest.mark.parametrize("name", JUDGES)
def test_the_shipped_classifiers_are_those_of_their_cards(name):
    judge = load_judge(name)
    probabilities, features = judge.predict(dataset_arrays(7, seed=0)[0])
    assert probabilities.shape == (7, 7) and features.shape == (7, 128)
    assert judge.card["scores"]["test"]["images"] == 3589
    assert judge.card["network"] == "EmotionClassifier"


def test_the_shipped_encoder_finds_drawn_faces_that_were_altered():
    split = dataset_arrays(60, seed=0)
    scores = identity_scores(load_identity_judge(), split, split)
    assert scores["rank_1_of_altered_faces"] > 0.5


@pytest.mark.fer2013
@pytest.mark.parametrize("name", JUDGES)
def test_shipped_classifiers_read_65_of_100_real_test_faces(name, fer2013_dir):
    images, labels = load_arrays(fer2013_dir, "test")
    judge = load_judge(name)
    share = (judge.predict(images).labels == labels).mean()
    assert share >= 0.65
    # The real archive may differ from ours in a few rows.
    assert share == pytest.approx(judge.card["scores"]["test"]["accuracy"], abs=0.005)
