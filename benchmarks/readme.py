"""Puts measured figures into a README, between two marks."""

from pathlib import Path

BEGIN = "<!-- figures: written by `python -m benchmarks.run --readme` -->"
END = "<!-- end of the figures -->"


def replace_figures(path: Path, lines: list[str]) -> None:
    """Replaces what stands between the marks.

    Raises:
        ValueError: The file lacks the marks.
    """
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} lacks the marks {BEGIN} and {END}.")
    figures = "\n".join(["", "", *lines, "", ""])
    path.write_text(f"{before}{BEGIN}{figures}{END}{after}")
