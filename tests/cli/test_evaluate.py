import dataclasses
import json

import numpy as np
import pytest

from fer_keras.cli.evaluate import named_paths
from fer_keras.cli.main import main
from fer_keras.config import TrainingOptions

# A few drawn faces of each split, tiny judges and models that never were trained.
_FEW = ("--sources", "14", "--faces-per-class", "10", "--resamples", "20")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A folder with an untrained emotion judge, a run and a GAN."""
    from fer_keras import ConditionalDCGAN, EncoderInverter
    from fer_keras.files import sha256_of
    from fer_keras.judges import emotion_classifier

    folder = tmp_path_factory.mktemp("world")
    (folder / "judges").mkdir()
    file = folder / "judges" / "small.keras"
    emotion_classifier(feature_dim=8, seed=0).save(file)
    card = {"name": "small", "file": file.name, "sha256": sha256_of(file)}
    file.with_suffix(".json").write_text(json.dumps(card))
    gan = ConditionalDCGAN(width=4, latent_dim=6, seed=0)
    gan.compile()
    gan.save(folder / "gan.keras")
    _make_run(folder / "run", EncoderInverter(gan.generator, seed=1))
    return folder


def _make_run(folder, inverter):
    from fer_keras.images import write_png

    for name in ("models", "samples"):
        (folder / name).mkdir(parents=True)
    inverter.save(folder / "models" / "encoder.keras")
    options = dataclasses.asdict(TrainingOptions(data="synthetic"))
    (folder / "run.json").write_text(json.dumps({"options": options}))
    (folder / "gan.csv").write_text("epoch,loss,val_loss\n0,2.5,2.6\n1,2.0,2.2\n")
    for epoch in range(1, 9):
        name = f"epoch-{epoch:03d}-batch-0100.png"
        write_png(folder / "samples" / name, np.full((96, 96, 1), epoch, "uint8"))


def _evaluate(world, *arguments):
    return main(
        [
            "evaluate",
            *arguments,
            "--data",
            "synthetic",
            "--judges",
            str(world / "judges"),
            "--out",
            str(world / "out"),
            "--cache",
            str(world / "cache"),
            *_FEW,
        ]
    )


def test_a_run_and_a_gan_side_by_side(world, capsys):
    assert _evaluate(world, str(world / "run"), f"gan={world / 'gan.keras'}") == 0
    shown = capsys.readouterr().out
    assert (world / "out" / "evaluation.txt").read_text() == shown.rstrip("\n") + "\n"
    for name in (
        "unchanged face",
        "class mean",
        "blend",
        "PCA, 256 components",
        "PCA, 512 components",
        "run",
    ):
        assert name in shown
    assert "Transfer of drawn faces, whose truth is known" in shown
    assert "The judges recognise only" in shown
    assert "one person in two emotions 0.44, unrelated faces 0.71" in shown
    found = json.loads((world / "out" / "evaluation.json").read_text())
    assert found["setting"]["faces"] == 350 and found["setting"]["sources"] == 14
    assert set(found["setting"]["models"]) == {"run", "gan"}
    names = {entry["name"]: entry for entry in found["entries"]}
    assert set(names["gan"]["scores"]) == {"generation"}
    truth = names["unchanged face"]["scores"]["truth"]
    assert truth["truth_mean_squared_error"]["estimate"] > 0
    page = (world / "out" / "report.html").read_text()
    # The run's samples, curves, grid, two figures; best, median and worst; the plot.
    assert page.count("data:image/png;base64,") == 9
    for word in ("best", "median", "worst"):
        assert f"The {word} edits by identity distance" in page
    assert "figure 5" in page and "figure 7" in page


def test_figures_of_a_run(world, capsys):
    assert main(["figures", str(world / "run")]) == 0
    names = {path.name for path in (world / "run" / "figures").iterdir()}
    figures = {"figure5.png", "figure6.png", "figure7.png"}
    assert names == figures | {"curves-gan.png", "emotions.png"}
    assert "figure5.png" in capsys.readouterr().out


def test_figures_of_a_generator_alone(world, capsys):
    out = str(world / "few")
    call = ["figures", str(world / "gan.keras"), "--data", "synthetic", "--out", out]
    assert main(call) == 0
    assert "No encoder" in capsys.readouterr().err
    assert main(["figures", str(world / "gan.keras")]) == 1
    assert "name the faces with --data" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent"], "absent: no such file or folder"),
        (["--resamples", "1"], "--resamples must be 10 or more, got 1"),
        (["--paper-outputs", "absent"], "absent: no such file"),
        (["--judges", "absent"], "absent: no such file"),
        (["--ferplus", "absent"], "absent: no such file"),
    ],
)
def test_errors_are_one_line(world, capsys, arguments, said):
    model = [] if arguments == ["absent"] else [str(world / "gan.keras")]
    assert main(["evaluate", *model, *arguments, "--data", "synthetic"]) == 1
    assert said in capsys.readouterr().err


def test_absent_judges(world, capsys, tmp_path):
    model = str(world / "gan.keras")
    call = ["evaluate", model, "--data", "synthetic", "--judges", str(tmp_path)]
    assert main(call) == 1
    assert "holds no judge" in capsys.readouterr().err


def test_models_are_named_by_their_paths_or_as_said(world):
    gan = str(world / "gan.keras")
    found = named_paths([gan, f"other={gan}", str(world / "run")])
    assert list(found) == ["gan", "other", "run"]
    with pytest.raises(ValueError, match="Two models are called 'gan'"):
        named_paths([gan, gan])
