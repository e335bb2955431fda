"""Which devices and machines train: the `tf.distribute` strategy, and the chief."""

import os

import tensorflow as tf

STRATEGIES = ("auto", "mirrored", "multiworker", "none")


def strategy(name: str = "auto") -> tf.distribute.Strategy:
    """Returns the strategy in whose scope a model is made and compiled.

    Args:
        name: One of
            * `"auto"`: `"multiworker"` where `TF_CONFIG` names several workers,
              `"mirrored"` where there are several GPUs, else `"none"`: on one GPU
              Keras then compiles with XLA, which it does not under a strategy, and
              a step takes half the time;
            * `"mirrored"`: one replica on each GPU of this machine, or on each
              logical CPU device where there is no GPU;
            * `"multiworker"`: the replicas of all machines that `TF_CONFIG` names;
            * `"none"`: one replica, on the first GPU or the CPU.

    Raises:
        ValueError: The name is unknown, or `TF_CONFIG` is missing or malformed.
        RuntimeError: `"multiworker"` was asked for after TensorFlow had started.

    Example:
        >>> with strategy("auto").scope():
        ...     gan = ConditionalDCGAN()
        ...     gan.compile()
        >>> gan.fit(batches, epochs=50)  # the batch size is that of all replicas
    """
    if name not in STRATEGIES:
        raise ValueError(
            f"Unknown strategy {name!r}: expected one of {', '.join(STRATEGIES)}."
        )
    if name == "auto":
        name = _automatic()
    if name == "multiworker":
        return _multi_worker()
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU")
        devices = devices or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def is_chief() -> bool:
    """Whether this process writes the files of a run: one of all workers does.

    Always true on one machine. Else `TF_CONFIG` tells: the task of type "chief",
    or the first worker where the cluster has no chief.

    Raises:
        ValueError: `TF_CONFIG` is malformed.
    """
    cluster, kind, index = _cluster_and_task()
    if _task_count(cluster) < 2 or kind == "chief":
        return True
    return kind == "worker" and index == 0 and "chief" not in cluster


def worker_count(of_strategy: tf.distribute.Strategy) -> int:
    """Returns the number of processes, on one machine or several, that train."""
    if not isinstance(of_strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return 1
    cluster = of_strategy.cluster_resolver.cluster_spec().as_dict()
    return max(1, _task_count(cluster))


def wait_for_all_workers(of_strategy: tf.distribute.Strategy) -> None:
    """Returns when every worker has called it; at once where there is only one.

    Training is over at the same moment for all workers, but the chief then still
    writes its files. A process that ends before is taken for one that has failed.

    Example:
        >>> gan.fit(batches, epochs=50)
        >>> if is_chief():
        ...     gan.export("exported")
        >>> wait_for_all_workers(gan.distribute_strategy)  # last in the program
    """
    # What takes part of each waits for all.
    from_all_workers(of_strategy, [0])


def from_all_workers(
    of_strategy: tf.distribute.Strategy, numbers: list[int]
) -> list[list[int]]:
    """Returns what every worker has called it with, one entry a replica.

    Args:
        of_strategy: The workers'.
        numbers: As many on each worker, each below 2**24.
    """
    if worker_count(of_strategy) < 2:
        return [list(numbers)]

    def gathered():
        context = tf.distribute.get_replica_context()
        # The one type that every device's communication knows.
        return context.all_gather(tf.constant([numbers], tf.float32), axis=0)

    values = tf.function(lambda: of_strategy.run(gathered))()
    first = of_strategy.experimental_local_results(values)[0]
    return first.numpy().astype("int64").tolist()


def _automatic() -> str:
    if _task_count(_cluster_and_task()[0]) > 1:
        return "multiworker"
    return "mirrored" if len(tf.config.get_visible_devices("GPU")) > 1 else "none"


def _multi_worker() -> tf.distribute.Strategy:
    if not os.environ.get("TF_CONFIG"):
        raise ValueError(
            "The strategy 'multiworker' needs the environment variable TF_CONFIG, "
            f"such as {_EXAMPLE}, with another index on each machine."
        )
    _cluster_and_task()
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        if "startup" not in str(error):
            raise
        raise RuntimeError(
            "The strategy 'multiworker' must be made before anything else uses "
            "TensorFlow: call strategy() first in the program."
        ) from None


_EXAMPLE = (
    '{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


def _task_count(cluster: dict) -> int:
    return len(cluster.get("chief", [])) + len(cluster.get("worker", []))


def _cluster_and_task() -> tuple[dict, str | None, int | None]:
    """Returns what `TF_CONFIG` says, an empty cluster where it is not set."""
    text = os.environ.get("TF_CONFIG", "").strip()
    if not text:
        return {}, None, None
    try:
        resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
        cluster = resolver.cluster_spec().as_dict()
        kind, index = resolver.task_type, resolver.task_id
        known = 0 <= index < len(cluster[kind]) if cluster else text[0] == "{"
    except (AttributeError, KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(
            "TF_CONFIG is malformed, or its task is not in its cluster: expected "
            f"JSON such as {_EXAMPLE}, got {text:.200}"
        )
    return cluster, kind, index
