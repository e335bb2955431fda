"""Writing a SavedModel."""

import concurrent.futures
import contextlib
import json
import logging
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fer_keras.export.endpoints import GeneratorEndpoints, TransferEndpoints
from fer_keras.export.portable import export_litert
from fer_keras.export.storage import InferenceNetwork, QuantizedNetwork
from fer_keras.files import check_replaceable, replaced_folder
from fer_keras.images import write_png
from fer_keras.layers.kernels.custom_gradient import without_custom_gradients

CARD = "card.json"
EMOTIONS_FILE = "emotions.txt"
SAMPLES = "samples.png"
LITERT = "model.tflite"
FILES = {
    "saved_model.pb",
    "fingerprint.pb",
    "variables",
    "assets",
    CARD,
    SAMPLES,
    LITERT,
}


def export_saved_model(
    directory: str | Path,
    generator: keras.Model,
    encoder: keras.Model | None = None,
    discriminator: keras.Model | None = None,
    *,
    likeness: float = 0.0,
    metadata: dict | None = None,
    samples: np.ndarray | None = None,
    compact: bool = False,
    litert: bool = False,
) -> Path:
    """Writes networks as a SavedModel that `tf.saved_model.load` loads anywhere.

    It holds G, and E where there is one, in float32 as named endpoints; none needs
    Keras or this package. Labels are ids in the order of the endpoint `emotions` (also
    the file `assets/emotions.txt`).

    | endpoint | takes | gives |
    |---|---|---|
    | `transfer` | images, emotion | images |
    | `transfer_all`, the default | images | `(batch, num_classes, *image_shape)` |
    | `transfer_pictures` | bytes of PNG or JPEG files, emotion | bytes of PNG files |
    | `reconstruct` | images, their own emotion | images |
    | `encode` | images | latents |
    | `generate` | latents, emotion | uint8 images |
    | `decode` | latents, emotion | float32 images |
    | `sample` | emotion, seed | uint8 images |
    | `transfer_lite` | float32 images, weights | float32 images; for LiteRT |

    As signatures they take uint8 images and int64 emotions `(batch,)` or `(1,)`
    and give a dictionary; as methods of the loaded object also float32 images
    -1..1, an emotion as a number, int32, and label weights `(batch, num_classes)`.

    Args:
        directory: Made, or replaced when it holds a SavedModel. It is written
            aside and renamed, so that a reader never sees half of it.
        generator: G, called with latents and label weights.
        encoder: E. Without it there are no endpoints that need one.
        discriminator: D, to be kept in bytes beside them, so that training can go on
            from the SavedModel alone; see `fer_keras.export.presets`.
        likeness: How much of the source's own pixels `transfer` keeps; see
            `KeepSource`. Default 0.
        metadata: Written to `card.json` beside the model's sizes, JSON values.
        samples: A picture of what the model makes, uint8 `(height, width,
            channels)`; written to `samples.png`.
        compact: Whether G and E are stored in float16, for models that travel.
        litert: Whether the same model is written as `model.tflite` too, which the
            command line runs: it starts at once.

    Returns:
        The directory.

    Raises:
        ValueError: The directory holds something else, or JSON does not know the
            metadata.

    Example:
        >>> export_saved_model("happier", transfer.generator, transfer.encoder)
        >>> loaded = tf.saved_model.load("happier")
        >>> happy = loaded.transfer(faces, 3)
    """
    directory = Path(directory).resolve()
    check_replaceable(directory, FILES)
    card = _card(generator, encoder, likeness, metadata)

    def write():
        # Variables on the CPU: nothing of the accelerator's memory is taken.
        with tf.device("CPU"):
            endpoints = _endpoints(generator, encoder, compact, likeness)
            if discriminator is not None:
                endpoints.discriminator = QuantizedNetwork(discriminator)
        with replaced_folder(directory, FILES) as aside:
            _save(endpoints, aside, generator.class_names)
            (aside / CARD).write_text(card, "utf-8")
            if samples is not None:
                write_png(aside / SAMPLES, samples)
            if litert:
                export_litert(aside / LITERT, generator, encoder, likeness=likeness)

    # A thread of its own: in the scope of a distribution strategy the variables
    # made here would be mirrored, on several workers by waiting for all of them.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        thread.submit(write).result()
    return directory


def _card(generator, encoder, likeness, metadata):
    networks = [generator] if encoder is None else [generator, encoder]
    card = {
        "model": "ConditionalDCGAN" if encoder is None else "EmotionTransfer",
        "image_shape": list(generator.image_shape),
        "latent_dim": generator.latent_dim,
        "noise_dim": generator.noise_dim,
        "likeness": likeness,
        "emotions": list(generator.class_names),
        "weights": sum(network.count_params() for network in networks),
        "tensorflow": tf.__version__,
        **(metadata or {}),
    }
    try:
        return json.dumps(card, indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The metadata cannot be written as JSON ({error}): expected texts, "
            "finite numbers, booleans, None, and lists and dictionaries of these."
        ) from None


def _endpoints(generator, encoder, compact, likeness):
    arguments = (
        InferenceNetwork(generator, compact),
        generator.latent_dim,
        generator.noise_dim,
        generator.image_shape,
        generator.class_names,
    )
    if encoder is None:
        return GeneratorEndpoints(*arguments)
    encoder = InferenceNetwork(encoder, compact)
    return TransferEndpoints(encoder, likeness, *arguments)


def _save(endpoints, folder, names):
    with tempfile.TemporaryDirectory() as assets, _quiet_tensorflow():
        file = Path(assets, EMOTIONS_FILE)
        file.write_text("\n".join(names) + "\n", "utf-8")
        endpoints.emotions_file = tf.saved_model.Asset(str(file))
        # Saving traces some functions anew.
        with without_custom_gradients():
            tf.saved_model.save(endpoints, str(folder), endpoints.trace())


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
