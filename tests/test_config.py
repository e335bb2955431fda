"""Options: their ranges, their command line, and how a phase sees them."""

import argparse
import dataclasses
import json

import pytest

from fer_keras.cli.options import add_options, given, words
from fer_keras.config import RECIPES, TrainingOptions
from fer_keras.option_fields import check_values, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class Example:
    count: int = option(3, "how many, 100 % of them", "things", above=0)
    share: float | None = option(None, "of them", "things", least=0, most=1)
    shape: tuple[int, int] = option((6, 4), "their size", "things")
    bright: bool = option(True, "or dark", "things")
    name: str = option("a", "their name", "things", choices=("a", "b"))

    def __post_init__(self):
        check_values(self)


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_options(parser, Example)
    return given(parser.parse_args(arguments), Example)


def test_only_what_is_given_is_taken_from_the_command_line(capsys):
    assert parsed() == {}
    values = {"count": 5, "share": 0.5, "shape": (3, 2), "bright": False, "name": "b"}
    arguments = words(values)
    assert arguments[:4] == ["--count", "5", "--share", "0.5"]
    assert arguments[4:7] == ["--shape", "3,2", "--no-bright"]
    assert parsed(*arguments) == values
    with pytest.raises(SystemExit):
        parsed("--help")
    assert "how many, 100 % of them (default 3)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": 0}, "count must be above 0, got 0"),
        ({"count": 1.5}, "count must be of type int, got 1.5"),
        ({"count": True}, "count must be of type int"),
        ({"count": None}, "count must be of type int"),
        ({"share": 1.5}, "share must be at most 1, got 1.5"),
        ({"share": float("nan")}, "share must be at least 0, got nan"),
        ({"name": "c"}, "name must be one of a, b, got 'c'"),
    ],
)
def test_a_value_out_of_its_range_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Example(**values)


def test_options_are_the_same_after_a_way_through_json():
    options = Example(share=1, shape=(3, 2))
    assert isinstance(options.share, float)
    again = Example(**json.loads(json.dumps(dataclasses.asdict(options))))
    assert again == options
    for recipe in RECIPES.values():
        record = json.loads(json.dumps(dataclasses.asdict(recipe)))
        assert TrainingOptions(**record) == recipe


def test_a_phase_knows_its_own_options_without_their_prefix():
    options = TrainingOptions(encoder_epochs=3, joint_image_weight=7.0)
    assert options.of_phase("gan")["epochs"] == 50
    assert options.of_phase("encoder")["epochs"] == 3
    assert options.of_phase("joint")["image_weight"] == 7.0
    assert "image_weight" not in options.of_phase("encoder")
    changed = options.with_phase_options("encoder", {"epochs": 5, "width": 4})
    assert (changed.encoder_epochs, changed.width, changed.epochs) == (5, 4, 50)
    with pytest.raises(ValueError, match="no option 'depht'"):
        options.with_phase_options("gan", {"depht": 2})


def test_a_call_gets_the_options_that_it_names():
    def compile(optimizer, beta_1, width=1.0, *, image_weight):
        pass

    options = TrainingOptions(joint_image_weight=7.0)
    assert options.arguments_for(compile, "joint") == {
        "beta_1": 0.5,
        "width": 64,
        "image_weight": 7.0,
    }
