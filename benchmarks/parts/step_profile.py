"""Where a step's time goes, by kind of operation."""

from benchmarks.measuring import Candidate

TITLE = "Where the time goes"
_PROFILED = "benchmarks.candidates.step_profile:make_profiled"
_SHOWN = 16


def measure(options):
    return {name: _measure(name, options) for name in options.precisions}


def _measure(precision, options):
    steps = 3 if options.quick else 10
    with Candidate(
        _PROFILED, precision=precision, batch=options.batch, steps=steps
    ) as candidate:
        candidate.run(1)
        return candidate.notes[0]


def report(result):
    lines = [
        "Milliseconds of a step by kind of operation, one after the other. The sum is "
        "what the step would take if nothing disturbed it.",
    ]
    for precision, kinds in result.items():
        total = sum(kinds.values())
        shown = list(kinds.items())[:_SHOWN]
        lines += ["", f"| {precision} | ms | share |", "|---|---|---|"]
        lines += [f"| {kind} | {ms:.1f} | {ms / total:.1%} |" for kind, ms in shown]
        rest = total - sum(ms for _, ms in shown)
        lines += [f"| all others | {rest:.1f} | {rest / total:.1%} |"]
        lines += [f"| together | {total:.1f} | |"]
    return lines
