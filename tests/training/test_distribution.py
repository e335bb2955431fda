"""Several replicas give the model that one gives, and what that hangs on."""

import json

import numpy as np
import pytest
import tensorflow as tf
from helpers.replica_training import CASES, SABOTAGES
from helpers.replicas import ROUNDING, differences

from fer_keras import ConditionalDCGAN
from fer_keras.training import distribution


@pytest.fixture(scope="module")
def train(training_server, tmp_path_factory):
    """Returns a function that trains in another process, once for each request."""
    known = {}

    def results(**request):
        key = json.dumps(request)
        if key not in known:
            path = str(tmp_path_factory.mktemp("trained") / "results.npz")
            outcome = training_server.run(
                "helpers.replica_training.train", path=path, **request
            )
            assert outcome == "done"
            known[key] = dict(np.load(path))
        return known[key]

    return results


@pytest.fixture(scope="module")
def one(train):
    """Returns a function that trains on one replica, with no strategy at all."""

    def results(cases):
        return {
            k: v for case in cases for k, v in train(replicas=0, cases=[case]).items()
        }

    return results


@pytest.mark.parametrize(
    ("replicas", "cases"),
    [
        (2, ["gan-sgd"]),
        # Every option and all three networks; some replicas have no image at times.
        (4, ["joint-sgd"]),
        pytest.param(1, CASES, marks=pytest.mark.slow),
        pytest.param(2, CASES, marks=pytest.mark.slow),
        pytest.param(4, CASES, marks=pytest.mark.slow),
    ],
)
def test_replicas_give_the_weights_and_logs_of_one(train, one, replicas, cases):
    found = train(replicas=replicas, cases=list(cases))
    for values in found.values():
        assert np.isfinite(values).all()
    largest, outside = differences(found, one(cases))
    print(f"{replicas} replicas, {', '.join(cases)}:", largest)
    assert not outside


@pytest.mark.parametrize(
    "sabotage",
    [
        SABOTAGES[0],
        *(pytest.param(name, marks=pytest.mark.slow) for name in SABOTAGES[1:]),
    ],
)
def test_the_comparison_fails_without(train, one, sabotage):
    found = train(replicas=2, cases=["gan-sgd"], sabotage=sabotage)
    largest, outside = differences(found, one(["gan-sgd"]))
    assert largest["weights"] > 100 * ROUNDING
    assert any("/generator/" in name for name in outside)
    assert any("/discriminator/" in name for name in outside)
    assert any("/log/" in name for name in outside)


def test_what_was_made_outside_of_the_strategy_is_refused(training_server):
    """Each replica would move the state of its random numbers on by itself."""
    message = training_server.run(
        "helpers.replica_training.compile_with_augmentation_of_no_replica"
    )
    assert "1 of the model's weights" in message
    assert "within one strategy.scope()" in message


@pytest.mark.slow
def test_the_command_goes_on_with_loaded_models(training_server, tmp_path):
    """What is loaded is trained on: its variables must be on every replica."""
    gan = ConditionalDCGAN(width=2, latent_dim=4, seed=0)
    gan.compile()
    gan.save(tmp_path / "gan.keras")
    options = f"train --phase encoder --start {tmp_path}/gan.keras --run {tmp_path}/run"
    options += " --strategy mirrored --limit 64"
    options += " --encoder-epochs 1"
    longer = f"train --resume {tmp_path}/run --encoder-epochs 2"
    for call in (options, longer):
        # Each in a process of its own: collectives are numbered from 0 in each
        # strategy, and two of them in one process take another's for their own.
        outcome = training_server.run(
            "helpers.replica_training.command_on_replicas",
            arguments=call.split(),
            replicas=2,
        )
        assert outcome == "0"
    assert (tmp_path / "run" / "models" / "encoder.keras").is_file()


def test_names_of_strategies(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert distribution.strategy("none") is tf.distribute.get_strategy()
    assert distribution.strategy("auto").num_replicas_in_sync == 1
    mirrored = distribution.strategy("mirrored")
    assert isinstance(mirrored, tf.distribute.MirroredStrategy)
    assert distribution.worker_count(mirrored) == 1
    with pytest.raises(ValueError, match="'two': expected one of auto, mirrored"):
        distribution.strategy("two")


def cluster(kind="worker", index=0, **tasks):
    tasks = tasks or {"worker": ["a:1", "b:1"]}
    return json.dumps({"cluster": tasks, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(("gpus", "mirrored"), [(0, False), (1, False), (4, True)])
def test_several_gpus_are_mirrored_and_one_is_left_to_keras(
    monkeypatch, gpus, mirrored
):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: [kind] * gpus)
    made = isinstance(distribution.strategy("auto"), tf.distribute.MirroredStrategy)
    assert made is mirrored


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("", True),
        ("{}", True),
        (cluster(), True),
        (cluster(index=1), False),
        (cluster(worker=["a:1"]), True),
        (cluster(chief=["a:1"], worker=["b:1", "c:1"]), False),
        (cluster("chief", chief=["a:1"], worker=["b:1", "c:1"]), True),
        (cluster("evaluator", worker=["b:1", "c:1"], evaluator=["d:1"]), False),
    ],
)
def test_one_of_all_processes_is_chief(monkeypatch, config, expected):
    monkeypatch.setenv("TF_CONFIG", config)
    assert distribution.is_chief() is expected


@pytest.mark.parametrize(
    "config",
    [
        "no JSON",
        "[]",
        cluster(index=2),
        cluster(index=-1),
        cluster("chief"),
        '{"cluster": {"worker": ["a:1", "b:1"]}}',
        '{"cluster": {"worker": 3}, "task": {"type": "worker", "index": 0}}',
    ],
)
def test_a_malformed_cluster_is_told_with_an_example(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    for name in ("auto", "multiworker"):
        with pytest.raises(ValueError, match="TF_CONFIG is malformed.*10.0.0.1:2222"):
            distribution.strategy(name)


def test_several_workers_need_a_cluster_and_come_first(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ValueError, match="needs the environment variable TF_CONFIG"):
        distribution.strategy("multiworker")
    monkeypatch.setenv("TF_CONFIG", cluster(worker=["127.0.0.1:1", "127.0.0.1:2"]))
    tf.constant(0)
    with pytest.raises(RuntimeError, match="before anything else uses TensorFlow"):
        distribution.strategy("auto")
