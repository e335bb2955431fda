"""Two small trained runs, which all tests of the command line share."""

import pytest

from fer_keras.cli.main import main
from fer_keras.images import write_png
from fer_keras.synthetic_faces import dataset_arrays

TINY = "--width 2 --latent-dim 4 --limit 70 --batch-size 35".split()


@pytest.fixture(scope="session")
def joint_options():
    """Options of a joint training of seconds, by the recipe `plus`."""
    return [
        *"--recipe plus --joint-vector-dim 4 --joint-map-channels 1 --joint-epochs 1 "
        "--joint-discriminator-width 2 --joint-teacher-epochs 1".split(),
        *TINY,
    ]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """The folder of a run of G and D, then E."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    options = "--epochs 1 --encoder-epochs 1 --seed 3".split()
    often = "--sample-every 1 --export-every 1".split()
    assert main(["train", "--run", str(folder), *TINY, *options, *often]) == 0
    return folder


@pytest.fixture(scope="session")
def joint_folder(joint_options, tmp_path_factory):
    """The folder of a run of E, G and D together."""
    folder = tmp_path_factory.mktemp("runs") / "plus"
    assert main(["train", "--run", str(folder), *joint_options]) == 0
    return folder


@pytest.fixture
def picture(tmp_path):
    """A file with a drawn face."""
    return write_png(tmp_path / "face.png", dataset_arrays(1, seed=9)[0][0], zoom=3)
