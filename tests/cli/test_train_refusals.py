"""What `fer-keras train` refuses before anything is trained or written."""

import json
import shutil

import pytest

from fer_keras.cli.main import main

TINY = "--width 2 --latent-dim 4 --limit 35 --batch-size 35 --seed 3".split()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classifier-weight", "1"], "--projection"),
        (["--recipe", "plus", "--no-projection"], "--projection"),
        (["--recipe", "plus", "--conditional-encoder"], "sees the face alone"),
        (["--anchor-weight", "nan"], "--anchor-weight must be 0 or more, got nan"),
        (["--phase", "finish", "--start", "plus"], "needs --finish-epochs above 0"),
    ],
)
def test_options_that_exclude_each_other(options, message, tmp_path, capsys):
    folder = tmp_path / "run"
    assert main(["train", "--run", str(folder), *TINY, *options]) == 1
    assert message in capsys.readouterr().err
    assert not folder.exists()


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    arguments = ["--epochs", "1", "--encoder-epochs", "1", *TINY]
    assert main(["train", "--run", str(folder), *arguments]) == 0
    return folder


@pytest.mark.parametrize("option", ["--phase=gan", "--start=plus", "--gan=other"])
def test_a_resumed_run_has_its_own_phase(run_folder, option, capsys):
    assert main(["train", "--resume", str(run_folder), option]) == 1
    name = option.partition("=")[0]
    assert f"{name} is for a new run" in capsys.readouterr().err


def test_g_is_not_trained_on_under_an_e_in_its_first_epoch(
    run_folder, tmp_path, capsys
):
    stopped = shutil.copytree(run_folder, tmp_path / "stopped")
    (stopped / "inverter.csv").unlink()
    (stopped / "models" / "inverter.keras").unlink()
    before = json.loads((stopped / "run.json").read_text())
    assert main(["train", "--resume", str(stopped), "--epochs", "2"]) == 1
    assert "Start a new run" in capsys.readouterr().err
    assert json.loads((stopped / "run.json").read_text()) == before


def test_a_phase_of_no_epochs_is_resumed(run_folder, tmp_path):
    folder = tmp_path / "none"
    arguments = ["--epochs", "0", "--encoder-epochs", "0", *TINY]
    assert main(["train", "--run", str(folder), *arguments]) == 0
    assert main(["train", "--resume", str(folder)]) == 0
