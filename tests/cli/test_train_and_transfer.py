"""`fer-keras train` and `transfer`, used as their users would, on drawn faces."""

import json

import numpy as np
import pytest
from PIL import Image

from fer_keras.cli.main import main
from fer_keras.images import write_png
from fer_keras.synthetic_faces import dataset_arrays

TINY = (
    "--width 2 --limit 70 --batch-size 35 --epochs 1 --encoder-epochs 1 --seed 3"
).split()


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    often = ["--sample-every", "1", "--export-every", "1"]
    assert main(["train", "--run", str(folder), *TINY, *often]) == 0
    return folder


@pytest.fixture
def picture(tmp_path):
    return write_png(tmp_path / "face.png", dataset_arrays(1, seed=9)[0][0], zoom=3)


def test_a_run_leaves_what_its_folder_promises(run_folder):
    record = json.loads((run_folder / "run.json").read_text())
    assert record["options"]["width"] == 2
    assert record["options"]["seed"] == 3
    assert record["versions"]["keras"].startswith("3.")
    assert sorted((run_folder / "samples").glob("*.png"))
    assert sorted((run_folder / "transfers" / "inverter").glob("*.png"))
    assert (run_folder / "models" / "gan.keras").is_file()
    assert (run_folder / "models" / "inverter.keras").is_file()
    assert (run_folder / "export" / "final" / "saved_model.pb").is_file()
    assert list((run_folder / "logs").rglob("events.out.tfevents.*"))
    for phase in ("gan", "inverter"):
        header, *rows = (run_folder / f"{phase}.csv").read_text().splitlines()
        assert "loss" in header
        assert len(rows) == 1


def test_a_folder_in_use_is_not_touched(run_folder, capsys):
    before = sorted(path.stat().st_mtime_ns for path in run_folder.rglob("*"))
    assert main(["train", "--run", str(run_folder), *TINY]) == 1
    assert "--resume" in capsys.readouterr().err
    assert before == sorted(path.stat().st_mtime_ns for path in run_folder.rglob("*"))


def test_a_resumed_run_may_not_change_what_it_is(run_folder, capsys):
    assert main(["train", "--resume", str(run_folder), "--width", "4"]) == 1
    assert "width 2, not 4" in capsys.readouterr().err


def test_a_finished_run_is_not_trained_again(run_folder, capsys):
    model = run_folder / "models" / "gan.keras"
    before = model.stat().st_mtime_ns
    assert main(["train", "--resume", str(run_folder)]) == 0
    assert model.stat().st_mtime_ns == before


def test_g_is_not_trained_on_under_a_finished_e(run_folder, capsys):
    assert main(["train", "--resume", str(run_folder), "--epochs", "2"]) == 1
    assert "E was trained to fit G and D" in capsys.readouterr().err


def test_an_encoder_alone(run_folder, tmp_path):
    arguments = ["train", "--phase", "encoder", "--gan", str(run_folder)]
    arguments += ["--run", str(tmp_path / "encoder"), "--objective", "both", *TINY]
    assert main(arguments) == 0
    assert (tmp_path / "encoder" / "models" / "inverter.keras").is_file()
    assert not (tmp_path / "encoder" / "models" / "gan.keras").exists()


def test_transfer_to_one_emotion(run_folder, picture, tmp_path):
    arguments = ["transfer", str(picture), "--model", str(run_folder)]
    arguments += ["--emotion", "Happy", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    with Image.open(tmp_path / "out" / "face.png") as image:
        assert image.size == (192, 192)


def test_transfer_to_a_mixture_lies_between(run_folder, picture, tmp_path):
    pictures = {}
    for emotion in ("happy", "sad", "happy=0.5,sad=0.5"):
        out = tmp_path / emotion
        arguments = ["transfer", str(picture), "--model", str(run_folder)]
        assert main([*arguments, "--emotion", emotion, "--out", str(out)]) == 0
        with Image.open(out / "face.png") as image:
            pictures[emotion] = np.asarray(image, float)
    mixed = pictures["happy=0.5,sad=0.5"]
    ends = (pictures["happy"] + pictures["sad"]) / 2
    apart = np.abs(pictures["happy"] - pictures["sad"]).mean()
    assert np.abs(mixed - ends).mean() <= apart


def test_transfer_overwrites_nothing_unasked(run_folder, picture, tmp_path, capsys):
    arguments = ["transfer", str(picture), "--model", str(run_folder)]
    arguments += ["--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def test_two_pictures_of_one_name_do_not_share_a_file(run_folder, picture, tmp_path):
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "face.png"
    other.write_bytes(picture.read_bytes())
    arguments = ["transfer", str(picture), str(other), "--model", str(run_folder)]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["face-2.png", "face.png"]


def test_a_bad_picture_does_not_stop_the_others(run_folder, picture, tmp_path, capsys):
    (tmp_path / "bad.png").write_text("no picture")
    arguments = ["transfer", str(tmp_path / "bad.png"), str(picture)]
    arguments += ["--model", str(run_folder), "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert "bad.png" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["face.png"]


def test_an_unknown_emotion_is_named(run_folder, picture, tmp_path, capsys):
    arguments = ["transfer", str(picture), "--model", str(run_folder)]
    assert main([*arguments, "--emotion", "hapy", "--out", str(tmp_path / "o")]) == 1
    error = capsys.readouterr().err
    assert "hapy" in error
    assert "surprise" in error


def test_a_longer_run_goes_on_where_it_ended(tmp_path):
    folder = tmp_path / "longer"
    arguments = ["train", "--phase", "gan", "--run", str(folder), *TINY]
    assert main(arguments) == 0
    assert main(["train", "--resume", str(folder), "--epochs", "3"]) == 0
    rows = (folder / "gan.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3"]
    record = json.loads((folder / "run.json").read_text())
    assert record["options"]["epochs"] == 3
    assert record["ended"] >= record["started"]
    (sitting,) = record["resumed"]
    assert sitting["ended"] >= sitting["started"]

    whole = tmp_path / "whole"
    arguments[arguments.index(str(folder))] = str(whole)
    assert main([*arguments, "--epochs", "3"]) == 0
    assert (whole / "gan.csv").read_text().splitlines()[1:] == rows


def test_a_run_that_is_not_finished_is_not_packed(run_folder, tmp_path, capsys):
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "run.json").write_text((run_folder / "run.json").read_text())
    assert main(["pack", str(tmp_path / "begun"), "--out", str(tmp_path / "x")]) == 1
    assert "is not finished" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
