"""The same small trainings on any number of replicas, in a process of its own."""

import contextlib
import json
import os
import signal
import socket
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np

# Last batches of two images and of one, so that some of four replicas have none. (G's
# dense layer normalises one row to zero, where the rounding decides what ReLU does.)
EXAMPLES = {"gan": 18, "options": 18, "inverter": 17, "joint": 17}
BATCH_SIZE, EPOCHS = 8, 2
STEPS = 6
ADAM_RATE = 2e-4
CASES = (
    "gan-sgd",
    "gan-adam",
    "options-sgd",
    "inverter-sgd",
    "inverter-adam",
    "joint-sgd",
)
SABOTAGES = ("loss", "normalization", "noise")


def train(path, replicas, cases=CASES, sabotage=None):
    """Trains on so many logical CPU devices; writes weights and logs of each case.

    Args:
        path: An npz file: weights as `case/network/index/name`, metrics as
            `case/log/name`, a value an epoch.
        replicas: 0 is no strategy at all.
        cases: Model and optimizer, of `CASES`.
        sabotage: One of `SABOTAGES`: what to take out.
    """
    import tensorflow as tf

    cpus = tf.config.list_physical_devices("CPU")
    devices = [tf.config.LogicalDeviceConfiguration()] * max(1, replicas)
    tf.config.set_logical_device_configuration(cpus[0], devices)
    from fer_keras.training.distribution import strategy

    with _sabotaged(sabotage):
        return _train_cases(path, strategy("mirrored" if replicas else "none"), cases)


def compile_with_augmentation_of_no_replica():
    """Returns what a model says to an augmentation made outside of its strategy."""
    import tensorflow as tf

    cpus = tf.config.list_physical_devices("CPU")
    devices = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpus[0], devices)
    from fer_keras import ConditionalDCGAN
    from fer_keras.layers import SharedAugmentation
    from fer_keras.training.distribution import strategy

    augmentation = SharedAugmentation()
    with strategy("mirrored").scope():
        gan = ConditionalDCGAN(width=1, latent_dim=2, augmentation=augmentation)
        try:
            gan.compile()
        except ValueError as error:
            return str(error)
    return "compiled"


def train_workers(path, workers, cases=CASES, folder=None, epochs=EPOCHS):
    """Trains in so many processes of this machine.

    Args:
        path: As for `train`, with `{}` for the index of the process.
        workers: How many.
        cases: As for `train`.
        folder: Of the checkpoints, with `{}` for the index of the process.
        epochs: How many.
    """
    return _in_workers(workers, _train_as_worker, cases, epochs, path, folder)


def leave_together(folder, workers):
    """Lets the chief write last; returns what each worker then reads in its file."""
    outcome = _in_workers(workers, _write_and_wait, f"{folder}/{{}}", f"{folder}/chief")
    seen = [Path(folder, str(index)).read_text() for index in range(workers)]
    return f"{outcome}: {', '.join(seen)}"


def _write_and_wait(seen, chief):
    from fer_keras.training.distribution import is_chief, strategy, wait_for_all_workers

    cluster = strategy("auto")
    # Both are there before one of them lags behind.
    wait_for_all_workers(cluster)
    if is_chief():
        time.sleep(2)
        Path(chief).write_text("written")
    wait_for_all_workers(cluster)
    there = Path(chief).exists()
    Path(seen).write_text(Path(chief).read_text() if there else "too early")


def command_on_replicas(arguments, replicas):
    """Runs `fer-keras` on so many logical CPU devices."""
    import tensorflow as tf

    from fer_keras.cli.main import main

    cpus = tf.config.list_physical_devices("CPU")
    devices = [tf.config.LogicalDeviceConfiguration()] * replicas
    tf.config.set_logical_device_configuration(cpus[0], devices)
    return str(main(arguments))


def command(arguments, workers):
    """Runs `fer-keras` in so many processes, `{}` in an argument being the index."""
    return _in_workers(workers, _command, *arguments)


def _command(*arguments):
    from fer_keras.cli.main import main

    if main(list(arguments)):
        raise SystemExit("the command failed")


def _in_workers(workers, function, *arguments):
    """Calls a function in so many processes, `{}` in a text being the index."""
    ports = [_free_port() for _ in range(workers)]
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    read_errors, errors = os.pipe()
    processes = []
    for index in range(workers):
        process = os.fork()
        if process == 0:
            task = {"type": "worker", "index": index}
            os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
            own = [a.format(index) if isinstance(a, str) else a for a in arguments]
            _exit_after(function, own, errors)
        processes.append(process)
    failures = 0
    while processes:
        process, status = os.wait()
        processes.remove(process)
        if status and not failures:
            # The others would wait for it for ever.
            for waiting in processes:
                os.kill(waiting, signal.SIGKILL)
        failures += bool(status)
    os.close(errors)
    with open(read_errors) as lines:
        told = lines.read()
    return f"{failures} of {workers} workers failed: {told}" if failures else "done"


def _train_as_worker(cases, epochs, path, folder):
    from fer_keras.training.distribution import strategy

    _train_cases(path, strategy("auto"), cases, folder, epochs)


def _exit_after(function, arguments, errors):
    status = 1
    try:
        function(*arguments)
        status = 0
    except BaseException as error:
        traceback.print_exc()
        os.write(errors, f"{error}\n".encode())
    finally:
        os._exit(status)


def _free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _train_cases(path, strategy, cases, folder=None, epochs=EPOCHS):
    results = {}
    for case in cases:
        model, optimizer = case.split("-")
        networks, history = _train(strategy, model, optimizer, folder, epochs)
        for network in networks:
            for index, variable in enumerate(network.variables):
                name = f"{case}/{network.name}/{index}/{variable.name}"
                results[name] = variable.numpy()
        for name, values in history.items():
            results[f"{case}/log/{name}"] = np.array(values)
    aside = tempfile.mktemp(dir=os.path.dirname(path), suffix=".npz")
    np.savez(aside, **results)
    os.replace(aside, path)
    return "done"


def _train(strategy, model, optimizer, folder, epochs):
    import keras
    from fer_keras.callbacks import TrainingCheckpoint

    from fer_keras import ConditionalDCGAN, EncoderInverter, JointTransfer
    from fer_keras.layers import SharedAugmentation

    random = np.random.default_rng(0)
    examples = EXAMPLES[model]
    images = random.integers(0, 256, (examples, 12, 12, 1), dtype=np.uint8)
    labels = random.integers(0, 7, examples)
    keras.utils.set_random_seed(1)
    sizes = {"image_shape": (12, 12, 1), "width": 4, "depth": 2, "latent_dim": 6}
    added = {}
    if model in ("options", "joint"):
        added = {"projection": True, "classifier": True, "average_decay": 0.9}
        added["conditioning"] = "normalization"
    with strategy.scope():
        if added:
            added["augmentation"] = SharedAugmentation(seed=4)
        trained = ConditionalDCGAN(**sizes, **added, seed=3)
        networks = [trained.generator, trained.discriminator]
        if model in ("inverter", "joint"):
            gan = trained
            trained = EncoderInverter(gan.generator, objective="both", seed=5)
            networks = [trained.encoder]
        if model == "joint":
            trained = JointTransfer(
                trained.encoder,
                gan.generator,
                gan.discriminator,
                augmentation=added["augmentation"],
                average_decay=0.9,
                seed=6,
            )
            networks = [trained.encoder, trained.generator, trained.discriminator]
            networks += [trained.edit_head]
        optimizers = [_optimizer(optimizer, model) for _ in networks[:2]]
        trained.compile(*optimizers)
    callbacks = [TrainingCheckpoint(Path(folder, model))] if folder else []
    history = trained.fit(
        images,
        labels,
        batch_size=BATCH_SIZE,
        epochs=epochs,
        verbose=0,
        validation_data=(images, labels),
        callbacks=callbacks,
    )
    return networks, history.history


def _optimizer(name, model):
    import keras

    if name == "sgd":
        # E's loss is a sum over pixels, or a mean with a large weight.
        rate = {"gan": 0.05, "options": 0.01, "inverter": 0.001, "joint": 0.005}
        return keras.optimizers.SGD(rate[model])
    return keras.optimizers.Adam(ADAM_RATE, beta_1=0.5)


@contextlib.contextmanager
def _sabotaged(what):
    """Takes one of the things out that make several replicas equal one."""
    import tensorflow as tf

    from fer_keras.layers import batch_normalization
    from fer_keras.training.replicas import GlobalBatch

    if what == "loss":
        GlobalBatch.mean_share = lambda batch, values: tf.reduce_mean(
            tf.cast(values, tf.float32)
        )
    elif what == "normalization":
        batch_normalization.all_sum = lambda value: value
    elif what == "noise":
        GlobalBatch.rows = lambda batch, values: values[: batch.local_size]
    yield
