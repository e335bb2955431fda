"""What a command says of the machine and of TensorFlow before its work."""

import pytest

from fer_keras.cli.main import main
from fer_keras.cli.start_up import precision_warning, resolved_precision


@pytest.mark.parametrize(
    ("precision", "information", "warned"),
    [
        ("mixed_bfloat16", "processor : 0\nflags\t\t: fpu avx512_bf16\n", True),
        ("mixed_bfloat16", "processor : 0\nflags\t\t: fpu amx_bf16 amx_tile\n", False),
        # An Arm processor lists "Features".
        ("mixed_bfloat16", "Features\t: fp asimd bf16\n", False),
        ("float32", "flags\t\t: fpu\n", False),
        ("mixed_bfloat16", None, False),
    ],
)
def test_bfloat16_is_warned_of_where_it_is_slow(
    precision, information, warned, tmp_path
):
    file = tmp_path / "cpuinfo"
    if information:
        file.write_text(information)
    warning = precision_warning(precision, file)
    assert (warning is not None) is warned
    assert not warned or "float32 is faster here" in warning
    fast = information and "amx_bf16" in information
    expected = "mixed_bfloat16" if fast else "float32"
    assert resolved_precision("auto", file) == expected


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_is_refused_in_one_line(backend, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert main(["train", "--run", str(tmp_path / "run")]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert "KERAS_BACKEND=tensorflow" in error
    assert not (tmp_path / "run").exists()
