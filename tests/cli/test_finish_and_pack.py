"""The recipe with a finish, and what is built on a run: packed, gone on from."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from fer_keras.cli.main import main
from fer_keras.cli.recipes import RECIPES
from fer_keras.cli.run_models import trained_networks
from fer_keras.images import write_png
from fer_keras.synthetic_faces import dataset_arrays

PLUS = (
    "--recipe plus --width 2 --latent-dim 4 --limit 70 --batch-size 35 --epochs 1 "
    "--encoder-epochs 1 --finish-epochs 1 --finish-batch-size 35 --seed 3"
).split()


@pytest.fixture
def picture(tmp_path):
    return write_png(tmp_path / "face.png", dataset_arrays(1, seed=9)[0][0], zoom=3)


@pytest.fixture(scope="module")
def plus_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "plus"
    assert main(["train", "--run", str(folder), *PLUS]) == 0
    return folder


def test_a_recipe_fills_in_what_is_not_given(plus_folder):
    options = json.loads((plus_folder / "run.json").read_text())["options"]
    assert (options["width"], options["kernel_size"]) == (
        2,
        RECIPES["plus"]["kernel_size"],
    )
    assert options["projection"] is True
    assert (plus_folder / "models" / "joint.keras").is_file()
    for phase in ("inverter", "joint"):
        assert sorted((plus_folder / "transfers" / phase).glob("*.png"))
    assert len((plus_folder / "joint.csv").read_text().splitlines()) == 2


def test_a_phase_that_others_were_built_on_is_not_trained_on(plus_folder, capsys):
    before = (plus_folder / "run.json").read_text()
    for longer in ("--epochs", "--encoder-epochs"):
        assert main(["train", "--resume", str(plus_folder), longer, "2"]) == 1
        assert "Start a new run" in capsys.readouterr().err
    # Its learning rate has fallen to 0 over the one epoch that was asked for.
    longer = ["train", "--resume", str(plus_folder), "--finish-epochs", "2"]
    assert main(longer) == 1
    assert "cannot be made longer" in capsys.readouterr().err
    assert (plus_folder / "run.json").read_text() == before
    assert main(["train", "--resume", str(plus_folder), "--recipe", "paper"]) == 1
    assert "--recipe is for a new run" in capsys.readouterr().err


def packed_runs(folder):
    return json.loads(Path(folder, "card.json").read_text())["runs"]


def test_a_run_is_packed_with_its_card_and_used(plus_folder, tmp_path, picture, capsys):
    about, scores = tmp_path / "about.json", tmp_path / "evaluation.json"
    about.write_text('{"limits": "drawn faces"}')
    scores.write_text(
        '{"protocol": "p", "setting": {}, "judges": {"hashes": {}},'
        ' "entries": [{"name": "small", "scores": {"transfer": 1}}]}'
    )
    out = tmp_path / "small"
    extra = ["--about", str(about), "--scores", str(scores)]
    assert main(["pack", str(plus_folder), "--out", str(out), *extra]) == 0
    card = json.loads((out / "card.json").read_text())
    assert card["limits"] == "drawn faces"
    assert card["scores"]["estimates"] == {"transfer": 1}
    (run,) = card["runs"]
    assert run["options"]["finish_epochs"] == 1
    assert str(tmp_path) not in (out / "card.json").read_text()
    to = str(tmp_path / "faces")
    assert main(["transfer", str(picture), "--model", str(out), "--out", to]) == 0
    with Image.open(tmp_path / "faces" / "face.png") as made:
        assert made.size[0] > made.size[1]
    capsys.readouterr()
    assert (
        main(["pack", str(plus_folder), "--out", str(out), "--scores", str(about)]) == 1
    )
    assert "no row 'small'" in capsys.readouterr().err


def test_a_finish_goes_on_from_a_run_and_from_a_preset_and_is_packed(
    plus_folder, tmp_path, capsys
):
    more = ["--phase", "finish", "--start", str(plus_folder), "--seed", "4", *PLUS[:-2]]
    assert main(["train", "--run", str(tmp_path / "more"), *more]) == 0
    out = str(tmp_path / "packed")
    assert main(["pack", str(tmp_path / "more"), "--out", out]) == 0
    runs = packed_runs(out)
    assert [run["options"]["phase"] for run in runs] == ["both", "finish"]
    assert runs[1]["options"]["start"] == "plus"
    more[3] = out
    assert main(["train", "--run", str(tmp_path / "again"), *more]) == 0
    assert (tmp_path / "again" / "export" / "final" / "saved_model.pb").is_file()
    longer = str(tmp_path / "longer")
    assert main(["pack", str(tmp_path / "again"), "--out", longer]) == 0
    *earlier, last = packed_runs(longer)
    assert earlier == runs
    assert (last["options"]["phase"], last["options"]["start"]) == ("finish", "packed")
    capsys.readouterr()
    for wrong, said in (
        (["--phase", "finish"], "--start PATH goes with"),
        (["--start", out], "--start PATH goes with"),
        (["--phase", "finish", "--start", out], "--finish-epochs above 0"),
        (["--phase", "finish", "--start", str(tmp_path)], "neither a run that has"),
    ):
        epochs = ["--finish-epochs", "1"] if str(tmp_path) in wrong else []
        assert main(["train", "--run", str(tmp_path / "w"), *wrong, *epochs]) == 1
        assert said in capsys.readouterr().err
        assert not (tmp_path / "w").exists()


def test_a_finish_goes_on_from_a_run_of_e_alone(plus_folder, tmp_path):
    encoder, more, out = (tmp_path / name for name in ("encoder", "more", "out"))
    from_gan = ["--phase", "encoder", "--gan", str(plus_folder), *PLUS]
    from_gan += ["--finish-epochs", "0"]
    assert main(["train", "--run", str(encoder), *from_gan]) == 0
    assert [path.name for path in (encoder / "models").iterdir()] == ["inverter.keras"]
    found_encoder, generator, discriminator, critic = trained_networks(encoder)
    inverter = keras.saving.load_model(encoder / "models" / "inverter.keras")
    gan = keras.saving.load_model(plus_folder / "models" / "gan.keras")
    assert_same_weights(found_encoder, inverter.encoder)
    assert_same_weights(generator, gan.drawing_generator)
    assert_same_weights(discriminator, gan.discriminator)
    assert critic is None

    from_encoder = ["--phase", "finish", "--start", str(encoder), *PLUS]
    assert main(["train", "--run", str(more), *from_encoder]) == 0
    assert main(["pack", str(more), "--out", str(out)]) == 0
    phases = [run["options"]["phase"] for run in packed_runs(out)]
    assert phases == ["both", "encoder", "finish"]


def assert_same_weights(found, expected):
    for mine, theirs in zip(found.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
