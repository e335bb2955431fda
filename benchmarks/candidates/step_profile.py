"""Which operations a training step spends its time in, by TensorFlow's profiler."""

import collections
import tempfile
from pathlib import Path

from benchmarks.candidates.gan_steps import make_ours


def make_profiled(precision: str, batch: int, steps: int = 5):
    """Returns a step that profiles some training steps.

    It notes the milliseconds of a step by kind of operation: for each operation of
    the graph the least of its times, since what disturbs only adds.
    """
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    # One operation after the other: their times then add up to the step's.
    tf.config.threading.set_inter_op_parallelism_threads(1)
    train = make_ours(precision, batch)
    train()
    train()

    def profile_once(least):
        with tempfile.TemporaryDirectory() as folder:
            with tf.profiler.experimental.Profile(folder):
                train()
            (file,) = Path(folder).rglob("*.xplane.pb")
            space = xplane_pb2.XSpace.FromString(file.read_bytes())
        for plane in space.planes:
            for line in plane.lines:
                for event in line.events:
                    name = plane.event_metadata[event.metadata_id].name
                    node, _, kind = name.rpartition(":")
                    # "graph/node:Kind"; with two colons it is a part of the runtime.
                    if node and kind.isidentifier() and not node.endswith(":"):
                        milliseconds = event.duration_ps / 1e9
                        least[name] = min(least.get(name, milliseconds), milliseconds)

    def step():
        least = {}
        for _ in range(steps):
            profile_once(least)
        kinds = collections.Counter()
        for name, milliseconds in least.items():
            kinds[name.rpartition(":")[2].removeprefix("_Mkl")] += milliseconds
        return dict(kinds.most_common())

    return step
