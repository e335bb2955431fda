"""Transfers by SavedModels, many faces and one: an export, and the shipped `paper`."""

from benchmarks.floating_point_operations import transfer_operations
from benchmarks.measuring import Candidate, Spread, in_turns, ratios

TITLE = "Inference"
_TRANSFER = "benchmarks.candidates.transfers:make_transfer"
_PRODUCT = "benchmarks.candidates.matrix_products:make_product"
_SIZE = 2048
_MANY = 256


def measure(options):
    with (
        Candidate(_TRANSFER, batch=_MANY) as many,
        Candidate(_PRODUCT, size=_SIZE, dtype="float32") as product,
        Candidate(_TRANSFER, batch=1) as one,
        Candidate(_TRANSFER, batch=_MANY, preset="paper") as many_shipped,
        Candidate(_TRANSFER, batch=1, preset="paper") as one_shipped,
    ):
        first = one.run(1)[0]
        many_seconds = in_turns(
            {"many": many, "product": product, "shipped": many_shipped},
            options.rounds,
        )
        one_seconds = in_turns(
            {"one": one, "shipped": one_shipped}, options.rounds, steps=20
        )
        peak_bytes = many.peak_bytes
    product_rates = [2 * _SIZE**3 / each for each in many_seconds["product"]]
    operations = transfer_operations(batch=_MANY)
    rates = [operations / each for each in many_seconds["many"]]
    return {
        "batch": _MANY,
        "seconds": Spread.of(many_seconds["many"]),
        "rate": Spread.of(rates),
        "share_of_matrix_rate": ratios(rates, product_rates),
        "one_face_seconds": Spread.of(one_seconds["one"]),
        "shipped_seconds": Spread.of(many_seconds["shipped"]),
        "shipped_one_face_seconds": Spread.of(one_seconds["shipped"]),
        "first_call_seconds": first,
        "peak_bytes": peak_bytes,
    }


def report(result):
    return [
        f"A batch of {result['batch']}: {result['seconds'].text('.3f')} s, "
        f"{result['batch'] / result['seconds'].median:.0f} faces a second, "
        f"{result['rate'].text('.0f', 1e-9)} GFLOP/s: "
        f"{result['share_of_matrix_rate'].text('.0%')} of the rate of matrix products. "
        f"One face: {result['one_face_seconds'].text('.1f', 1e3)} ms, the first time "
        f"{result['first_call_seconds'] * 1e3:.0f} ms. Peak memory "
        f"{result['peak_bytes'] / 2**30:.2f} GiB, the export included.",
        "",
        "The shipped preset `paper`, whose file keeps half-precision weights as they "
        f"were trained: the batch {result['shipped_seconds'].text('.3f')} s, one face "
        f"{result['shipped_one_face_seconds'].text('.1f', 1e3)} ms.",
    ]
