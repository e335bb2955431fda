import json

import pytest

from fer_keras.cli.main import main
from fer_keras.judges.shipped import load_identity_judge, load_judge


@pytest.mark.parametrize(
    ("architecture", "load"),
    [("vgg", load_judge), ("identity", load_identity_judge)],
)
def test_one_command_makes_a_judge_with_its_card(architecture, load, tmp_path, capsys):
    arguments = ["--data", "synthetic", "--limit", "42", "--epochs", "1"]
    arguments += ["--architecture", architecture, "--out", str(tmp_path)]
    assert main(["train", "classifier", *arguments]) == 0
    judge = load(architecture, tmp_path)
    assert f"--architecture {architecture} --epochs 1" in judge.card["command"]
    assert str(tmp_path) not in judge.card["command"]
    printed = capsys.readouterr().out
    printed = json.loads(printed[printed.index("{\n") :])
    assert printed == judge.card["scores"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "absent"], "absent"),
        (["--data", "synthetic", "--epochs", "-1"], "--epochs must be 1 or more"),
    ],
)
def test_errors_are_one_line(arguments, message, capsys, tmp_path):
    assert main(["train", "classifier", *arguments, "--out", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
