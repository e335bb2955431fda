"""`fit` on a GPU: by precision, compiler and strategy, against the paper's GTX 1080."""

import contextlib

from benchmarks.measuring import Candidate, Spread, in_turns
from benchmarks.parts.training import EPOCHS, FACES, PAPERS_MINUTES

TITLE = "A GPU"
_STEPS = "benchmarks.candidates.gan_steps:"
_STEPS_A_FIT = 200
# Keras compiles with XLA where it chooses to: on one GPU, without a strategy.
_WAYS = {
    "one GPU, Keras' choice of compiler": {"strategy_name": "none"},
    "one GPU, without XLA": {"strategy_name": "none", "jit_compile": False},
    "MirroredStrategy": {"strategy_name": "mirrored"},
}


def measure(options):
    steps = 100 if options.quick else _STEPS_A_FIT
    with contextlib.ExitStack() as stack:

        def candidate(maker, **arguments):
            return stack.enter_context(Candidate(f"{_STEPS}{maker}", **arguments))

        candidates = {}
        for precision in options.precisions:
            shared = {"precision": precision, "batch": options.batch, "steps": steps}
            for way, arguments in _WAYS.items():
                candidates[f"{precision}, {way}"] = candidate(
                    "make_fit", **shared, **arguments
                )
            candidates[f"{precision}, plain Keras' bare steps without XLA"] = candidate(
                "make_plain_keras", **shared
            )
        rounds = 3 if options.quick else 5
        turns = in_turns(candidates, rounds, warm_up=1)
    seconds = {
        name: [each / steps for each in values] for name, values in turns.items()
    }
    return {
        name: {
            "seconds_a_step": Spread.of(values),
            "images_a_second": Spread.of([options.batch / each for each in values]),
            "fifty_epochs_minutes": Spread.of(
                [each * EPOCHS * -(-FACES // options.batch) / 60 for each in values]
            ),
        }
        for name, values in seconds.items()
    }


def report(result):
    lines = [
        f"| training in | milliseconds a step | images a second | minutes for {EPOCHS} "
        f"epochs of FER2013 (the paper: {PAPERS_MINUTES}) |",
        "|---|---|---|---|",
    ]
    for name, found in result.items():
        cells = (
            found["seconds_a_step"].text(".2f", 1e3),
            found["images_a_second"].text(".0f"),
            found["fifty_epochs_minutes"].text(".1f"),
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
