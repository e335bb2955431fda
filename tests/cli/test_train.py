"""`fer-keras train` on drawn faces: what it writes, refuses, and goes on from."""

import json
import shutil

import keras
import numpy as np
import pytest

from fer_keras.cli.main import main

TINY = "--width 2 --latent-dim 4 --limit 35 --batch-size 35 --seed 3".split()


def said(arguments, capsys):
    """Returns the one line of a command that is refused."""
    assert main(["train", *arguments]) == 1
    return capsys.readouterr().err.splitlines()[-1]


def check_phase(folder, phase):
    assert (folder / "models" / f"{phase}.keras").is_file()
    assert list((folder / "logs" / phase).rglob("events.out.tfevents.*"))
    header, *rows = (folder / f"{phase}.csv").read_text().splitlines()
    assert header.startswith("epoch,")
    assert len(rows) == 1


def test_a_run_leaves_what_its_folder_promises(run_folder):
    record = json.loads((run_folder / "run.json").read_text())
    assert record["options"]["width"] == 2
    assert record["versions"]["keras"].startswith("3.")
    assert record["ended"] >= record["started"]
    assert sorted((run_folder / "samples").glob("*.png"))
    assert sorted((run_folder / "transfers" / "encoder").glob("*.png"))
    for phase in ("gan", "encoder"):
        check_phase(run_folder, phase)
    assert (run_folder / "export" / "final" / "saved_model.pb").is_file()


def test_a_joint_run_has_a_teacher_and_what_its_recipe_says(joint_folder):
    options = json.loads((joint_folder / "run.json").read_text())["options"]
    assert (options["phase"], options["kernel_size"]) == ("joint", 4)
    check_phase(joint_folder, "joint")
    joint = keras.saving.load_model(joint_folder / "models" / "joint.keras")
    teacher = keras.saving.load_model(joint_folder / "models" / "teacher.keras")
    for mine, theirs in zip(joint.teacher.weights, teacher.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert sorted((joint_folder / "transfers" / "joint").glob("*.png"))
    assert (joint_folder / "export" / "final" / "saved_model.pb").is_file()


def test_a_folder_in_use_is_not_touched(run_folder, capsys):
    before = sorted(path.stat().st_mtime_ns for path in run_folder.rglob("*"))
    assert "--resume" in said(["--run", str(run_folder), *TINY], capsys)
    assert before == sorted(path.stat().st_mtime_ns for path in run_folder.rglob("*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--width", "4"], "width 2, not 4"),
        (["--phase", "gan"], "phase 'all', not 'gan'"),
        (["--start", "plus"], "start None, not 'plus'"),
        (["--recipe", "paper"], "--recipe is for a new run"),
        (["--run", "other"], "not both"),
        (["--epochs", "2"], "E was trained to fit G"),
    ],
)
def test_a_resumed_run_stays_what_it_is(run_folder, options, message, capsys):
    before = (run_folder / "run.json").read_text()
    assert message in said(["--resume", str(run_folder), *options], capsys)
    assert (run_folder / "run.json").read_text() == before


def test_a_joint_run_whose_rate_has_fallen_is_not_made_longer(joint_folder, capsys):
    longer = ["--resume", str(joint_folder), "--joint-epochs", "2"]
    assert "cannot be made longer" in said(longer, capsys)


def test_g_is_not_trained_on_under_an_e_in_its_first_epoch(
    run_folder, tmp_path, capsys
):
    stopped = shutil.copytree(run_folder, tmp_path / "stopped")
    (stopped / "encoder.csv").unlink()
    (stopped / "models" / "encoder.keras").unlink()
    message = said(["--resume", str(stopped), "--epochs", "2"], capsys)
    assert "Start a new run" in message


def test_a_finished_run_is_not_trained_again(run_folder):
    model = run_folder / "models" / "gan.keras"
    before = model.stat().st_mtime_ns
    assert main(["train", "--resume", str(run_folder)]) == 0
    assert model.stat().st_mtime_ns == before


def test_a_longer_run_goes_on_where_it_ended(tmp_path):
    folder, whole = tmp_path / "longer", tmp_path / "whole"
    arguments = ["train", "--phase", "gan", *TINY, "--run"]
    assert main([*arguments, str(folder), "--epochs", "1"]) == 0
    assert main(["train", "--resume", str(folder), "--epochs", "3"]) == 0
    rows = (folder / "gan.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3"]
    record = json.loads((folder / "run.json").read_text())
    assert record["options"]["epochs"] == 3
    (again,) = record["resumed"]
    assert again["ended"] >= again["started"]

    assert main([*arguments, str(whole), "--epochs", "3"]) == 0
    assert (whole / "gan.csv").read_text().splitlines()[1:] == rows


def test_phases_of_no_epochs_are_resumed(tmp_path):
    folder = tmp_path / "none"
    arguments = ["--epochs", "0", "--encoder-epochs", "0", *TINY]
    assert main(["train", "--run", str(folder), *arguments]) == 0
    assert main(["train", "--resume", str(folder)]) == 0


def test_a_refused_run_leaves_its_name_free(tmp_path, capsys):
    folder = tmp_path / "run"
    arguments = ["--data", str(tmp_path / "absent.csv"), "--run", str(folder), *TINY]
    assert "absent.csv" in said(arguments, capsys)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classifier-weight", "1"], "--projection"),
        (["--recipe", "plus", "--no-projection"], "--projection"),
        (["--joint-change-weight", "nan"], "must be at least 0, got nan"),
        (["--batch-size", "0"], "batch_size must be above 0"),
        (["--beta-1", "1"], "beta_1 must be below 1"),
        (["--phase", "encoder"], "needs --start PATH"),
        (["--start", "plus"], "--start PATH goes with"),
        (["--phase", "encoder", "--start", "absent"], "no trained GAN"),
        (["--phase", "joint", "--start", "absent"], "neither a run that has trained E"),
    ],
)
def test_options_that_do_not_fit_are_one_line(options, message, tmp_path, capsys):
    folder = tmp_path / "run"
    assert message in said(["--run", str(folder), *TINY, *options], capsys)
    assert not folder.exists()
