import pytest

from fer_keras.cli.processor import precision_warning


@pytest.mark.parametrize(
    ("precision", "information", "warned"),
    [
        ("mixed_bfloat16", "processor : 0\nflags\t\t: fpu avx512_bf16\n", True),
        ("mixed_bfloat16", "processor : 0\nflags\t\t: fpu amx_bf16 amx_tile\n", False),
        # An Arm processor lists "Features".
        ("mixed_bfloat16", "Features\t: fp asimd bf16\n", False),
        ("float32", "flags\t\t: fpu\n", False),
    ],
)
def test_bfloat16_is_warned_of_where_it_is_slow(
    precision, information, warned, tmp_path
):
    file = tmp_path / "cpuinfo"
    file.write_text(information)
    warning = precision_warning(precision, file)
    assert (warning is not None) is warned
    assert not warned or "float32 is faster here" in warning


def test_nothing_is_said_of_an_unknown_processor(tmp_path):
    assert precision_warning("mixed_bfloat16", tmp_path / "none") is None
