"""Models as one file for runtimes other than TensorFlow: LiteRT and ONNX."""

import json
import os
import zipfile
from pathlib import Path

import keras
import tensorflow as tf

from fer_keras.export.storage import InferenceNetwork
from fer_keras.files import replaced_file
from fer_keras.layers import pixels
from fer_keras.layers.keep_source import keep_source, nearest_reconstruction
from fer_keras.layers.kernels.custom_gradient import without_custom_gradients
from fer_keras.litert import CARD

# What ONNX Runtime has known since 2022.
_ONNX_OPSET = 17


def export_litert(
    path: str | Path,
    generator: keras.Model,
    encoder: keras.Model | None = None,
    *,
    likeness: float = 0.0,
    metadata: dict | None = None,
) -> Path:
    """Writes a `.tflite` file, which LiteRT runs on phones, boards and in Python.

    | input | is |
    |---|---|
    | `images` | uint8 `(batch, height, width, channels)` |
    | `emotion` | float32 label weights `(batch, num_classes)` |
    | `likeness` | float32, one number: see `KeepSource` |

    The output is `faces`, uint8. Without E the inputs are `latents`, float32 `(batch,
    latent_dim)`, and `emotion`. The file is a zip archive as well, of `card.json`: the
    names of the emotions in order, the image shape, the likeness.

    Args:
        path: Ends in `.tflite`; an earlier file is replaced.
        generator: G, called with latents and label weights.
        encoder: E.
        likeness: Written to the card: what the model's own `transfer` keeps.
        metadata: Written to the card, JSON values.

    Returns:
        The path.

    Raises:
        ValueError: The path ends in something else.
    """
    path = _checked(path, ".tflite")
    function = _inference_function(generator, encoder)
    with without_custom_gradients():
        # Without the function's object the variables become constants.
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [function.get_concrete_function()]
        )
        content = converter.convert()
    with replaced_file(path) as aside:
        aside.write_bytes(content)
        with zipfile.ZipFile(aside, "a") as beside:
            beside.writestr(
                CARD, json.dumps(_card(generator, likeness, metadata), indent=1)
            )
    return path


def export_onnx(
    path: str | Path,
    generator: keras.Model,
    encoder: keras.Model | None = None,
    *,
    likeness: float = 0.0,
    metadata: dict | None = None,
) -> Path:
    """Writes an `.onnx` file; inputs and output are those of `export_litert`.

    The card is in the file's metadata, each of its values as JSON.

    Args:
        path: Ends in `.onnx`; an earlier file is replaced.
        generator: G, called with latents and label weights.
        encoder: E.
        likeness: Written to the card: what the model's own `transfer` keeps.
        metadata: Written beside them, JSON values.

    Returns:
        The path.

    Raises:
        ValueError: The path ends in something else, or tf2onnx is not installed.
    """
    path = _checked(path, ".onnx")
    try:
        import onnx
        import tf2onnx
    except ImportError:
        raise ValueError(
            'ONNX files need tf2onnx and onnx: pip install "fer-keras[onnx]".'
        ) from None
    function = _inference_function(generator, encoder)
    with without_custom_gradients():
        model, _ = tf2onnx.convert.from_function(
            function, function.input_signature, opset=_ONNX_OPSET
        )
    card = _card(generator, likeness, metadata)
    onnx.helper.set_model_props(
        model, {name: json.dumps(value) for name, value in card.items()}
    )
    with replaced_file(path) as aside:
        aside.write_bytes(model.SerializeToString())
    return path


def _inference_function(generator, encoder):
    """Returns uint8 to uint8, all preprocessing inside, as a TensorFlow function."""
    with tf.device("CPU"):
        decoder = InferenceNetwork(generator)
        encode = None if encoder is None else InferenceNetwork(encoder)
    emotion = tf.TensorSpec([None, generator.num_classes], tf.float32, "emotion")
    latents = tf.TensorSpec([None, generator.latent_dim], tf.float32, "latents")
    images = tf.TensorSpec([None, *generator.image_shape], tf.uint8, "images")
    likeness = tf.TensorSpec([], tf.float32, "likeness")

    def decode(latents, emotion):
        return decoder((latents, emotion))

    @tf.function(autograph=False, input_signature=[latents, emotion])
    def generate(latents, emotion):
        return {"faces": pixels.to_uint8(decode(latents, emotion))}

    @tf.function(autograph=False, input_signature=[images, emotion, likeness])
    def transfer(images, emotion, likeness):
        sources = pixels.from_uint8(images)
        latents = encode(sources)
        edits = decode(latents, emotion)
        rebuilt = nearest_reconstruction(
            decode, latents, sources, generator.num_classes
        )
        kept = keep_source(sources, rebuilt, edits, tf.maximum(likeness, 1e-6))
        return {"faces": pixels.to_uint8(tf.where(likeness > 0.0, kept, edits))}

    return generate if encoder is None else transfer


def _card(generator, likeness, metadata):
    return {
        "emotions": list(generator.class_names),
        "image_shape": list(generator.image_shape),
        "likeness": likeness,
        **(metadata or {}),
    }


def _checked(path, suffix):
    path = Path(path)
    if path.suffix != suffix:
        raise ValueError(f"{os.fspath(path)}: expected a name that ends in {suffix}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
