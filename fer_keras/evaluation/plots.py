"""The report's plot: what a transfer gives up for what it gains."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from fer_keras.evaluation.result import Entry
from fer_keras.judges import SAME_PERSON, UNRELATED

_MARKERS = {"model": "o", "control": "s", "published": "^"}


def trade_off_figure(entries: Sequence[Entry]) -> Figure:
    """Draws relative hit over identity distance: emotion gained, person kept.

    Args:
        entries: Those with a transfer are drawn, with their intervals.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    figure = Figure((8.0, 4.2), layout="constrained")
    axis = figure.subplots()
    for entry in entries:
        if "transfer" not in entry.scores:
            continue
        distance, hit = (
            entry.scores["transfer"][name].interval
            for name in ("identity_distance", "relative_hit")
        )
        axis.errorbar(
            distance.estimate,
            hit.estimate,
            xerr=_bars(distance),
            yerr=_bars(hit),
            marker=_MARKERS[entry.kind],
            capsize=2,
            linestyle="none",
            label=entry.name,
        )
    for place, what in ((SAME_PERSON, "one person"), (UNRELATED, "unrelated")):
        axis.axvline(place, color="grey", linestyle="--", linewidth=1)
        axis.text(place, 0.02, what, fontsize=7, rotation=90, ha="right")
    axis.axhline(1.0, color="grey", linestyle="--", linewidth=1)
    axis.set_xlim(left=-0.02)
    axis.set_ylim(bottom=0)
    axis.set_xlabel("identity distance: less is more of the person")
    axis.set_ylabel("relative hit: the emotion is seen")
    axis.grid(alpha=0.3)
    figure.legend(fontsize=7, loc="outside right upper")
    return figure


def _bars(interval) -> list[list[float]]:
    # A percentile interval need not hold its estimate; a bar must not be negative.
    return [
        [max(0.0, interval.estimate - interval.low)],
        [max(0.0, interval.high - interval.estimate)],
    ]
