"""Writing a SavedModel."""

import concurrent.futures
import contextlib
import json
import logging
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from fer_keras.emotions import class_names
from fer_keras.export.endpoints import (
    ConditionalTransferEndpoints,
    GeneratorEndpoints,
    TransferEndpoints,
)
from fer_keras.export.networks import exported_network
from fer_keras.export.storage import QuantizedNetwork
from fer_keras.files import check_replaceable, replaced_folder
from fer_keras.images import write_png
from fer_keras.layers.kernels.own_gradient import without_own_gradients
from fer_keras.models import (
    ConditionalDCGAN,
    EmotionTransfer,
    EncoderInverter,
    JointTransfer,
)

CARD = "card.json"
EMOTIONS_FILE = "emotions.txt"
SAMPLES = "samples.png"
FILES = {"saved_model.pb", "fingerprint.pb", "variables", "assets", CARD, SAMPLES}


def export_saved_model(
    model,
    directory,
    metadata: dict | None = None,
    samples: np.ndarray | None = None,
    compact_with=None,
) -> Path:
    """Writes a model as a SavedModel that `tf.saved_model.load` loads anywhere.

    It holds G, and E where there is one, in float32, batch normalisation folded
    into the weights, as named endpoints; none needs Keras or this package. Labels
    are ids in the order of the endpoint `emotions` (also the file
    `assets/emotions.txt`).

    | endpoint | takes | gives |
    |---|---|---|
    | `transfer` | images, emotion | images |
    | `transfer_all`, the default | images | `(batch, num_classes, *image_shape)` |
    | `reconstruct` | images, their own emotion | images |
    | `encode` | images | latents |
    | `generate` | latents, emotion | uint8 images |
    | `decode` | latents, emotion | float32 images |
    | `sample` | emotion, seed | uint8 images |

    As signatures they take uint8 images and int64 emotions `(batch,)` or `(1,)`
    and give a dictionary; as methods of the loaded object also float32 images
    -1..1, an emotion as a number, int32, and label weights `(batch, num_classes)`.
    A conditional encoder's take the faces' own emotions too, as `source`.

    Args:
        model: A `ConditionalDCGAN` (its SavedModel has no endpoints that need an
            encoder), an `EncoderInverter` or an `EmotionTransfer`.
        directory: Made, or replaced when it holds a SavedModel. It is written
            aside and renamed, so that a reader never sees half of it.
        metadata: Written to `card.json` beside the model's sizes, JSON values.
        samples: A picture of what the model makes, uint8 `(height, width,
            channels)`; written to `samples.png`.
        compact_with: For models that travel: G and E are stored unfolded in float16,
            and this `Discriminator` beside them in bytes, so that training can go on
            from the SavedModel alone; see `fer_keras.export.presets`. Default: float32,
            folded, the fastest.

    Returns:
        The directory.

    Raises:
        ValueError: Another model; a directory that holds something else; metadata
            that JSON does not know.

    Example:
        >>> export_saved_model(transfer, "happier")
        >>> loaded = tf.saved_model.load("happier")
        >>> happy = loaded.transfer(faces, 3)
    """
    directory = Path(directory).resolve()
    check_replaceable(directory, FILES)
    model = _with_encoder(model)
    card = _card(model, metadata)
    # A thread of its own: in the scope of a distribution strategy the variables
    # made here would be mirrored, on several workers by waiting for all of them.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        writing = (model, directory, card, samples, compact_with)
        thread.submit(_write, *writing).result()
    return directory


def _with_encoder(model):
    if isinstance(model, (EncoderInverter, JointTransfer)):
        return model.as_transfer()
    if isinstance(model, (ConditionalDCGAN, EmotionTransfer)):
        return model
    raise ValueError(
        "Expected a ConditionalDCGAN, an EncoderInverter or an EmotionTransfer, got "
        f"{type(model).__name__}."
    )


def _generator(model):
    gan = isinstance(model, ConditionalDCGAN)
    return model.drawing_generator if gan else model.generator


def _card(model, metadata):
    generator = _generator(model)
    transfers = isinstance(model, EmotionTransfer)
    card = {
        "model": type(model).__name__,
        "image_shape": list(model.image_shape),
        "latent_dim": generator.latent_dim,
        "emotions": list(class_names(model.num_classes)),
        "conditional_encoder": transfers and model.encoder.conditional,
        "weights": generator.count_params()
        + (model.encoder.count_params() if transfers else 0),
        "tensorflow": tf.__version__,
        **(metadata or {}),
    }
    try:
        return json.dumps(card, indent=2, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The metadata cannot be written as JSON ({error}): expected texts, "
            "finite numbers, booleans, None, and lists and dictionaries of these."
        ) from None


def _write(model, directory, card, samples, compact_with):
    # Variables on the CPU: nothing of the accelerator's memory is taken.
    with tf.device("CPU"):
        endpoints = _endpoints(model, compact_with is not None)
        if compact_with is not None:
            endpoints.discriminator = QuantizedNetwork(compact_with)
    with (
        tempfile.TemporaryDirectory() as folder,
        replaced_folder(directory, FILES) as aside,
        _quiet_tensorflow(),
    ):
        names = Path(folder, EMOTIONS_FILE)
        names.write_text("\n".join(class_names(model.num_classes)) + "\n", "utf-8")
        endpoints.emotions_file = tf.saved_model.Asset(str(names))
        # Saving traces some functions anew.
        with without_own_gradients():
            tf.saved_model.save(endpoints, str(aside), endpoints.trace())
        (aside / CARD).write_text(card, "utf-8")
        if samples is not None:
            write_png(aside / SAMPLES, samples)


def _endpoints(model, compact):
    generator = _generator(model)
    arguments = (
        exported_network(generator, compact),
        generator.latent_dim,
        model.image_shape,
        class_names(model.num_classes),
    )
    if not isinstance(model, EmotionTransfer):
        return GeneratorEndpoints(*arguments)
    conditional = model.encoder.conditional
    kind = ConditionalTransferEndpoints if conditional else TransferEndpoints
    return kind(exported_network(model.encoder, compact), *arguments)


@contextlib.contextmanager
def _quiet_tensorflow():
    """Keeps back the line that tells where the assets went: not for long."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
