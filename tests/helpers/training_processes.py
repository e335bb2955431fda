"""Trainings in processes of their own, for tests that kill them or give them devices.

Importing TensorFlow takes seconds, so one process imports it and forks a child for
each training, before TensorFlow has started.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path


class TrainingServer:
    """Calls functions of the tests' modules, each in a new process.

    A function is named as `"module.function"`, takes what JSON can hold and returns a
    text; an exception is returned as text too.
    """

    def __init__(self):
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        environment.pop("TF_CONFIG", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "helpers.training_processes"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, function, **arguments) -> str:
        """Runs a function to its end."""
        self._start(function, arguments)
        return self._end()

    def kill(self, seconds, from_first_step, function, **arguments) -> str:
        """Kills a function after so many seconds, from the start or from "begun"."""
        process = self._start(function, arguments)
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

    def _start(self, function, arguments):
        self._process.stdin.write(json.dumps([function, arguments]) + "\n")
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
    from tensorflow.python.eager import context

    importlib.import_module("fer_keras.callbacks")
    for line in sys.stdin:
        # With TensorFlow started, a fork would be without its threads.
        assert not context.context()._initialized
        process = os.fork()
        if process == 0:
            print("ended", call(*json.loads(line)), flush=True)
            os._exit(0)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        if status:
            print("ended killed" if os.WIFSIGNALED(status) else "ended badly")


def call(function, arguments) -> str:
    """Calls a function by its name and returns one line."""
    module, _, name = function.rpartition(".")
    try:
        outcome = getattr(importlib.import_module(module), name)(**arguments)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        outcome = f"{type(error).__name__}: {error}"
    return " ".join(outcome.split())


if __name__ == "__main__":
    _serve()
