"""Whether training waits for its input, and what `fit` adds to a step."""

from benchmarks.measuring import Candidate, Spread, in_turns, ratios

TITLE = "Input"
_STEPS = "benchmarks.candidates.gan_steps:"
_EXAMPLES = 28709
_BATCHES = 200
_FIT_STEPS = 10


def measure(options):
    batch = options.batch
    with Candidate(
        f"{_STEPS}make_batches_alone",
        batch=batch,
        examples=_EXAMPLES,
        batches_a_step=_BATCHES,
    ) as alone:
        seconds = in_turns({"alone": alone}, options.rounds)["alone"]
    rates = Spread.of([batch * _BATCHES / each for each in seconds])
    return {
        "images_per_second": rates,
        "training": {
            precision: _training(precision, options) for precision in options.precisions
        },
    }


def _training(precision, options):
    shared = {"precision": precision, "batch": options.batch}
    with (
        Candidate(f"{_STEPS}make_fed_step", **shared, examples=_EXAMPLES) as fed,
        Candidate(f"{_STEPS}make_ours", **shared) as bare,
        Candidate(f"{_STEPS}make_fit", **shared, steps=_FIT_STEPS) as fit,
    ):
        waits, fit_seconds, bare_seconds = [], [], []
        for candidate in (fed, bare, fit):
            candidate.run(3)
        for _ in range(options.rounds):
            seconds = fed.run(_FIT_STEPS)
            waited = sum(note["waited"] for note in fed.notes)
            waits.append(waited / sum(seconds))
            bare_seconds.append(sum(bare.run(_FIT_STEPS)))
            fit_seconds += fit.run(1)
    return {
        "share_waited": Spread.of(waits),
        "fit_over_bare_steps": ratios(fit_seconds, bare_seconds),
    }


def report(result):
    lines = [
        f"Batches alone: {result['images_per_second'].text(',.0f')} images a second.",
        "",
        "| precision | share of a step spent waiting | `fit` over bare steps |",
        "|---|---|---|",
    ]
    for precision, found in result["training"].items():
        lines.append(
            f"| {precision} | {found['share_waited'].text('.3%')} | "
            f"{found['fit_over_bare_steps'].text('.3f')} |"
        )
    return lines
