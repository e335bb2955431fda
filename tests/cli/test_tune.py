"""`fer-keras tune`, used as its users would, on drawn faces."""

import dataclasses
import json
import os
import shlex
import socket
import subprocess
import sys

import pytest

from fer_keras.cli.main import main
from fer_keras.cli.search_options import parsed_range
from fer_keras.cli.tune import training_command
from fer_keras.config import RECIPES

TINY = (
    "--width 2 --latent-dim 4 --trial-epochs 1 --limit 14 --batch-size 14 "
    "--validation-limit 14 --algorithm random"
).split()


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search of one trial, of E for a G that never was trained."""
    folder = tmp_path_factory.mktemp("runs")
    train = ["train", "--phase", "gan", "--epochs", "0", "--run", str(folder / "gan")]
    assert main([*train, *TINY[:4]]) == 0
    arguments = ["encoder", "--start", str(folder / "gan"), *TINY, "--trials", "1"]
    assert main(["tune", "--run", str(folder / "search"), *arguments]) == 0
    return folder / "search"


def test_a_search_leaves_its_logs_and_is_made_longer(searched, capsys):
    record = json.loads((searched / "run.json").read_text())
    assert record["search"]["trials"] == 1
    assert list((searched / "logs").rglob("events.out.tfevents.*"))
    assert main(["tune", "--resume", str(searched), "--trials", "2"]) == 0
    printed = capsys.readouterr().out
    assert "Trial 1 summary" in printed
    assert "Running Trial #1" not in printed and "Running Trial #2" in printed
    command = shlex.split(printed.splitlines()[-1])
    assert command[:2] == ["fer-keras", "train"]
    assert {"--learning-rate", "--beta-1", "--start"} <= set(command)
    # With nothing left to do, the summary again.
    assert main(["tune", "--resume", str(searched), "--trials", "2"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "SEARCH"], "--resume"),
        (["--resume", "SEARCH", "--width", "4"], "width 2, not 4"),
        (["--resume", "SEARCH", "--repeats", "4"], "repeats 1, not 4"),
        (["--resume", "SEARCH", "--run", "other"], "not both"),
        (["--resume", "nowhere"], "no run.json"),
        ([], "--run"),
        (["encoder", "--run", "r"], "needs --start"),
        (["encoder", "--run", "r", "--start", "nowhere"], "no trained GAN"),
        (["--run", "r", "--trials", "0"], "trials must be above 0"),
        (["--run", "r", "--search", "beta_1"], "expected NAME="),
        (["--run", "r", "--search", "beta_1=0..0.9:log"], "above 0"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(
    arguments, message, searched, tmp_path, monkeypatch, capsys
):
    before = sorted(path.stat().st_mtime_ns for path in searched.rglob("*"))
    monkeypatch.chdir(tmp_path)
    arguments = [str(searched) if word == "SEARCH" else word for word in arguments]
    assert main(["tune", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not list(tmp_path.iterdir())
    assert before == sorted(path.stat().st_mtime_ns for path in searched.rglob("*"))


def test_what_a_search_may_not_be_leaves_its_name_free(tmp_path, capsys):
    arguments = ["--run", str(tmp_path / "r"), *TINY]
    assert main(["tune", *arguments, "--objective", "val_generator_loss"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "does not rank models" in error and "val_kernel_distance" in error
    assert not (tmp_path / "r").exists()


def test_ranges_are_read():
    assert parsed_range("a=1e-5..0.5:log") == ("a", (1e-5, 0.5, "log"))
    assert parsed_range("a=1..3") == ("a", (1, 3, "linear"))
    assert parsed_range("a=image,both") == ("a", ["image", "both"])
    assert parsed_range("a=1,2.5") == ("a", [1, 2.5])
    assert parsed_range("a=True,False") == ("a", [True, False])


def test_the_printed_command_trains_with_what_differs_from_the_recipe():
    best = dataclasses.replace(
        RECIPES["plus"], data="a b", augment=False, balance=0.25, beta_1=0.25
    )
    assert training_command("plus", best) == (
        "fer-keras train --run runs/NAME --recipe plus --data 'a b' --balance 0.25 "
        "--no-augment --beta-1 0.25"
    )


@pytest.mark.slow
def test_a_chief_and_two_workers_share_the_trials(tmp_path):
    folder = tmp_path / "search"
    command = [sys.executable, "-m", "fer_keras.cli.main", "tune"]
    command += ["--run", str(folder), *TINY, "--trials", "4"]
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    names = ("chief", "worker1", "worker2")
    processes = [
        subprocess.Popen(
            command,
            env={
                **os.environ,
                "KERASTUNER_ORACLE_IP": "127.0.0.1",
                "KERASTUNER_ORACLE_PORT": str(port),
                "KERASTUNER_TUNER_ID": name,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    try:
        printed = [process.communicate(timeout=500) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0, 0], printed
    assert "Trial 3 summary" in printed[0][0]
