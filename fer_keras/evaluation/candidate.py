"""What is evaluated: anything that makes faces or changes their emotion."""

from typing import Literal

import numpy as np

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
        key: For a control that is the same in every evaluation on the same data:
            what tells it from others. Its measurements are kept under it.
    """

    generates = True
    edits = True
    key: str | None = None

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


class GeneratorCandidate(Candidate):
    """A generator alone, such as a `ConditionalDCGAN` without an encoder.

    Args:
        name: How the tables call it.
        generate: Takes latents float32 `(count, latent_dim)` and labels int64
            `(count,)`; returns images in [-1, 1] or uint8.
        latent_dim: Length of z, drawn from U(-1, 1).
    """

    edits = False

    def __init__(self, name: str, generate, latent_dim: int):
        super().__init__(name, "model")
        self.latent_dim = latent_dim
        self._generate = generate

    def generate(self, labels, random):
        latents = random.uniform(-1, 1, (len(labels), self.latent_dim))
        faces = np.asarray(self._generate(latents.astype("float32"), labels))
        return faces if faces.dtype == np.uint8 else to_uint8(faces)


class TransferCandidate(GeneratorCandidate):
    """A generator with its encoder: an `EmotionTransfer`, or a SavedModel of one.

    Args:
        name: How the tables call it.
        generate: As for `GeneratorCandidate`.
        latent_dim: Length of z.
        transfer_all: Takes uint8 images and their own labels; returns uint8
            `(count, num_classes, height, width, 1)`.
    """

    edits = True

    def __init__(self, name: str, generate, latent_dim: int, transfer_all):
        super().__init__(name, generate, latent_dim)
        self._transfer_all = transfer_all

    def edit(self, images, labels):
        return np.asarray(self._transfer_all(images, labels))
