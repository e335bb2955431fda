"""What a search found: a row a trial, as a table, CSV, JSON and a plot."""

import csv
import io
import json
from pathlib import Path

from fer_keras.tuning.plot import search_plot

# Columns before a trial's hyperparameters and after them its metrics.
_FIRST = ("trial", "status", "score", "epoch", "seconds", "worker")


def trial_rows(oracle) -> list[dict]:
    """Returns what is known of each trial, in the order in which they began.

    Returns:
        Dicts of `trial` (from 1), `id` (KerasTuner's, as in its folders' names),
        `status` ("COMPLETED", "FAILED" or "RUNNING"), `score` (None without one),
        `epoch` (that of the score, from 1), `seconds`, `worker`, `values` (of the
        hyperparameters), `metrics` (all at that epoch) and `reason` (of a failure).
    """
    rows = []
    for number, name in enumerate(oracle.start_order, start=1):
        trial = oracle.trials[name]
        done = trial.status == "COMPLETED"
        run = oracle.runs.get(name, {})
        rows.append(
            {
                "trial": number,
                "id": name,
                "status": trial.status,
                "score": trial.score if done else None,
                "epoch": trial.best_step + 1 if done else None,
                "seconds": run.get("seconds"),
                "worker": run.get("worker"),
                "values": dict(trial.hyperparameters.values),
                "metrics": {
                    metric: history.get_best_value()
                    for metric, history in trial.metrics.metrics.items()
                },
                "reason": failure_reason(trial),
            }
        )
    return rows


def best_row(rows: list[dict], direction: str) -> dict | None:
    """Returns the row with the best score, None where there is no score.

    Args:
        rows: From `trial_rows`.
        direction: "min" or "max".
    """
    scored = [row for row in rows if row["score"] is not None]
    best = min if direction == "min" else max
    return best(scored, key=lambda row: row["score"], default=None)


def failure_reason(trial) -> str | None:
    """Returns the last line of what a failed trial raised, None without one."""
    lines = (trial.message or "").strip().splitlines()
    if not lines:
        return None
    kind, _, reason = lines[-1].partition(": ")
    return reason or kind


def write_results(oracle, folder: str | Path) -> None:
    """Writes `trials.csv` and `trials.json` of a search.

    Args:
        oracle: The search's oracle, in the process that holds it.
        folder: Where to.
    """
    rows, objective = trial_rows(oracle), oracle.objective
    record = {
        "objective": {"name": objective.name, "direction": objective.direction},
        "best": best_row(rows, objective.direction),
        "trials": rows,
    }
    _write(Path(folder) / "trials.csv", _csv_of(rows).encode())
    _write(Path(folder) / "trials.json", json.dumps(record, indent=1).encode() + b"\n")


def write_plot(oracle, folder: str | Path) -> None:
    """Writes `search.png` of a search; nothing before its first trial.

    Args:
        oracle: The search's oracle, in the process that holds it.
        folder: Where to.
    """
    rows, objective = trial_rows(oracle), oracle.objective
    if rows:
        plot = search_plot(rows, objective.name, objective.direction)
        _write(Path(folder) / "search.png", plot)


def _write(path, content):
    """Writes a file aside and renames it: nobody sees half of it."""
    aside = path.with_name(f".partial-{path.name}")
    aside.write_bytes(content)
    aside.replace(path)


def _csv_of(rows):
    flat = [
        {name: row[name] for name in _FIRST} | row["values"] | row["metrics"]
        for row in rows
    ]
    values = dict.fromkeys(name for row in rows for name in row["values"])
    metrics = dict.fromkeys(name for row in rows for name in row["metrics"])
    text = io.StringIO()
    writer = csv.DictWriter(text, [*_FIRST, *values, *metrics], lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def trial_line(oracle, trial) -> str:
    """Returns one line on a trial that has ended, for people."""
    rows = trial_rows(oracle)
    row = next(row for row in rows if row["id"] == trial.trial_id)
    best = best_row(rows, oracle.objective.direction)
    number = f"trial {row['trial']}"
    if oracle.max_trials:
        number += f" of {oracle.max_trials}"
    if row["score"] is None:
        outcome = f"failed: {row['reason'] or 'its score is no number'}"
    else:
        outcome = f"{oracle.objective.name} {row['score']:.4f}"
        outcome += (
            ", the best so far"
            if best is row
            else f" (best {best['score']:.4f} of trial {best['trial']})"
        )
    values = ", ".join(f"{k} {_short(v)}" for k, v in row["values"].items())
    return f"{number}: {outcome} · {values} · {row['seconds'] or 0:.0f} s"


def results_table(rows: list[dict], objective: str, direction: str) -> str:
    """Returns a text table of the trials, the best first and failed ones last.

    Args:
        rows: From `trial_rows`.
        objective: The score's name.
        direction: "min" or "max".
    """
    sign = 1 if direction == "min" else -1
    ordered = sorted(
        rows, key=lambda r: (r["score"] is None, sign * (r["score"] or 0.0))
    )
    names = list(dict.fromkeys(name for row in rows for name in row["values"]))
    table = [["trial", objective, *names, "epoch", "seconds"]]
    for row in ordered:
        score = row["status"].lower() if row["score"] is None else f"{row['score']:.4f}"
        table.append(
            [
                str(row["trial"]),
                score,
                *(_short(row["values"].get(name, "")) for name in names),
                _short(row["epoch"] or ""),
                _short(row["seconds"] or ""),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in table
    )


def _short(value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
