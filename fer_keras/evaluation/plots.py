"""The report's plots: what a transfer gives up for what it gains, and retrieval."""

from collections.abc import Sequence

import numpy as np

from fer_keras.evaluation.blend_search import BlendCurve
from fer_keras.evaluation.result import Entry
from fer_keras.paper_figures import png_of

_MARKERS = {"model": "o", "control": "s", "published": "^"}


def trade_off_plot(entries: Sequence[Entry], blend: BlendCurve) -> bytes:
    """Draws relative hit against rank-1: emotion gained, person kept.

    The line is the blend at all weights tried, on the validation split; a transfer
    that learnt something lies above it.

    Args:
        entries: Those with a transfer are drawn, with their intervals.
        blend: The blend's scores.

    Returns:
        A PNG file's bytes.
    """
    figure, axis = _figure()
    axis.plot(
        blend.first_ranks,
        blend.relative_hits,
        color="grey",
        linestyle="--",
        label="blend, any weight",
    )
    for entry in entries:
        if "transfer" not in entry.scores:
            continue
        hit = entry.scores["transfer"]["relative_hit"].interval
        rank = entry.scores["transfer"]["rank_1"].interval
        axis.errorbar(
            rank.estimate,
            hit.estimate,
            xerr=_bars(rank),
            yerr=_bars(hit),
            marker=_MARKERS[entry.kind],
            capsize=2,
            label=entry.name,
        )
    axis.set_xlabel("rank 1: the person is found")
    axis.set_ylabel("relative hit: the emotion is seen")
    axis.legend(fontsize=7)
    return png_of(figure)


def retrieval_plot(entries: Sequence[Entry]) -> bytes:
    """Draws the share of edits whose source is among the first k, for every k.

    Args:
        entries: Those with edits are drawn.

    Returns:
        A PNG file's bytes.
    """
    figure, axis = _figure()
    for entry in entries:
        if entry.edits is None:
            continue
        ranks = np.sort(entry.edits.of_edits(entry.edits.ranks).ravel())
        gallery = max(len(entry.edits), int(ranks[-1]))
        ks = np.unique(np.geomspace(1, gallery, 60).astype(int))
        found = np.searchsorted(ranks, ks, side="right") / len(ranks)
        axis.plot(ks, found, label=entry.name)
    axis.set_xscale("log")
    axis.set_xlabel("k")
    axis.set_ylabel("source among the first k")
    axis.set_ylim(0, 1.02)
    axis.legend(fontsize=7)
    return png_of(figure)


def _bars(interval) -> list[list[float]]:
    # A percentile interval need not hold its estimate; a bar must not be negative.
    return [
        [max(0.0, interval.estimate - interval.low)],
        [max(0.0, interval.high - interval.estimate)],
    ]


def _figure():
    from matplotlib.figure import Figure

    figure = Figure((6.4, 4.2), layout="constrained")
    axis = figure.subplots()
    axis.grid(alpha=0.3)
    return figure, axis
