"""One small trained run, which all tests of the command line share."""

import pytest

from fer_keras.cli.main import main
from fer_keras.images import write_png
from fer_keras.synthetic_faces import dataset_arrays


@pytest.fixture(scope="session")
def plus_options():
    """Options of a training of seconds by the recipe `plus`."""
    return (
        "--recipe plus --width 2 --latent-dim 4 --limit 70 --batch-size 35 --epochs 1 "
        "--encoder-epochs 1 --joint-epochs 1 --joint-batch-size 35"
    ).split()


@pytest.fixture(scope="session")
def plus_folder(plus_options, tmp_path_factory):
    """The folder of a run of all three phases."""
    folder = tmp_path_factory.mktemp("runs") / "plus"
    often = "--seed 3 --sample-every 1 --export-every 1".split()
    assert main(["train", "--run", str(folder), *plus_options, *often]) == 0
    return folder


@pytest.fixture
def picture(tmp_path):
    """A file with a drawn face."""
    return write_png(tmp_path / "face.png", dataset_arrays(1, seed=9)[0][0], zoom=3)
