"""The judges that nobody here trained give what independent implementations give.

`check_values.npz` holds eight drawn faces and the answers of both networks.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_keras.judges import load_judge
from fer_keras.shipped_models import shipped_model

SHIPPED = shipped_model("judges")


@pytest.fixture(scope="module")
def check_values():
    with np.load(Path(__file__).with_name("check_values.npz")) as values:
        return dict(values)


@pytest.fixture(scope="module")
def identity_judge():
    return load_judge("face_recognition")


def test_the_face_recognition_network_equals_the_independent_one(
    identity_judge, check_values
):
    embeddings = identity_judge.embed(check_values["faces"], batch_size=5)
    np.testing.assert_allclose(embeddings, check_values["face_recognition"], atol=1e-3)


def test_mini_xception_equals_the_independent_one(check_values):
    judgement = load_judge("mini_xception").predict(check_values["faces"])
    np.testing.assert_allclose(
        judgement.probabilities, check_values["mini_xception"], atol=1e-3
    )


def test_float_and_colour_faces_are_the_same_faces(identity_judge, check_values):
    grey = check_values["faces"][:2]
    expected = identity_judge.embed(grey)
    for faces in (grey / 127.5 - 1.0, np.repeat(grey, 3, axis=-1)):
        np.testing.assert_allclose(identity_judge.embed(faces), expected, atol=1e-5)


def test_faces_of_another_size_and_none_at_all(identity_judge):
    assert identity_judge.embed(np.zeros((1, 96, 64, 1), "uint8")).shape == (1, 128)
    assert identity_judge.embed(np.zeros((0, 48, 48, 1), "uint8")).shape == (0, 128)


def test_a_judge_whose_weights_were_changed_is_refused(tmp_path):
    shutil.copy(SHIPPED / "face_recognition.json", tmp_path)
    with pytest.raises(ValueError, match="face_recognition.npz is missing"):
        load_judge("face_recognition", tmp_path)
    (tmp_path / "face_recognition.npz").write_bytes(b"other weights")
    with pytest.raises(ValueError, match="not the judge of its card"):
        load_judge("face_recognition", tmp_path)


@pytest.mark.parametrize("name", ["face_recognition", "mini_xception"])
def test_outside_judges_name_their_source_and_ship_their_licence(name):
    card = json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
    assert card["source"] and card["trained_by"] and "MIT" in card["licence"]
    assert "MIT License" in (SHIPPED / f"{name}.LICENSE.txt").read_text("utf-8")
