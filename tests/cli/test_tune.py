"""`fer-keras tune`, used as its users would, on drawn faces."""

import argparse
import csv
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fer_keras.cli.main import main
from fer_keras.cli.searched_options import (
    fixed_options,
    training_command,
    usual_options,
)
from fer_keras.cli.tune_options import (
    add_search_options,
    complete,
    given,
    parsed_range,
    parsed_value,
)
from fer_keras.synthetic_faces import write_csv

TINY = (
    "--width 2 --set latent_dim=4 --epochs 1 --batch-size 10 --validation-limit 14 "
    "--algorithm random"
).split()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    return str(write_csv(path, {"Training": 20, "PublicTest": 21, "PrivateTest": 7}))


@pytest.fixture(scope="module")
def searched(data, tmp_path_factory):
    """A search of two trials, and what it printed."""
    folder = tmp_path_factory.mktemp("runs") / "search"
    answer = subprocess.run(
        [sys.executable, "-m", "fer_keras.cli.main", "tune"]
        + ["--data", data, "--run", str(folder), *TINY, "--trials", "2"]
        + ["--search", "generator_steps=1,2"],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    return folder, answer


def test_a_search_leaves_what_its_help_promises(searched, data):
    folder, answer = searched
    record = json.loads((folder / "run.json").read_text())
    assert record["options"]["search"] == ["generator_steps=1,2"]
    assert "keras-tuner" in record["versions"]
    with (folder / "trials.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["status"] for row in rows] == ["COMPLETED"] * 2
    assert float(rows[0]["learning_rate"]) == 2e-4
    assert (folder / "search.png").read_bytes().startswith(b"\x89PNG")
    assert len(list((folder / "logs").iterdir())) == 2
    lines = [line for line in answer.stderr.splitlines() if line.startswith("trial ")]
    assert [line.split(":")[0] for line in lines] == ["trial 1 of 2", "trial 2 of 2"]
    best = min(rows, key=lambda row: float(row["score"]))
    assert "val_kernel_distance" in answer.stdout
    command = answer.stdout.splitlines()[-1]
    assert command.startswith(
        f"fer-keras train --run runs/NAME --phase gan --data {data}"
    )
    assert "--width 2" in command and "--latent-dim 4" in command
    for name in ("learning_rate", "beta_1"):
        if best["trial"] != "1":
            flag = f"--{name.replace('_', '-')} {float(best[name]):.4g}"
            assert flag in command


def test_a_finished_search_made_longer_goes_on(searched, data, capsys):
    folder, _ = searched
    before = json.loads((folder / "trials.json").read_text())["trials"]
    arguments = ["--data", data, "--trials", "3"]
    assert main(["tune", "--resume", str(folder), *arguments]) == 0
    after = json.loads((folder / "trials.json").read_text())["trials"]
    assert after[: len(before)] == before
    assert len(after) == 3
    assert "trial 3 of 3" in capsys.readouterr().err
    # With nothing left to do, the table again.
    assert main(["tune", "--resume", str(folder)]) == 0
    assert capsys.readouterr().out.count("\n") >= 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "SEARCH"], "--resume"),
        (["--resume", "SEARCH", "--width", "4"], "width 2, not 4"),
        (["--resume", "SEARCH", "--run", "other"], "not both"),
        (["--resume", "nowhere"], "no run.json"),
        ([], "--run"),
        (["encoder", "--run", "r"], "--gan"),
        (["encoder", "--run", "r", "--gan", "g", "--width", "4"], "--width does not"),
        (["encoder", "--run", "r", "--gan", "nowhere"], "no trained GAN"),
        (["--run", "r", "--trials", "-1"], "--trials must be"),
        (["--run", "r", "--trials", "0"], "--trials must be 1 or more"),
        (["--run", "r", "--search", "beta_1"], "expected NAME="),
        (["--run", "r", "--search", "beta_1=0.9..0.1"], "the lower one first"),
        (["--run", "r", "--search", "beta_1=0..0.9:log"], "above 0"),
        (["--run", "r", "--set", "=3"], "expected NAME="),
    ],
)
def test_errors_are_one_line_and_leave_nothing(
    arguments, message, searched, tmp_path, monkeypatch, capsys
):
    folder, _ = searched
    before = sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))
    monkeypatch.chdir(tmp_path)
    arguments = [str(folder) if word == "SEARCH" else word for word in arguments]
    assert main(["tune", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not list(tmp_path.iterdir())
    assert before == sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))


def test_a_trial_that_fails_is_one_line(data, tmp_path, capsys):
    arguments = ["--data", data, "--run", str(tmp_path / "r"), *TINY, "--trials", "1"]
    arguments += ["--set", "learning_rate=1e38"]
    assert main(["tune", *arguments]) == 1
    error = capsys.readouterr().err
    assert "Traceback" not in error
    lines = error.splitlines()
    assert lines[-2].startswith("trial 1 of 1: failed: ")
    assert lines[-1].startswith("fer-keras tune: The search has ended: no trial was")


def test_a_loss_of_the_gan_is_refused(data, tmp_path, capsys):
    arguments = ["--data", data, "--run", str(tmp_path / "r"), *TINY]
    assert main(["tune", *arguments, "--objective", "val_generator_loss"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "does not rank models" in error and "val_kernel_distance" in error


def test_half_of_keras_tuners_variables_are_refused(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    assert main(["tune", "--run", str(tmp_path / "r")]) == 1
    assert "KERASTUNER_ORACLE_IP" in capsys.readouterr().err


def test_ranges_and_values_are_read():
    assert parsed_range("a=1e-5..0.5:log") == ("a", (1e-5, 0.5, "log"))
    assert parsed_range("a=1..3") == ("a", (1, 3, "linear"))
    assert parsed_range("a=image,both") == ("a", ["image", "both"])
    assert parsed_range("a=1,2.5") == ("a", [1, 2.5])
    assert parsed_range("a=True,False") == ("a", [True, False])
    assert parsed_value("a=None") == ("a", None)
    assert parsed_value("a=b=c") == ("a", "b=c")
    assert parsed_value("a=-0.5") == ("a", -0.5)


def _options(*arguments):
    """The complete options of a command."""
    parser = argparse.ArgumentParser()
    add_search_options(parser)
    return complete(given(parser.parse_args(arguments)))


def test_the_printed_command_trains_with_a_trials_values():
    options = {"model": "gan", "gan": None}
    options |= _options("--data", "d", "--recipe", "plus", "--set", "kernel_size=5")
    values = {"generator_learning_rate": 1e-3, "discriminator_learning_rate": 4e-4}
    values |= {"augment": True, "balance": 0.25, "tuner/epochs": 3}
    assert training_command(options, values) == (
        "fer-keras train --run runs/NAME --phase gan --recipe plus --data d "
        "--kernel-size 5 --balance 0.25 --discriminator-learning-rate 0.0004 "
        "--learning-rate 0.001"
    )
    assert training_command(options, {"augment": False}).endswith("--no-augment")
    values = {"learning_rate": 2e-4, "beta_1": 0.1, "generator_beta_2": 0.9}
    command, _, others = training_command(options, values).split("\n")
    assert command.endswith("--kernel-size 5 --beta-1 0.1")
    assert json.loads(others) == {"generator_beta_2": 0.9}
    # E's are named apart: a recipe may have its own for it.
    options |= {"model": "encoder", "gan": "runs/gan", "set": []}
    command = training_command(options, {"learning_rate": 1e-3, "beta_1": 0.9})
    assert command.endswith("--encoder-learning-rate 0.001 --encoder-beta-1 0.9")


def test_the_options_of_train_reach_the_models():
    import keras_tuner

    from fer_keras.cli.searched_models import SearchedGan, SearchedInverter

    class Scores:
        names = ()

    options = {"model": "gan", **_options("--recipe", "plus", "--width", "2")}
    fixed = fixed_options(options)
    assert fixed.pop("augment") is True
    hypermodel = SearchedGan(
        {"augment": [True, False], "discriminator_learning_rate": (1e-5, 1e-3, "log")},
        usual={**usual_options("plus"), "augment": False},
        scores=Scores(),
        **{**fixed, "latent_dim": 4, "average_decay": 0.0},
    )
    hp = keras_tuner.HyperParameters()
    gan = hypermodel.build(hp)
    # The first trial has what training would have.
    assert hp.values["augment"] is False
    assert hp.values["discriminator_learning_rate"] == 2e-4
    assert (gan.augmentation, gan.average_decay) == (None, None)
    assert gan.classifier and gan.projection and gan.conditioning == "normalization"
    hp.values["augment"] = True
    assert hypermodel.build(hp).augmentation is not None

    options = {"model": "encoder", **_options("--recipe", "plus")}
    fixed = {**fixed_options(options), "conditional_encoder": True}
    assert "latent_dim" not in fixed and fixed["balance"] == 0.5
    hypermodel = SearchedInverter(
        gan.generator,
        usual=usual_options("plus"),
        scores=Scores(),
        discriminator=gan.discriminator,
        **fixed,
    )
    inverter = hypermodel.build(keras_tuner.HyperParameters())
    assert inverter.conditional and inverter.feature_weight == 100.0


def test_a_chief_and_two_workers_share_the_trials(data, tmp_path):
    folder = tmp_path / "search"
    command = [sys.executable, __file__, str(tmp_path), "tune", "--data", data]
    command += ["--run", str(folder), *TINY, "--trials", "4"]
    environment = {
        **os.environ,
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": str(_free_port()),
    }
    processes = {
        name: subprocess.Popen(
            command,
            env={**environment, "KERASTUNER_TUNER_ID": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("worker1", "worker2", "chief")
    }
    try:
        printed = {
            name: process.communicate(timeout=500)
            for name, process in processes.items()
        }
    finally:
        for process in processes.values():
            process.kill()
    for name, process in processes.items():
        assert process.returncode == 0, (name, printed[name])
    rows = json.loads((folder / "trials.json").read_text())["trials"]
    assert [row["status"] for row in rows] == ["COMPLETED"] * 4
    assert {row["worker"] for row in rows} == {"worker1", "worker2"}
    # What the workers say they trained: each trial, once.
    trained = [
        rate
        for name in ("worker1", "worker2")
        for rate in (tmp_path / f"trained-by-{name}").read_text().split()
    ]
    rates = [repr(row["values"]["learning_rate"]) for row in rows]
    assert sorted(trained) == sorted(rates)
    assert len(set(trained)) == 4
    out, err = printed["chief"]
    assert "trial 4 of 4" in err and "fer-keras train" in out
    assert "No trials are left" in printed["worker1"][1]


def _free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def _run_in_company(folder):
    """Runs the command; no worker ends its first trial before the other has one."""
    from fer_keras.tuning import GanHyperModel

    name, train = os.environ["KERASTUNER_TUNER_ID"], GanHyperModel.fit

    def fit(self, hp, *arguments, **options):
        with (Path(folder) / f"trained-by-{name}").open("a") as file:
            print(repr(hp.values["learning_rate"]), file=file)
        until = time.monotonic() + 300
        while len(list(Path(folder).glob("trained-by-*"))) < 2:
            assert time.monotonic() < until, "the other worker gets no trial"
            time.sleep(0.1)
        return train(self, hp, *arguments, **options)

    GanHyperModel.fit = fit
    sys.exit(main(sys.argv[2:]))


if __name__ == "__main__":
    _run_in_company(sys.argv[1])
