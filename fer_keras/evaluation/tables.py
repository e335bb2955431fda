"""The tables of an evaluation, for the terminal, the page and the documents."""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from fer_keras.evaluation.protocol import Evaluation
from fer_keras.evaluation.result import HEADS, SECTIONS, Comparison, Entry, direction
from fer_keras.evaluation.scores import Interval

_ARROWS = {1: " ↑", 0: "", -1: " ↓"}
_MARKS = {"better": " ✓", "worse": " ✗"}
_COMPARED = ("transfer", "inversion", "generation")


def number(value: float, signed: bool = False) -> str:
    """Returns a score with as many digits as mean something."""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3
    return f"{value:{'+' if signed else ''}.{digits}f}"


def with_margin(score: Interval, signed: bool = False) -> str:
    """Returns a score with half the width of its interval, `0.512 ±0.017`."""
    return f"{number(score.estimate, signed)} ±{number((score.high - score.low) / 2)}"


def with_interval(score: Interval, signed: bool = False) -> str:
    """Returns a score with its interval, `0.512 [0.495, 0.529]`."""
    low, high = number(score.low, signed), number(score.high, signed)
    return f"{number(score.estimate, signed)} [{low}, {high}]"


def score_table(
    section: str, entries: Sequence[Entry], form: Callable[..., str] = with_margin
) -> pd.DataFrame:
    """Returns a section's scores as a `pandas.DataFrame` of texts, a row an entry."""
    cells = {
        entry.name: {
            _head(section, name): form(score.interval)
            for name, score in entry.scores[section].items()
        }
        for entry in entries
        if section in entry.scores
    }
    return _frame(cells)


def difference_table(
    section: str, pairs: Sequence[Comparison], form: Callable[..., str] = with_margin
) -> pd.DataFrame:
    """Returns paired differences, marked where the interval leaves out 0."""
    cells = {
        f"{pair.name} − {pair.other}": {
            _head(section, name): form(score.interval, signed=True)
            + _MARKS.get(pair.verdict(section, name), "")
            for name, score in pair.differences[section].items()
        }
        for pair in pairs
        if pair.differences.get(section)
    }
    return _frame(cells)


def tables_of(
    entries: Sequence[Entry],
    comparisons: Sequence[Comparison],
    form: Callable[..., str] = with_margin,
) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Yields (title, table of scores, table of differences) of what there is."""
    for section, title in SECTIONS.items():
        table = score_table(section, entries, form)
        if not table.empty:
            pairs = comparisons if section in _COMPARED else ()
            yield title, table, difference_table(section, pairs, form)


def evaluation_text(evaluation: Evaluation) -> str:
    """Returns all tables and sentences as text."""
    setting = evaluation.setting
    parts = [
        setting.get("title", "Evaluation"),
        f"{setting.get('source', '')} {setting['faces']:,} real faces; "
        f"{setting['sources']:,} of them changed, {setting['edits']:,} edits; "
        f"{setting['faces_per_class']:,} generated faces of each emotion. ± is half of "
        "a 95 % interval.".strip(),
        f"The judges on these real faces\n\n{judges_table(evaluation).to_string()}",
        landmarks(evaluation),
    ]
    for heading, entries, pairs in _groups(evaluation):
        parts += [heading] if heading else []
        for title, table, differences in tables_of(entries, pairs):
            parts.append(f"{title}\n\n{table.to_string()}")
            if not differences.empty:
                parts.append(f"Paired differences\n\n{differences.to_string()}")
    return "\n\n".join([*parts, *evaluation.sentences]) + "\n"


def _groups(evaluation):
    yield None, evaluation.entries, evaluation.comparisons
    if evaluation.same_faces:
        heading = "On the 64 faces of the paper's published pictures alone"
        yield heading, evaluation.same_faces, evaluation.same_faces_comparisons


def judges_table(evaluation: Evaluation) -> pd.DataFrame:
    """Returns the judges' accuracy on the real faces, in all and by emotion."""
    judges, names = evaluation.judges, evaluation.setting["emotions"]
    rows = {}
    for suffix, label in (("", ""), ("_ferplus", ", by FER+")):
        accuracy = judges.get(f"accuracy{suffix}", {})
        rows |= {f"{name}{label}": {"all": v} for name, v in accuracy.items()}
        if accuracy:
            by_class = dict(zip(names, judges[f"by_class{suffix}"], strict=True))
            rows[list(rows)[-1]] |= by_class
    cells = {
        row: {column: f"{value:.3f}" for column, value in values.items()}
        for row, values in rows.items()
    }
    return _frame(cells)


def landmarks(evaluation: Evaluation) -> str:
    """Returns the distances by which an identity distance is read."""
    known = evaluation.setting["identity_distance_of"]
    return "Identity distance: " + ", ".join(
        f"{what} {value:.2f}" for what, value in known.items()
    )


def _head(section: str, name: str) -> str:
    return HEADS.get(name, name) + _ARROWS[direction(section, name)]


def _frame(cells: dict) -> pd.DataFrame:
    return pd.DataFrame.from_dict(cells, orient="index").fillna("–")
