"""Two workers give the model that one process gives, and one of them writes files."""

import numpy as np
import pytest
import tensorflow as tf
from helpers.replica_training import EPOCHS
from helpers.replicas import differences

from fer_keras.training.checkpoints import list_checkpoints, read_checkpoint
from fer_keras.training.distribution import wait_for_all_workers

CASES = ["gan-sgd"]


@pytest.fixture(scope="module")
def train(training_server, tmp_path_factory):
    """Returns a function that trains with two workers, and where."""
    folder = tmp_path_factory.mktemp("workers")

    def train(**request):
        outcome = training_server.run(
            "helpers.replica_training.train_workers",
            path=str(folder / "worker-{}.npz"),
            workers=2,
            cases=CASES,
            **request,
        )
        assert outcome == "done"
        return [np.load(folder / f"worker-{index}.npz") for index in range(2)]

    train.folder = folder
    return train


@pytest.fixture(scope="module")
def alone(training_server, tmp_path_factory):
    """What a process alone gives."""
    path = str(tmp_path_factory.mktemp("alone") / "results.npz")
    request = {"path": path, "replicas": 0, "cases": CASES}
    assert training_server.run("helpers.replica_training.train", **request) == "done"
    return np.load(path)


def test_two_workers_give_what_one_process_gives_and_one_writes(train, alone):
    checkpoints = train.folder / "checkpoints-of-0"
    first, second = train(folder=str(train.folder / "checkpoints-of-{}"))
    largest, outside = differences(first, alone)
    print("2 workers:", largest)
    assert not outside
    assert {name.split("/")[0] for name in first} == set(CASES)
    assert set(first) == set(second)
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])
    assert not (train.folder / "checkpoints-of-1").exists()
    header, arrays = read_checkpoint(list_checkpoints(checkpoints / "gan")[0])
    assert (header["epoch"], header["step"]) == (EPOCHS, 0)
    kernel = first["gan-sgd/generator/0/kernel"]
    assert any(np.array_equal(kernel, array) for array in arrays.values())


@pytest.mark.slow
def test_two_workers_go_on_from_the_checkpoints_of_one(train, alone):
    folder = str(train.folder / "shared")
    train(folder=folder, epochs=1)
    first, _ = train(folder=folder)
    assert not differences(first, alone)[1]


@pytest.mark.slow
def test_workers_that_see_other_checkpoints_are_refused(training_server, tmp_path):
    request = {
        "path": str(tmp_path / "worker-{}.npz"),
        "workers": 2,
        "cases": ["gan-sgd"],
        "folder": str(tmp_path / "own-{}"),
    }
    function = "helpers.replica_training.train_workers"
    assert training_server.run(function, **request, epochs=1) == "done"
    outcome = training_server.run(function, **request, epochs=2)
    assert outcome.startswith("2 of 2 workers failed")
    assert "different epochs and steps (1 and 0, 0 and 0)" in outcome


def test_no_worker_leaves_while_the_chief_writes(training_server, tmp_path):
    outcome = training_server.run(
        "helpers.replica_training.leave_together", folder=str(tmp_path), workers=2
    )
    assert outcome == "done: written, written"


def test_a_worker_alone_waits_for_nobody():
    wait_for_all_workers(tf.distribute.get_strategy())
    wait_for_all_workers(tf.distribute.OneDeviceStrategy("CPU:0"))


@pytest.mark.slow
def test_the_command_writes_by_the_chief_alone(training_server, tmp_path):
    options = (
        f"train --strategy multiworker --phase gan --run {tmp_path}/run-{{}} "
        "--width 2 --limit 64 --epochs 1 --sample-every 1000"
    )
    outcome = training_server.run(
        "helpers.replica_training.command", arguments=options.split(), workers=2
    )
    assert outcome == "done"
    assert [path.name for path in tmp_path.iterdir()] == ["run-0"]
    assert (tmp_path / "run-0" / "models" / "gan.keras").is_file()
    assert (tmp_path / "run-0" / "export" / "final" / "saved_model.pb").is_file()
