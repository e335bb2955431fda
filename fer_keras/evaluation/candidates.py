"""What is evaluated: anything that makes faces or changes their emotion."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from fer_keras.files import sha256_of
from fer_keras.images import to_uint8


class Candidate:
    """Base of models, controls and published results.

    A subclass has `generate`, `edit` or both, and says so.

    Args:
        name: How the tables call it.
        kind: "model", "control" or "published".

    Attributes:
        generates: Whether it has `generate`.
        edits: Whether it has `edit`.
    """

    generates = True
    edits = True

    def __init__(
        self, name: str, kind: Literal["model", "control", "published"] = "control"
    ):
        self.name = name
        self.kind = kind

    def generate(self, labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Returns a new face for each label, uint8 `(count, height, width, 1)`."""
        raise NotImplementedError

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Returns faces in every emotion, their own among them.

        Args:
            images: uint8 `(count, height, width, 1)`.
            labels: int64 `(count,)`, their own emotions.

        Returns:
            uint8 `(count, num_classes, height, width, 1)`; in the column of a
            face's own emotion stands its reconstruction.
        """
        raise NotImplementedError


class Model(Candidate):
    """A trained model: a generator, with or without its encoder.

    Args:
        name: How the tables call it.
        noise_dim: Length of the noise, drawn from U(-1, 1).
        generate: Takes noise float32 `(count, noise_dim)` and labels int64
            `(count,)`; returns images in [-1, 1] or uint8.
        transfer_all: Takes uint8 images; returns uint8 `(count, num_classes, height,
            width, 1)`. None: it only generates.
        reconstruct: Takes uint8 images and labels; returns uint8 G(E(x)|y), nothing
            of the source's own pixels kept.
    """

    def __init__(
        self,
        name: str,
        noise_dim: int,
        generate: Callable,
        transfer_all: Callable | None = None,
        reconstruct: Callable | None = None,
    ):
        super().__init__(name, "model")
        self.noise_dim = noise_dim
        self.edits = transfer_all is not None
        self._generate = generate
        self._transfer_all = transfer_all
        self._reconstruct = reconstruct

    def generate(self, labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        noise = random.uniform(-1, 1, (len(labels), self.noise_dim))
        faces = np.asarray(self._generate(noise.astype("float32"), labels))
        return faces if faces.dtype == np.uint8 else to_uint8(faces)

    def edit(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        edits = np.array(self._transfer_all(images))
        edits[np.arange(len(images)), labels] = self._reconstruct(images, labels)
        return edits


def open_model(path: str | Path, name: str | None = None, refine: int = 0) -> Model:
    """Opens whatever holds a trained model.

    Args:
        path: A run's folder (its newest stage is taken: joint fine-tuning, else E
            with G, else G alone), a SavedModel's folder, or a `.keras` file of a
            `ConditionalDCGAN`, an `EncoderInverter`, a `JointTransfer` or an
            `EmotionTransfer`.
        name: How the tables call it. Default: the file's or folder's name.
        refine: Steps of descent on z after E's guess. Default 0.

    Raises:
        ValueError: There is no such model, or of another kind, or it has no encoder
            whose guess could be refined.

    Example:
        >>> open_model("saved_models/plus").edit(faces, labels)
    """
    path = Path(path)
    name = name or (path.stem if path.suffix == ".keras" else path.name) or str(path)
    path = model_path(path, of_networks=refine > 0)
    if (path / "saved_model.pb").is_file():
        if not refine:
            return _from_saved_model(path, name)
        from fer_keras.models import EmotionTransfer

        # A SavedModel alone has no descent: it is opened as networks.
        return model_of(EmotionTransfer.from_preset(path), name, refine)
    if path.suffix == ".keras" and path.is_file():
        return model_of(_from_keras_file(path), name, refine)
    raise ValueError(
        f"{path} holds no model: expected a run's folder, a SavedModel or a .keras "
        "file."
    )


def model_of(model: Any, name: str, refine: int = 0) -> Model:
    """Makes a candidate of a model in memory.

    Args:
        model: A `ConditionalDCGAN`, anything with `as_transfer()` (such as an
            `EncoderInverter` or a `JointTransfer`), or an `EmotionTransfer`.
        name: How the tables call it.
        refine: See `open_model`.

    Raises:
        ValueError: It is none of these, or is to be refined and has no encoder.
    """
    from fer_keras.models import ConditionalDCGAN, EmotionTransfer

    if isinstance(model, ConditionalDCGAN):
        if refine:
            raise ValueError(f"{name} has no encoder whose guess could be refined.")
        return Model(name, model.generator.noise_dim, model.generate)
    transfer = model.as_transfer() if hasattr(model, "as_transfer") else model
    if not isinstance(transfer, EmotionTransfer):
        raise ValueError(
            "Expected a ConditionalDCGAN, an EncoderInverter, a JointTransfer or an "
            f"EmotionTransfer, got {type(model).__name__}."
        )
    return Model(
        name,
        transfer.generator.noise_dim,
        transfer.decode,
        lambda images: transfer.transfer_all(images, refine=refine),
        lambda images, labels: transfer.reconstruct(images, labels, refine=refine),
    )


def model_path(path: str | Path, of_networks: bool = False) -> Path:
    """Returns a run's newest model, and any other path as it is.

    Args:
        path: What the user named.
        of_networks: Whether to leave out a run's SavedModel, which has no descent.

    Raises:
        ValueError: The run has no finished model.
    """
    path = Path(path)
    if not (path / "run.json").is_file():
        return path
    stages = [
        path / "models" / "joint.keras",
        path / "models" / "encoder.keras",
        *([] if of_networks else [path / "export" / "final"]),
        path / "models" / "gan.keras",
    ]
    for stage in stages:
        if stage.exists():
            return stage
    raise ValueError(
        f"The run {path} has no finished model yet: expected one of "
        f"{', '.join(str(stage.relative_to(path)) for stage in stages)}."
    )


def sha256_of_model(path: str | Path) -> str:
    """Returns the SHA-256 of a model's file, or of a folder's files in their order."""
    path = model_path(path)
    if path.is_file():
        return sha256_of(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return hashlib.sha256("".join(map(sha256_of, files)).encode()).hexdigest()


def _from_keras_file(path: Path):
    import keras

    import fer_keras.models  # noqa: F401  (registers the classes)

    try:
        return keras.saving.load_model(path, compile=False)
    # Keras raises whatever the damaged part of the file makes it stumble over.
    except Exception as error:
        raise ValueError(f"{path} could not be loaded: {error}") from error


def _from_saved_model(folder: Path, name: str) -> Model:
    try:
        loaded = tf.saved_model.load(str(folder))
        inputs = loaded.signatures["generate"].structured_input_signature[1]
        noise_dim = inputs["latents"].shape[1]
    # A damaged or foreign file ends in errors of many kinds.
    except Exception as error:
        raise ValueError(
            f"{folder} could not be loaded as a SavedModel of this package: {error}"
        ) from error

    def generate(latents, labels):
        return loaded.generate(tf.constant(latents), tf.constant(labels))

    def transfer_all(images):
        return loaded.transfer_all(tf.constant(images))

    def reconstruct(images, labels):
        return loaded.reconstruct(tf.constant(images), tf.constant(labels))

    edits = "transfer_all" in loaded.signatures
    edit = (transfer_all, reconstruct) if edits else ()
    return Model(name, noise_dim, generate, *edit)
