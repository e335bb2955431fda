"""The paper's figures 5, 6 and 7, from any run or model, as PNG files."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from fer_keras.images import tile

_COLUMNS = 8


def epochs_figure(pictures: Sequence[np.ndarray], captions: Sequence[str]) -> bytes:
    """Draws grids of samples from epoch to epoch, as the paper's figure 5.

    Args:
        pictures: uint8 `(height, width, 1 or 3)` each.
        captions: One for each picture, such as "epoch 6".

    Returns:
        A PNG file's bytes.

    Raises:
        ValueError: No pictures, or not as many captions.
    """
    return _panels(pictures, captions, columns=min(3, len(pictures)))


def before_and_after_figure(
    originals: np.ndarray, decoded: np.ndarray, emotion: str = "happy"
) -> bytes:
    """Draws faces beside the same faces with one emotion, as the paper's figure 6.

    Args:
        originals: uint8 `(count, height, width, 1)`.
        decoded: uint8, the same shape.
        emotion: What to call the right side.

    Returns:
        A PNG file's bytes.
    """
    pictures = [tile(faces, _COLUMNS) for faces in (originals, decoded)]
    return _panels(pictures, ["originals", emotion], columns=2)


def emotions_figure(edited: np.ndarray, names: Sequence[str]) -> bytes:
    """Draws the same faces in every emotion, a cluster each, as the paper's figure 7.

    Args:
        edited: uint8 `(count, emotions, height, width, 1)`.
        names: The emotions' names.

    Returns:
        A PNG file's bytes.
    """
    pictures = [tile(edited[:, column], _COLUMNS) for column in range(len(names))]
    return _panels(pictures, names, columns=min(4, len(names)))


def pairs_figure(
    sources: np.ndarray, edited: np.ndarray, captions: Sequence[str]
) -> bytes:
    """Draws each face above what became of it.

    Args:
        sources: uint8 `(count, height, width, 1)`.
        edited: uint8, the same shape.
        captions: One for each pair, such as "sad → happy".

    Returns:
        A PNG file's bytes.
    """
    pairs = [tile(np.stack(pair), 1) for pair in zip(sources, edited, strict=True)]
    return _panels(pairs, captions, min(7, len(pairs)), inch=1.0, font=6)


def curves_figure(history: dict[str, Sequence[float]], title: str = "") -> bytes:
    """Draws the metrics of a training, an axis for each, over epochs.

    Args:
        history: Values by name, one for each epoch; `val_x` is drawn beside `x`.
        title: Stands above.

    Returns:
        A PNG file's bytes.

    Raises:
        ValueError: There is nothing to draw.
    """
    names = [
        name
        for name in history
        if not (name.startswith("val_") and name[4:] in history)
    ]
    if not names:
        raise ValueError("The history holds no metric to draw.")
    columns = min(3, len(names))
    figure, axes = _axes(len(names), columns, (3.4, 2.2))
    for axis, name in zip(axes, names, strict=False):
        for series in (name, f"val_{name}"):
            if series in history:
                values = np.asarray(history[series], "float64")
                axis.plot(
                    np.arange(1, len(values) + 1),
                    values,
                    marker="." if len(values) < 30 else "",
                    label="validation" if series.startswith("val_") else "training",
                )
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("epoch", fontsize=8)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3)
        if f"val_{name}" in history:
            axis.legend(fontsize=7)
    figure.suptitle(title)
    return png_of(figure)


def png_of_picture(picture: np.ndarray) -> bytes:
    """Returns a picture, uint8 `(height, width, 1 or 3)`, as a PNG file's bytes."""
    buffer = io.BytesIO()
    grey = picture.shape[-1] == 1
    Image.fromarray(picture[..., 0] if grey else picture).save(buffer, format="PNG")
    return buffer.getvalue()


def png_of(figure) -> bytes:
    """Returns a matplotlib figure as a PNG file's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def _panels(pictures, captions, columns, inch=3.2, font=9) -> bytes:
    if len(pictures) != len(captions) or not len(pictures):
        raise ValueError(
            f"Expected one caption for each picture, one or more, got {len(pictures)} "
            f"pictures and {len(captions)} captions."
        )
    height, width = pictures[0].shape[:2]
    size = (inch, inch * height / width + 0.3)
    figure, axes = _axes(len(pictures), columns, size)
    for axis, picture, caption in zip(axes, pictures, captions, strict=False):
        grey = picture.shape[-1] == 1
        axis.imshow(
            picture[..., 0] if grey else picture,
            cmap="gray" if grey else None,
            vmin=0,
            vmax=255,
            interpolation="nearest",
        )
        axis.set_title(caption, fontsize=font)
        axis.set_axis_off()
    return png_of(figure)


def _axes(count: int, columns: int, size: tuple[float, float]):
    # The object interface: pyplot would keep a global state and look for a screen.
    from matplotlib.figure import Figure

    rows = -(-count // columns)
    figure = Figure((size[0] * columns, size[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[count:]:
        axis.remove()
    return figure, axes[:count]
