"""`fer-keras pack`, and trainings that go on from what was packed or trained."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from fer_keras import ConditionalDCGAN
from fer_keras.cli.main import main
from fer_keras.cli.trained_models import load_networks_from


def packed_runs(folder):
    return json.loads(Path(folder, "card.json").read_text())["runs"]


@pytest.fixture(scope="module")
def packed(joint_folder, tmp_path_factory):
    """The run, packed with what can be said of it; and what says it."""
    folder = tmp_path_factory.mktemp("packed")
    about, scores = folder / "about.json", folder / "evaluation.json"
    about.write_text('{"limits": "drawn faces"}')
    scores.write_text(
        '{"protocol": "p", "setting": {}, "judges": {"hashes": {}},'
        ' "entries": [{"name": "small", "scores": {"transfer": 1}}]}'
    )
    out = folder / "small"
    more = ["--about", str(about), "--scores", str(scores)]
    assert main(["pack", str(joint_folder), "--out", str(out), *more]) == 0
    return out


def test_a_run_is_packed_with_its_card_and_used(packed, tmp_path, picture):
    card = json.loads((packed / "card.json").read_text())
    assert card["limits"] == "drawn faces"
    assert card["scores"]["estimates"] == {"transfer": 1}
    (run,) = card["runs"]
    assert run["options"]["joint_epochs"] == 1
    assert "gan" not in card
    assert str(packed.parent) not in (packed / "card.json").read_text()
    to = str(tmp_path / "faces")
    assert (
        main(["transfer", "--crop", str(picture), "--model", str(packed), "--out", to])
        == 0
    )
    with Image.open(tmp_path / "faces" / "face.png") as made:
        assert made.size[0] > made.size[1]


def test_what_is_not_finished_or_not_scored_is_not_packed(
    joint_folder, packed, tmp_path, capsys
):
    (tmp_path / "begun").mkdir()
    shutil.copy(joint_folder / "run.json", tmp_path / "begun")
    assert main(["pack", str(tmp_path / "begun"), "--out", str(tmp_path / "x")]) == 1
    assert "is not finished" in capsys.readouterr().err
    scores = ["--scores", str(packed.parent / "about.json")]
    out = ["--out", str(tmp_path / "x")]
    assert main(["pack", str(joint_folder), *out, *scores]) == 1
    assert "no row 'x'" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_joint_training_goes_on_from_a_preset(packed, joint_options, tmp_path):
    more, out = tmp_path / "more", tmp_path / "out"
    arguments = ["--start", str(packed), *joint_options, "--joint-teacher-epochs", "0"]
    assert main(["train", "--run", str(more), *arguments]) == 0
    assert main(["pack", str(more), "--out", str(out)]) == 0
    *earlier, last = packed_runs(out)
    assert earlier == packed_runs(packed)
    assert (last["options"]["phase"], last["options"]["start"]) == ("joint", "small")


def test_a_joint_training_goes_on_with_its_teacher_and_head(joint_folder):
    networks, earlier = load_networks_from(joint_folder)
    joint = keras.saving.load_model(joint_folder / "models" / "joint.keras")
    # Of E and G their averages.
    for name, network in joint.inference_networks.items():
        assert_same_weights(networks[name], network)
    assert_same_weights(networks["discriminator"], joint.discriminator)
    for name in ("teacher", "edit_head"):
        assert_same_weights(earlier[name], getattr(joint, name))


def test_an_e_alone_is_packed_with_its_gan(run_folder, tmp_path):
    encoder, out = tmp_path / "encoder", tmp_path / "out"
    options = "--limit 70 --batch-size 35 --encoder-epochs 1".split()
    arguments = ["--phase", "encoder", "--start", str(run_folder), *options]
    assert main(["train", "--run", str(encoder), *arguments]) == 0
    assert [path.name for path in (encoder / "models").iterdir()] == ["encoder.keras"]
    networks, earlier = load_networks_from(encoder)
    inverter = keras.saving.load_model(encoder / "models" / "encoder.keras")
    gan = keras.saving.load_model(run_folder / "models" / "gan.keras")
    assert_same_weights(networks["encoder"], inverter.encoder)
    assert_same_weights(networks["generator"], gan.drawing_generator)
    assert_same_weights(networks["discriminator"], gan.discriminator)
    assert not earlier
    assert main(["pack", str(encoder), "--out", str(out)]) == 0
    phases = [run["options"]["phase"] for run in packed_runs(out)]
    assert phases == ["all", "encoder"]
    assert ConditionalDCGAN.from_preset(out).latent_dim == 4


def assert_same_weights(found, expected):
    for mine, theirs in zip(found.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
