"""Several replicas give the model that one gives, and what that hangs on."""

import json

import numpy as np
import pytest
import replica_training
import tensorflow as tf
from replica_training import ADAM_RATE, STEPS

from fer_keras import ConditionalDCGAN
from fer_keras.data.epoch_batches import EpochBatches, _shares
from fer_keras.training import distribution

# The sums over a batch are taken in another order: each of 20 steps rounds its
# gradient, a sum of some hundred numbers, by some 1e-6 of it, and moves by a hundredth
# of that. Measured: 1.3e-7 at most.
ROUNDING = 1e-6
# A bias whose mean normalisation takes out again has a gradient of zero but for
# rounding. Adam divides even that by its own size: up to one rate a step, one way
# here and the other way there. Only the moving mean follows it, and takes it out.
ADAM_NOISE = 2 * STEPS * ADAM_RATE


NORMALIZED_AWAY = [
    "generator/2/bias",
    "generator/9/bias",
    "discriminator/5/bias",
    "encoder/3/bias",
]


def bound_and_kind(name, expected):
    """Returns by how much a value may differ and what kind of value it is."""
    case, rest = name.split("/", 1)
    size = np.abs(expected).max()
    if rest.startswith("log/"):
        if "adam" in case and rest.startswith("log/val_"):
            # The moving means have a part in it.
            return 1e-4 * size, "validation logs, Adam"
        return 2e-6 * size, "logs"
    moves = rest in NORMALIZED_AWAY or rest.endswith("moving_mean")
    if "adam" in case and moves:
        return ADAM_NOISE, "moved by rounding alone, Adam"
    return ROUNDING, "weights"


def differences(found, expected):
    """Returns the largest difference of each kind, and what is out of bounds."""
    assert set(found) <= set(expected)
    assert found
    largest, outside = {}, []
    for name, values in found.items():
        difference = np.abs(values - expected[name]).max()
        bound, kind = bound_and_kind(name, expected[name])
        largest[kind] = max(float(difference), largest.get(kind, 0.0))
        if not difference <= bound:
            outside.append(f"{name}: {difference:.1e}")
    return largest, outside


@pytest.fixture(scope="module")
def train(training_server, tmp_path_factory):
    """Returns a function that trains in another process, once for each request."""
    known = {}

    def results(**request):
        key = json.dumps(request)
        if key not in known:
            path = str(tmp_path_factory.mktemp("trained") / "results.npz")
            outcome = training_server.run(
                "replica_training.train", path=path, **request
            )
            assert outcome == "done"
            known[key] = dict(np.load(path))
        return known[key]

    return results


@pytest.fixture(scope="module")
def one(train):
    """What one replica gives, with no strategy at all."""
    return train(replicas=0)


@pytest.mark.parametrize(
    ("replicas", "cases"),
    [
        (2, ["gan-adam", "inverter-sgd"]),
        (2, ["options-sgd", "joint-sgd"]),
        (4, ["gan-sgd"]),
        (4, ["inverter-adam"]),
        pytest.param(1, replica_training.CASES, marks=pytest.mark.slow),
        pytest.param(2, replica_training.CASES, marks=pytest.mark.slow),
        pytest.param(4, replica_training.CASES, marks=pytest.mark.slow),
    ],
)
def test_replicas_give_the_weights_and_logs_of_one(train, one, replicas, cases):
    found = train(replicas=replicas, cases=list(cases))
    for values in found.values():
        assert np.isfinite(values).all()
    largest, outside = differences(found, one)
    print(f"{replicas} replicas, {', '.join(cases)}:", largest)
    assert not outside


@pytest.mark.parametrize("sabotage", replica_training.SABOTAGES)
def test_the_comparison_fails_without(train, one, sabotage):
    found = train(replicas=2, cases=["gan-sgd"], sabotage=sabotage)
    largest, outside = differences(found, one)
    assert largest["weights"] > 100 * ROUNDING
    assert any("/generator/" in name for name in outside)
    assert any("/discriminator/" in name for name in outside)
    assert any("/log/" in name for name in outside)


def test_what_was_made_outside_of_the_strategy_is_refused(training_server):
    """Each replica would move the state of its random numbers on by itself."""
    message = training_server.run(
        "replica_training.compile_with_augmentation_of_no_replica"
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
            "replica_training.command_on_replicas", arguments=call.split(), replicas=2
        )
        assert outcome == "0"
    assert (tmp_path / "run" / "models" / "encoder.keras").is_file()


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 8])
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_shares_are_all_rows_once_and_even(rows, workers):
    """Each worker asks for the shares of its own replicas, of four in all."""
    dataset = tf.data.Dataset.from_tensors((tf.range(rows), -tf.range(rows))).repeat(2)
    shares = []
    for worker in range(workers):
        context = tf.distribute.InputContext(workers, worker, 4)
        local = list(_shares(dataset, context))
        assert len(local) == 2 * 4 // workers
        shares += local[: 4 // workers]
    sizes = [len(first) for first, _ in shares]
    assert max(sizes) - min(sizes) <= 1
    assert np.concatenate([first for first, _ in shares]).tolist() == list(range(rows))
    for first, second in shares:
        np.testing.assert_array_equal(first, -second)


def passes(dataset, count, **position):
    """Reads epochs the way Keras does, with an iterator at each end that it drops."""
    batches = EpochBatches(dataset, tf.distribute.get_strategy(), **position)
    found = []
    for _ in range(count):
        batches.on_epoch_begin()
        iterator = iter(batches)
        read = [next(iterator, None) for _ in range(batches.num_batches)]
        found.append([batch.numpy().tolist() for batch in read if batch is not None])
        iter(batches)
    return found


def test_a_seeded_shuffle_goes_on_where_it_was():
    def dataset():
        return tf.data.Dataset.range(10).shuffle(10, seed=1).batch(4)

    plain = dataset()
    expected = [[batch.numpy().tolist() for batch in plain] for _ in range(4)]
    assert expected[0] != expected[1]
    assert passes(dataset(), 4) == expected
    assert passes(dataset(), 2, epochs=2) == expected[2:]
    assert passes(dataset(), 2, epochs=2, steps=1) == [expected[2][1:], expected[3]]


def test_epochs_of_so_many_steps_follow_one_another():
    dataset = tf.data.Dataset.range(10).batch(4)
    expected = [[[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9], [0, 1, 2, 3]]]
    assert passes(dataset, 2, steps_per_epoch=2) == expected
    assert passes(dataset, 1, epochs=1, steps_per_epoch=2) == expected[1:]


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
