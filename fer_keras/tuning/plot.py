"""The plot of a search: score over learning rate, coloured by beta_1."""

from numbers import Real

from fer_keras.paper_figures import png_of

# From this ratio of the scores on, an axis of logarithms.
_WIDE = 20


def search_plot(rows: list[dict], objective: str, direction: str) -> bytes:
    """Draws each trial's score over what was searched.

    A panel each for the learning rate, or those of G and D, on an axis of
    logarithms; without one, a panel for each number that was searched. The colour is
    the beta_1 of the same network. A star marks the best trial, a square the first,
    which has the default values; crosses at the lower edge are trials that failed.

    Args:
        rows: From `trial_rows`.
        objective: The score's name.
        direction: "min" or "max".

    Returns:
        A PNG file's bytes.
    """
    from matplotlib.figure import Figure

    names = _panels(rows)
    figure = Figure((5.4 * len(names), 4.2), layout="constrained")
    axes = figure.subplots(1, len(names), squeeze=False)[0]
    scored = [row for row in rows if row["score"] is not None]
    for axis, name in zip(axes, names, strict=True):
        _draw_scores(figure, axis, name, [r for r in scored if _number(r, name)])
        failed = [r for r in rows if r["status"] == "FAILED" and _number(r, name)]
        axis.plot(
            [row["values"][name] for row in failed],
            [0.03] * len(failed),
            "x",
            color="tab:red",
            transform=axis.get_xaxis_transform(),
            label="failed" if failed else None,
        )
        _mark(axis, name, rows, scored, direction)
        axis.set_xlabel(name)
        axis.set_ylabel(f"{objective} ({direction}imum is best)")
        axis.grid(alpha=0.3)
    return png_of(figure)


def _panels(rows):
    values = [row["values"] for row in rows]
    names = dict.fromkeys(name for value in values for name in value)
    rates = [name for name in names if name.endswith("learning_rate")]
    numbers = [
        name
        for name in names
        if "/" not in name and any(_number(row, name) for row in rows)
    ]
    return rates or numbers or [""]


def _number(row, name):
    value = row["values"].get(name)
    return isinstance(value, Real) and not isinstance(value, bool)


def _draw_scores(figure, axis, name, rows):
    places = [row["values"][name] for row in rows]
    scores = [row["score"] for row in rows]
    colour = name.replace("learning_rate", "beta_1")
    coloured = colour != name and all(_number(row, colour) for row in rows)
    points = axis.scatter(
        places,
        scores,
        c=[row["values"][colour] for row in rows] if coloured else "tab:blue",
        cmap="viridis" if coloured else None,
        s=42,
        zorder=3,
    )
    if coloured and rows:
        figure.colorbar(points, ax=axis, label=colour)
    if name.endswith("learning_rate"):
        axis.set_xscale("log")
    if scores and min(scores) > 0 and max(scores) > _WIDE * min(scores):
        axis.set_yscale("log")


def _mark(axis, name, rows, scored, direction):
    """Marks the trial with the default values and the best."""
    best = min if direction == "min" else max
    marked = {
        "default values": (rows[0], "s", 130),
        "best": (best(scored, key=lambda r: r["score"], default=rows[0]), "*", 330),
    }
    for label, (row, marker, size) in marked.items():
        if row["score"] is None or not _number(row, name):
            continue
        axis.scatter(
            [row["values"][name]],
            [row["score"]],
            marker=marker,
            s=size,
            facecolors="none",
            edgecolors="black",
            zorder=4,
            label=label,
        )
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=8)
