"""Figures: faces in all emotions under captions, the paper's figures 5 to 7, curves."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fer_keras.images import tile, to_uint8

_GAP = 2
# Between the originals and what was made of them.
_WIDE_GAP = 6
_LARGEST_FONT = 10
# Faces in a row of the paper's figures.
_COLUMNS = 8


def emotion_grid(
    originals: np.ndarray,
    transferred: np.ndarray,
    names: Sequence[str],
    row_names: Sequence[str] | None = None,
    zoom: int = 1,
) -> np.ndarray:
    """Draws originals beside all their emotions, a face a row, under captions.

    Args:
        originals: Faces, uint8 or float -1..1, `(rows, height, width, channels)`
            with 1 or 3 channels.
        transferred: `(rows, emotions, height, width, channels)`.
        names: A caption for each emotion.
        row_names: A caption for each row, such as the face's own emotion, drawn
            left of it. Default none.
        zoom: Pixels of the picture per pixel of a face; captions stay sharp.

    Returns:
        uint8 `(picture_height, picture_width, channels)`, on white.

    Raises:
        ValueError: The numbers of faces, emotions and captions do not fit.
    """
    originals, transferred = _grey_levels(originals), _grey_levels(transferred)
    rows, height, width, channels = originals.shape
    names = list(names)
    expected = (rows, len(names), height, width, channels)
    if transferred.shape != expected or channels not in (1, 3):
        raise ValueError(
            f"Expected transferred faces of shape {expected} with 1 or 3 channels, "
            f"got {transferred.shape}."
        )
    if row_names is not None and len(row_names) != rows:
        raise ValueError(f"Expected {rows} row names, got {len(row_names)}.")
    margin = 0 if row_names is None else width + _GAP
    lefts = [margin] + [
        margin + width + _WIDE_GAP + column * (width + _GAP)
        for column in range(len(names))
    ]
    font = _fitting_font(["original", *names, *(row_names or [])], width * zoom, zoom)
    top = (_LARGEST_FONT + 2 * _GAP) * zoom
    size = (lefts[-1] + width) * zoom, top + (rows * (height + _GAP) - _GAP) * zoom
    picture = Image.new("RGB", (size[0], max(size[1], top)), "white")
    draw = ImageDraw.Draw(picture)
    for left, name in zip(lefts, ["original", *names], strict=True):
        place = ((left + width / 2) * zoom, top - zoom)
        draw.text(place, name, "black", font, anchor="md")
    for row in range(rows):
        y = top + row * (height + _GAP) * zoom
        if row_names is not None:
            place = ((margin - 2 * _GAP) * zoom, y + height * zoom / 2)
            draw.text(place, str(row_names[row]), "black", font, anchor="rm")
        for left, face in zip(lefts, [originals[row], *transferred[row]], strict=True):
            picture.paste(_enlarged(face, zoom), (left * zoom, y))
    return np.asarray(picture)[..., :channels]


def _grey_levels(images):
    images = np.asarray(images)
    return images if images.dtype == np.uint8 else to_uint8(images)


def _enlarged(face, zoom):
    height, width, channels = face.shape
    image = Image.fromarray(face[..., 0] if channels == 1 else face)
    return image.resize((width * zoom, height * zoom), Image.Resampling.NEAREST)


def _fitting_font(texts, width, zoom):
    """The largest font in which every caption is no wider than a face."""
    for size in range(_LARGEST_FONT * zoom, 4, -1):
        font = ImageFont.load_default(size)
        if max(font.getlength(str(text)) for text in texts) <= width:
            break
    return font


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
    return _figure_of_pictures(pictures, captions, columns=min(3, len(pictures)))


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
    return _figure_of_pictures(pictures, ["originals", emotion], columns=2)


def emotions_figure(edited: np.ndarray, names: Sequence[str]) -> bytes:
    """Draws the same faces in every emotion, a cluster each, as the paper's figure 7.

    Args:
        edited: uint8 `(count, emotions, height, width, 1)`.
        names: The emotions' names.

    Returns:
        A PNG file's bytes.
    """
    pictures = [tile(edited[:, column], _COLUMNS) for column in range(len(names))]
    return _figure_of_pictures(pictures, names, columns=min(4, len(names)))


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
    return _figure_of_pictures(pairs, captions, min(7, len(pairs)), inch=1.0, font=6)


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


def png_of(figure: Any) -> bytes:
    """Returns a matplotlib figure as a PNG file's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def _figure_of_pictures(pictures, captions, columns, inch=3.2, font=9) -> bytes:
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
