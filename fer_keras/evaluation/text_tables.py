"""The tables as text, for the terminal and the documents."""

import math
from collections.abc import Sequence

from fer_keras.evaluation.result import (
    LOWER_IS_BETTER,
    NEITHER_IS_BETTER,
    SECTIONS,
    Comparison,
    Entry,
)
from fer_keras.metrics import BootstrapInterval

TITLES = {
    "generation": "Generated faces",
    "inversion": "Inversion: G(E(x)|own emotion) against x",
    "transfer": "Transfer to all other emotions",
    "truth": "Transfer of drawn faces, whose truth is known",
    "train_on_generated": "Trained on generated faces, tested on real ones",
}


def arrow(score: str) -> str:
    """Returns which way a score is better, for a column's head."""
    if score in NEITHER_IS_BETTER:
        return ""
    return " ↓" if score in LOWER_IS_BETTER else " ↑"


def number(value: float, signed: bool = False) -> str:
    """Returns a score with as many digits as mean something."""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3
    return f"{value:{'+' if signed else ''}.{digits}f}"


def with_margin(interval: BootstrapInterval, signed: bool = False) -> str:
    """Returns a score with half the width of its interval, `0.512 ±0.017`."""
    margin = (interval.high - interval.low) / 2
    if not math.isfinite(margin):
        return number(interval.estimate, signed)
    return f"{number(interval.estimate, signed)} ±{number(margin)}"


def with_interval(interval: BootstrapInterval, signed: bool = False) -> str:
    """Returns a score with its interval, `0.512 [0.495, 0.529]`."""
    low, high = number(interval.low, signed), number(interval.high, signed)
    return f"{number(interval.estimate, signed)} [{low}, {high}]"


def rows_of(
    section: str, entries: Sequence[Entry], form=with_margin
) -> tuple[list[str], list[list[str]]]:
    """Returns a section's head and rows as texts; empty where nobody has a score."""
    mine = [entry for entry in entries if section in entry.scores]
    names = [
        name
        for name in SECTIONS[section]
        if any(name in entry.scores[section] for entry in mine)
    ]
    head = [SECTIONS[section][name] + arrow(name) for name in names]
    rows = [
        [
            entry.name,
            *(
                form(entry.scores[section][name].interval)
                if name in entry.scores[section]
                else "–"
                for name in names
            ),
        ]
        for entry in mine
    ]
    return head, rows


def difference_rows(
    section: str, comparisons: Sequence[Comparison], form=with_margin
) -> tuple[list[str], list[list[str]]]:
    """Returns the head and rows of paired differences, marked where told apart."""
    mine = [pair for pair in comparisons if pair.differences.get(section)]
    names = [
        name
        for name in SECTIONS[section]
        if any(name in pair.differences[section] for pair in mine)
    ]
    marks = {"better": " ✓", "worse": " ✗"}
    rows = []
    for pair in mine:
        row = [f"{pair.name} − {pair.other}"]
        for name in names:
            score = pair.differences[section].get(name)
            if score is None:
                row.append("–")
                continue
            mark = marks.get(pair.verdict(section, name), "")
            mark = "" if name in NEITHER_IS_BETTER else mark
            row.append(form(score.interval, signed=True) + mark)
        rows.append(row)
    return [SECTIONS[section][name] + arrow(name) for name in names], rows


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table as lines of text, the first column to the left."""
    table = [["", *head], *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        cells = [row[0].ljust(widths[0])]
        cells += [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "─" * max(map(len, lines)))
    return "\n".join(lines)


def section_text(
    section: str,
    entries: Sequence[Entry],
    comparisons: Sequence[Comparison] = (),
) -> str | None:
    """Returns a section as text, or None where nobody has a score in it."""
    head, rows = rows_of(section, entries)
    if not rows:
        return None
    text = f"{TITLES[section]}\n\n{aligned(head, rows)}"
    head, rows = difference_rows(section, comparisons)
    if rows:
        text += f"\n\nPaired differences\n\n{aligned(head, rows)}"
    return text


def evaluation_text(evaluation) -> str:
    """Returns all tables and sentences of an `Evaluation`."""
    judges, setting = evaluation.judges, evaluation.setting
    accuracies = ", ".join(
        f"{name} {value:.3f}" for name, value in judges["accuracy"].items()
    )
    parts = [
        f"{setting['faces']:,} real faces, {setting['edits']:,} edits, "
        f"{setting['faces_per_class']:,} generated faces of each emotion. "
        f"± is half of a 95 % bootstrap interval over the faces.\n"
        f"Judges' accuracy on these faces: {accuracies}; all agree and are right "
        f"{judges['all_agree']:.3f}. A linear probe reads the emotion from the "
        f"identity features with {judges['emotion_probe']:.3f} (commonest emotion "
        f"{judges['commonest_class']:.3f}).",
        *(
            section_text(section, evaluation.entries, evaluation.comparisons)
            for section in SECTIONS
        ),
    ]
    if evaluation.same_faces:
        parts.append("On the 64 faces of the paper's published pictures alone")
        parts += [
            section_text(
                section, evaluation.same_faces, evaluation.same_faces_comparisons
            )
            for section in ("inversion", "transfer")
        ]
    parts += evaluation.sentences
    return "\n\n".join(part for part in parts if part) + "\n"
