"""`fer-keras train` on drawn faces: what it writes, refuses, and goes on from."""

import json
import shutil

import pytest

from fer_keras.cli.main import main
from fer_keras.config import PHASES

TINY = "--width 2 --latent-dim 4 --limit 35 --batch-size 35 --seed 3".split()


def said(arguments, capsys):
    """Returns the one line of a command that is refused."""
    assert main(["train", *arguments]) == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_a_run_leaves_what_its_folder_promises(plus_folder):
    record = json.loads((plus_folder / "run.json").read_text())
    assert record["options"]["width"] == 2
    # Of the recipe, where nothing was given.
    assert record["options"]["kernel_size"] == 4
    assert record["versions"]["keras"].startswith("3.")
    assert record["ended"] >= record["started"]
    assert sorted((plus_folder / "samples").glob("*.png"))
    for phase in PHASES:
        assert (plus_folder / "models" / f"{phase}.keras").is_file()
        assert list((plus_folder / "logs" / phase).rglob("events.out.tfevents.*"))
        header, *rows = (plus_folder / f"{phase}.csv").read_text().splitlines()
        assert "loss" in header
        assert len(rows) == 1
    for phase in PHASES[1:]:
        assert sorted((plus_folder / "transfers" / phase).glob("*.png"))
    assert (plus_folder / "export" / "final" / "saved_model.pb").is_file()


def test_a_folder_in_use_is_not_touched(plus_folder, capsys):
    before = sorted(path.stat().st_mtime_ns for path in plus_folder.rglob("*"))
    assert "--resume" in said(["--run", str(plus_folder), *TINY], capsys)
    assert before == sorted(path.stat().st_mtime_ns for path in plus_folder.rglob("*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--width", "4"], "width 2, not 4"),
        (["--phase", "gan"], "phase 'all', not 'gan'"),
        (["--start", "plus"], "start None, not 'plus'"),
        (["--recipe", "paper"], "--recipe is for a new run"),
        (["--run", "other"], "not both"),
        (["--epochs", "2"], "E was trained to fit G and D"),
        (["--encoder-epochs", "2"], "joint fine-tuning was trained to fit E"),
        # Its learning rate has fallen to 0 over the one epoch that was asked for.
        (["--joint-epochs", "2"], "cannot be made longer"),
    ],
)
def test_a_resumed_run_stays_what_it_is(plus_folder, options, message, capsys):
    before = (plus_folder / "run.json").read_text()
    assert message in said(["--resume", str(plus_folder), *options], capsys)
    assert (plus_folder / "run.json").read_text() == before


def test_g_is_not_trained_on_under_an_e_in_its_first_epoch(
    plus_folder, tmp_path, capsys
):
    stopped = shutil.copytree(plus_folder, tmp_path / "stopped")
    (stopped / "encoder.csv").unlink()
    (stopped / "models" / "encoder.keras").unlink()
    message = said(["--resume", str(stopped), "--epochs", "2"], capsys)
    assert "Start a new run" in message


def test_a_finished_run_is_not_trained_again(plus_folder):
    model = plus_folder / "models" / "gan.keras"
    before = model.stat().st_mtime_ns
    assert main(["train", "--resume", str(plus_folder)]) == 0
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
        (["--anchor-weight", "nan"], "anchor_weight must be at least 0, got nan"),
        (["--batch-size", "0"], "batch_size must be above 0"),
        (["--beta-1", "1"], "beta_1 must be below 1"),
        (["--phase", "encoder"], "--start PATH goes with"),
        (["--start", "plus"], "--start PATH goes with"),
        (["--phase", "joint", "--start", "plus"], "needs --joint-epochs above 0"),
        (["--phase", "encoder", "--start", "absent"], "no trained GAN"),
        (
            ["--phase", "joint", "--joint-epochs", "1", "--start", "absent"],
            "neither a run that has trained E nor a preset",
        ),
    ],
)
def test_options_that_do_not_fit_are_one_line(options, message, tmp_path, capsys):
    folder = tmp_path / "run"
    assert message in said(["--run", str(folder), *TINY, *options], capsys)
    assert not folder.exists()
