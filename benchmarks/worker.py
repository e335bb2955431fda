"""The process behind a `benchmarks.measuring.Candidate`.

    python -m benchmarks.worker MODULE:FUNCTION JSON

calls the function with the JSON's arguments for a step, and then for each line of
input, a number, runs as many steps and answers with a line of JSON: the seconds of
each, what each returned if that is a dictionary (else None), and the peak memory of
the process in bytes.
"""

import importlib
import json
import os
import re
import resource
import sys
import time
from pathlib import Path


def main():
    # The answers' way is kept apart from what libraries print.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, function = sys.argv[1].split(":")
    make = getattr(importlib.import_module(module), function)
    step = make(**json.loads(sys.argv[2]))
    for line in sys.stdin:
        seconds, notes = [], []
        for _ in range(int(line)):
            started = time.perf_counter()
            note = step()
            seconds.append(time.perf_counter() - started)
            notes.append(note if isinstance(note, dict) else None)
        answer = [seconds, notes, peak_bytes()]
        print(json.dumps(answer), file=answers, flush=True)


def peak_bytes() -> int:
    """Returns the most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not `ru_maxrss`, which starts with what the parent held.
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    kibibytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kibibytes


if __name__ == "__main__":
    main()
