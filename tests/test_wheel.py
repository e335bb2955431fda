"""A wheel of a fresh clone works in an empty environment elsewhere."""

import os
import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def commands(tmp_path_factory):
    """The commands' folder of an environment that holds the wheel and its needs."""
    folder = tmp_path_factory.mktemp("wheel")
    run("git", "clone", "--quiet", ROOT, folder / "clone")
    venv.create(folder / "environment", with_pip=True)
    commands = folder / "environment" / "bin"
    pip = (commands / "python", "-m", "pip")
    build = ("wheel", "--quiet", "--no-deps", "--wheel-dir", folder, folder / "clone")
    run(*pip, *build)
    (wheel,) = folder.glob("fer_keras-*.whl")
    constraints = ("--constraint", ROOT / "constraints.txt")
    run(*pip, "install", "--quiet", *constraints, wheel)
    return commands


def run(*command, folder=None):
    """Runs a command and returns what it printed."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        # Nothing of this environment, such as a PYTHONPATH, reaches the other one.
        env={name: os.environ[name] for name in ("HOME", "PATH")},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert not result.returncode, result.stdout + result.stderr
    return result.stdout


def test_the_command_transfers_with_the_shipped_model(commands, tmp_path):
    assert "transfer" in run(commands / "fer-keras", "--help", folder=tmp_path)
    face = Image.new("L", (60, 60), 90)
    ImageDraw.Draw(face).ellipse((10, 5, 50, 58), fill=190)
    face.save(tmp_path / "face.png")
    run(commands / "fer-keras", "transfer", "face.png", "--crop", folder=tmp_path)
    (written,) = (tmp_path / "transferred").glob("*.png")
    assert np.asarray(Image.open(written)).std() > 10


def test_presets_judges_photos_and_callbacks(commands, tmp_path):
    code = """
import numpy as np
import fer_keras.callbacks
from fer_keras import EmotionTransfer
from fer_keras.judges import EMOTION_JUDGES, IDENTITY_JUDGE, load_judge
from fer_keras.photo import find_faces
faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), "uint8")
for judge in (*EMOTION_JUDGES, IDENTITY_JUDGE):
    load_judge(judge)
transfer = EmotionTransfer.from_preset("paper")
print(transfer.transfer(faces, "happy").shape)
"""
    out = run(commands / "python", "-c", code, folder=tmp_path)
    assert "(2, 48, 48, 1)" in out


def test_tfds_builds_the_dataset_of_the_wheel(commands, tmp_path):
    pixels = " ".join(["7"] * 48 * 48)
    rows = [
        f"3,{pixels},{usage}" for usage in ("Training", "PublicTest", "PrivateTest")
    ]
    text = "\n".join(["emotion,pixels,Usage", *rows, ""])
    (tmp_path / "manual").mkdir()
    (tmp_path / "manual" / "fer2013.csv").write_text(text)
    build = ("build", "tfds_fer2013", "--imports", "tfds_fer2013")
    folders = ("--manual_dir", tmp_path / "manual", "--data_dir", tmp_path / "data")
    run(commands / "tfds", *build, *folders, folder=tmp_path)
    code = """
import tensorflow_datasets as tfds, tfds_fer2013
for example in tfds.load("tfds_fer2013", split="test", data_dir="data"):
    print(int(example["label"]), int(example["image"][0, 0, 0]))
"""
    assert "3 7" in run(commands / "python", "-c", code, folder=tmp_path)
