"""Small trainings in processes of their own, for tests that kill them.

Importing TensorFlow takes seconds, so one process imports it and forks a child for
each training, before TensorFlow has started a thread.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback


class TrainingServer:
    """Starts trainings one after another; see `_train` for what can be asked for."""

    def __init__(self):
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, **request) -> str:
        """Runs a training to its end and returns what it says of it."""
        self._start(request)
        return self._end()

    def kill(self, seconds, from_first_step, **request) -> str:
        """Runs a training and kills it after so many seconds."""
        process = self._start(request)
        line = self._read() if from_first_step else ""
        if not line.startswith("ended"):
            time.sleep(seconds)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            line = self._end()
        return line

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def _start(self, request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._read())

    def _end(self):
        while not (line := self._read()).startswith("ended"):
            pass
        return line.removeprefix("ended ")

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The process that starts trainings has ended.")
        return line.strip()


def _serve():
    import fer_keras.callbacks  # noqa: F401
    import keras  # noqa: F401
    from tensorflow.python.eager import context

    for line in sys.stdin:
        # With TensorFlow started, a fork would be without its threads.
        assert not context.context()._initialized
        process = os.fork()
        if process == 0:
            _child(json.loads(line))
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        if status:
            print("ended killed" if os.WIFSIGNALED(status) else "ended badly")


def _child(request):
    try:
        outcome = _train(**request)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        outcome = f"{type(error).__name__}: {error}"
    print("ended", " ".join(outcome.split()), flush=True)
    os._exit(0)


def _train(folder, model="gan", epochs=8, kill_at=None, **options):
    """Trains for `epochs` and returns a digest of all that was trained.

    Args:
        folder: Of the checkpoints, which are written after each step.
        model: "gan" or "inverter".
        epochs: Of five steps each.
        kill_at: A place in the writing of a checkpoint, and which time there, at
            which the process kills itself; see `_kill_at`.
        **options: For the model.
    """
    import keras
    import numpy as np
    from fer_keras.callbacks import TrainingCheckpoint

    from fer_keras import ConditionalDCGAN, EncoderInverter
    from fer_keras.training_state import model_arrays

    random = np.random.default_rng(0)
    images = random.integers(0, 256, (37, 12, 12, 1), dtype=np.uint8)
    labels = random.integers(0, 7, 37)
    sizes = {"image_shape": (12, 12, 1), "width": 4, "depth": 2, "latent_dim": 6}
    trained = ConditionalDCGAN(**sizes, seed=3)
    if model == "inverter":
        trained = EncoderInverter(trained.generator, seed=3, **options)
    trained.compile()
    begun = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: print("begun", flush=True)
    )
    if kill_at is not None:
        _kill_at(*kill_at)
    checkpoint = TrainingCheckpoint(folder, every_steps=1)
    history = trained.fit(
        images,
        labels,
        batch_size=8,
        epochs=epochs,
        verbose=0,
        validation_data=(images, labels),
        callbacks=[begun, checkpoint],
    )
    digest = hashlib.sha256(repr(history.history).encode())
    for array in model_arrays(trained).values():
        digest.update(array.tobytes())
    return digest.hexdigest()


def _kill_at(place, count):
    """Makes the process kill itself when it comes to a function the n-th time."""
    import pathlib

    owner = {"fsync": os, "replace": pathlib.Path, "unlink": pathlib.Path}[place]
    function = getattr(owner, place)
    calls = []

    def deadly(*arguments, **options):
        calls.append(place)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)

    setattr(owner, place, deadly)


if __name__ == "__main__":
    _serve()
