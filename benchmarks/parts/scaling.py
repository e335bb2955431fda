"""How a step scales with the batch, the width and the number of replicas."""

from benchmarks.floating_point_operations import NetworkSizes, gan_step_operations
from benchmarks.measuring import Candidate, Spread, in_turns, ratios

TITLE = "Scaling"
_OURS = "benchmarks.candidates.gan_steps:make_ours"
_BATCHES = (16, 32, 64, 128, 256, 512)
_WIDTHS = (16, 32, 64, 128)
_REPLICAS = (2, 4)


def measure(options):
    batches, widths, replicas = _BATCHES, _WIDTHS, _REPLICAS
    if options.quick:
        batches, widths, replicas = (16, 256), (16, 32), (2,)
    variants = [{"batch": batch} for batch in batches if batch != options.batch]
    variants += [{"width": width} for width in widths if width != NetworkSizes.width]
    variants += [{"replicas": count} for count in replicas]
    return {
        precision: [_measure(precision, variant, options) for variant in variants]
        for precision in options.precisions
    }


def _measure(precision, variant, options):
    base = {"precision": precision, "batch": options.batch}
    arguments = {**base, **variant}
    rounds = max(options.rounds // 3, 2)
    with Candidate(_OURS, **base) as usual, Candidate(_OURS, **arguments) as other:
        seconds = in_turns({"usual": usual, "other": other}, rounds)
        peak_bytes = other.peak_bytes
    sizes = NetworkSizes(width=variant.get("width", NetworkSizes.width))
    operations = gan_step_operations(sizes, arguments["batch"])
    usual_operations = gan_step_operations(NetworkSizes(), options.batch)
    rates = [operations / each for each in seconds["other"]]
    usual_rates = [usual_operations / each for each in seconds["usual"]]
    return {
        "variant": variant,
        "seconds": Spread.of(seconds["other"]),
        "images_per_second": arguments["batch"] / Spread.of(seconds["other"]).median,
        "rate_over_usual": ratios(rates, usual_rates),
        "peak_bytes": peak_bytes,
    }


def report(result):
    lines = []
    for precision, rows in result.items():
        lines += [
            f"**{precision}**; the usual step has batch 64, width 64, one replica, and "
            "a batch is that of all replicas.",
            "",
            "| step | seconds | images a second | GFLOP/s over the usual step's | "
            "peak memory, GiB |",
            "|---|---|---|---|---|",
        ]
        for row in rows:
            name = ", ".join(f"{key} {value}" for key, value in row["variant"].items())
            cells = [
                name,
                row["seconds"].text(".3f"),
                f"{row['images_per_second']:.0f}",
                row["rate_over_usual"].text(".2f"),
                f"{row['peak_bytes'] / 2**30:.2f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return lines
