"""Times candidates in turns, each in a process of its own.

A machine drifts: others use it, its clock changes. The candidates therefore take
turns, a few steps each, and are compared round by round; the median of the rounds'
ratios is what a drifting machine leaves alone. A process each keeps one library's
idle threads from another's cores, and gives each candidate's own peak memory.
"""

import contextlib
import dataclasses
import json
import statistics
import subprocess
import sys
import tempfile


@dataclasses.dataclass(frozen=True)
class Spread:
    """A median with the quartiles around it, of `count` rounds."""

    median: float
    lower: float
    upper: float
    count: int

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Returns the spread of one value or more."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, lower, upper, len(values))

    def text(self, form: str = ".3g", scale: float = 1.0) -> str:
        """Formats it: "1.31 (1.27 to 1.36)"."""
        median, lower, upper = (
            format(value * scale, form)
            for value in (self.median, self.lower, self.upper)
        )
        return f"{median} ({lower} to {upper})"


class Candidate:
    """A process of `benchmarks.worker` that runs steps of one kind on request.

    Args:
        factory: `"module:function"`; the function returns the step, a callable
            without arguments.
        **arguments: What the function is called with.

    Attributes:
        notes: The dictionaries that the last turn's steps returned, None for others.
        peak_bytes: The most memory that the process has held.
    """

    def __init__(self, factory: str, **arguments):
        self.notes = []
        self.peak_bytes = 0
        # Libraries talk while they start; only a failure makes that worth reading.
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", factory, json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def run(self, steps: int) -> list[float]:
        """Runs steps and returns the seconds of each.

        Raises:
            RuntimeError: The process has failed; with what it said.
        """
        self.begin(steps)
        return self.result()

    def begin(self, steps: int):
        """Has steps run, without waiting for them."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{steps}\n")
            self._process.stdin.flush()

    def result(self) -> list[float]:
        """Waits for what was begun; see `run`."""
        answer = self._process.stdout.readline()
        if not answer:
            self._process.wait()
            self._said.seek(0)
            raise RuntimeError(
                f"{' '.join(self._process.args[3:])} has failed:\n{self._said.read()}"
            )
        seconds, self.notes, self.peak_bytes = json.loads(answer)
        return seconds

    def close(self):
        """Ends the process."""
        # What a process that has failed did not read is flushed here once more.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._said.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def in_turns(
    candidates: dict[str, Candidate], rounds: int, steps: int = 1, warm_up: int = 2
) -> dict[str, list[float]]:
    """Lets candidates take turns.

    Args:
        candidates: By name.
        rounds: How many turns each gets.
        steps: How many steps a turn has.
        warm_up: Steps of each before the first turn, which are not counted.

    Returns:
        For each candidate one number a round: the median seconds of its steps.
    """
    # All at once: nothing is timed, and much of it is one thread's compiling.
    for candidate in candidates.values():
        candidate.begin(warm_up)
    for candidate in candidates.values():
        candidate.result()
    seconds = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, candidate in candidates.items():
            seconds[name].append(statistics.median(candidate.run(steps)))
    return seconds


def ratios(numerator: list[float], denominator: list[float]) -> Spread:
    """Returns the spread of the rounds' ratios."""
    return Spread.of(
        [over / under for over, under in zip(numerator, denominator, strict=True)]
    )
