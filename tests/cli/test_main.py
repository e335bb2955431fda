"""The command's frame: what a user sees before any TensorFlow is imported."""

import os
import subprocess
import sys

import pytest

from fer_keras.cli.main import COMMANDS, main


def test_without_a_command_it_tells_what_there_is(capsys):
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in COMMANDS)


def test_a_misspelt_command_is_one_line_with_a_hint(capsys):
    assert main(["trian"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Did you mean train?" in error


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"fer-keras {command}" in capsys.readouterr().out


def test_help_does_not_wait_for_tensorflow():
    code = (
        "import sys; from fer_keras.cli.main import main; main([]);"
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["transfer", "me.png", "--model", "absent"], "absent' is neither"),
        (["train"], "--run"),
        (["train", "--resume", "absent"], "no run.json"),
        (["tune", "--run", "r", "--search", "beta_1=0.9..0.1"], "the lower one first"),
    ],
)
def test_errors_are_one_line_and_say_what_to_do(
    arguments, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(f"fer-keras {arguments[0]}: ")
    assert message in error
    assert not list(tmp_path.iterdir())


def test_a_terminal_that_lacks_a_character_does_not_stop_a_command():
    answer = subprocess.run(
        [sys.executable, "-m", "fer_keras.cli.main", "tr\u00e4in"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 1
    assert "no command 'tr\\xe4in'" in answer.stderr
