"""A training step against plain Keras, PyTorch and the machine's matrix products."""

import contextlib

from benchmarks.floating_point_operations import NetworkSizes, gan_step_operations
from benchmarks.measuring import Candidate, Spread, in_turns, ratios

TITLE = "Training"
_STEPS = "benchmarks.candidates.gan_steps:"
_PRODUCT = "benchmarks.candidates.matrix_products:make_product"
_PRODUCT_SIZES = (1024, 2048, 4096)
# FER2013's training faces, of which the paper trained for 50 epochs in 100 minutes
# on a GTX 1080.
FACES, EPOCHS, PAPERS_MINUTES = 28709, 50, 100


def measure(options):
    return {name: _measure(name, options) for name in options.precisions}


def _measure(precision, options):
    shared = {"precision": precision, "batch": options.batch}
    size = _best_product_size(_matrix_dtype(precision), options)
    makers = {
        "ours": (f"{_STEPS}make_ours", shared),
        "plain Keras": (f"{_STEPS}make_plain_keras", shared),
        "matrix product": (
            _PRODUCT,
            {"size": size, "dtype": _matrix_dtype(precision)},
        ),
    }
    if precision != "mixed_float16" and _pytorch_is_there():
        for name, last in (("contiguous", False), ("channels last", True)):
            arguments = {**shared, "channels_last": last}
            makers[f"PyTorch, {name}"] = (f"{_STEPS}make_pytorch", arguments)
    if precision != "float32":
        arguments = {**shared, "precision": "float32"}
        makers["ours in float32"] = (f"{_STEPS}make_ours", arguments)
    with contextlib.ExitStack() as stack:
        candidates = {
            name: stack.enter_context(Candidate(factory, **arguments))
            for name, (factory, arguments) in makers.items()
        }
        seconds = in_turns(candidates, options.rounds, steps=2, warm_up=3)
        memory = {name: each.peak_bytes for name, each in candidates.items()}
    return _summary(seconds, memory, size, options.batch)


def _best_product_size(dtype, options):
    """The size of matrices that this machine multiplies at the highest rate."""
    seconds = {}
    for size in _PRODUCT_SIZES:
        with Candidate(_PRODUCT, size=size, dtype=dtype) as candidate:
            rounds = in_turns({size: candidate}, options.rounds, steps=3)
        seconds[size] = Spread.of(rounds[size]).median
    return min(seconds, key=lambda size: seconds[size] / size**3)


def _summary(seconds, memory, size, batch):
    operations = gan_step_operations(NetworkSizes(), batch)
    product_rates = [2 * size**3 / each for each in seconds["matrix product"]]
    our_rates = [operations / each for each in seconds["ours"]]
    steps = -(-FACES // batch) * EPOCHS
    return {
        "batch": batch,
        "operations": operations,
        "matrix_size": size,
        "matrix_rate": Spread.of(product_rates),
        "rate": Spread.of(our_rates),
        "share_of_matrix_rate": ratios(our_rates, product_rates),
        "fifty_epochs_minutes": Spread.of(seconds["ours"]).median * steps / 60,
        "seconds": {
            name: Spread.of(values)
            for name, values in seconds.items()
            if name != "matrix product"
        },
        "times_slower_than_ours": {
            name: ratios(values, seconds["ours"])
            for name, values in seconds.items()
            if name not in ("ours", "matrix product")
        },
        "peak_bytes": memory,
    }


def report(result):
    lines = []
    for precision, found in result.items():
        lines += [
            f"**{precision}**, batch {found['batch']}, "
            f"{found['operations'] / 1e9:.1f} GFLOP a step. Matrix products of "
            f"{found['matrix_size']}: "
            f"{found['matrix_rate'].text('.0f', 1e-9)} GFLOP/s; "
            f"our step: {found['rate'].text('.0f', 1e-9)} GFLOP/s, "
            f"{found['share_of_matrix_rate'].text('.0%')} of that. 50 epochs of "
            f"FER2013: {found['fifty_epochs_minutes']:.0f} minutes "
            f"(the paper: {PAPERS_MINUTES}).",
            "",
            "| step of | seconds | times ours | peak memory, GiB |",
            "|---|---|---|---|",
        ]
        for name, seconds in found["seconds"].items():
            slower = found["times_slower_than_ours"].get(name)
            lines.append(
                f"| {name} | {seconds.text('.3f')} | "
                f"{slower.text('.2f') if slower else ''} | "
                f"{found['peak_bytes'][name] / 2**30:.2f} |"
            )
        lines.append("")
    return lines


def _matrix_dtype(precision):
    return precision.removeprefix("mixed_")


def _pytorch_is_there():
    import importlib.util

    return importlib.util.find_spec("torch") is not None
