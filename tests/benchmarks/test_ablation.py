"""The ablation's rows and table; that its commands train is the commands' own test."""

import json

import pytest

from benchmarks import ablation


def score(value):
    return {"estimate": value, "low": value - 0.02, "high": value + 0.04}


def test_each_row_has_the_options_of_those_before_it():
    rows = {"a": ["--one"], "b": [], "c": ["--two", "2"]}
    assert dict(ablation._added_up(rows, ["--all"])) == {
        "a": ["--all", "--one"],
        "b": ["--all", "--one"],
        "c": ["--all", "--one", "--two", "2"],
    }


def test_the_table_holds_names_with_bars_and_refined_rows():
    names = {
        ("inversion", "structural_similarity"): 0.5,
        ("inversion", "mean_squared_error"): 1234.5,
        ("transfer", "relative_hit"): 1.25,
        ("transfer", "rank_1"): 0.75,
        ("transfer", "headline"): 0.9,
    }
    scores = {"inversion": {}, "transfer": {}}
    for (part, name), value in names.items():
        scores[part][name] = score(value)
    name = "+ E(G(z|y)) = z"
    model = {"kind": "model", "scores": scores}
    record = {
        "entries": [
            {"kind": "control", "name": "class mean"},
            {"name": ablation._folder(name), **model},
            {"name": f"{ablation._folder(name)}, 9 steps of refinement", **model},
        ]
    }
    lines = ablation.table(record, "transfer", [name])
    cells = "| 0.5 ±0.03 | 1234 ±0.03 | 1.25 ±0.03 | 0.75 ±0.03 | 0.9 ±0.03 |"
    assert lines[2:] == [
        rf"| + E(G(z\|y)) = z {cells}",
        rf"| + E(G(z\|y)) = z, 9 steps of refinement {cells}",
    ]
    assert {line.replace(r"\|", "").count("|") for line in lines} == {7}


def test_runs_of_other_options_are_not_gone_on_with(tmp_path):
    ablation._check_setting(tmp_path, {"paper": ["--epochs=2"]})
    ablation._check_setting(tmp_path, {"paper": ["--epochs=2"]})
    with pytest.raises(SystemExit, match="has other options"):
        ablation._check_setting(tmp_path, {"paper": ["--epochs=3"]})
    kept = json.loads((tmp_path / "rows.json").read_text())
    assert kept == {"paper": ["--epochs=2"]}


@pytest.mark.parametrize(
    "arguments",
    [["gan", "--gan", "runs/a"], ["transfer"], ["gan", "--refine", "3"]],
)
def test_what_does_not_go_together_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        ablation.main([*arguments, "--data", "fer2013.tar.gz"])
    assert "goes with" in capsys.readouterr().err
