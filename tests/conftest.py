"""What every test shares: quiet TensorFlow, fixed seeds, and the optional tiers."""

import gc
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import pytest

# Files whose tests train for half a minute or more. They come first: of two processes
# that share the files, neither is to begin one when the other has nothing left.
LONG_FILES = {
    "test_distribution.py",
    "test_multi_worker.py",
    "test_pack.py",
    "test_reproducibility.py",
    "test_resume.py",
    "test_train.py",
    "test_tune.py",
}


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run the slow tests")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.path.name not in LONG_FILES)
    for item in items:
        if item.get_closest_marker("fer2013") and not os.environ.get("FER2013_DIR"):
            item.add_marker(pytest.mark.skip(reason="FER2013_DIR is not set"))
        if item.get_closest_marker("slow") and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="needs --slow"))


def pytest_collection_finish(session):
    # All modules are there now. What they hold is never garbage, and each of the
    # collections that KerasTuner asks for spent a third of a second on it.
    gc.freeze()


@pytest.fixture
def fer2013_dir():
    """The folder of the real FER2013 archive (marker `fer2013`)."""
    return Path(os.environ["FER2013_DIR"])


@pytest.fixture(autouse=True)
def _fixed_seed():
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session")
def training_server():
    """Runs trainings in processes of their own; see `helpers.training_processes`."""
    from helpers.training_processes import TrainingServer

    server = TrainingServer()
    yield server
    server.close()
