"""Transfers by SavedModels: the paper's networks untrained, and a shipped preset."""

import tempfile
from pathlib import Path

import numpy as np


def export_untrained(directory: str):
    """Exports E and G of the paper's sizes."""
    from fer_keras import EmotionTransfer, Encoder, Generator

    EmotionTransfer(Encoder(seed=0), Generator(seed=1)).export(directory)


def make_transfer(batch: int, preset: str | None = None):
    """Returns a SavedModel's `transfer` of so many faces, uint8 in and out.

    Args:
        batch: How many.
        preset: Folder of `saved_models`. Default: the paper's networks, untrained,
            exported as any model is, in float32.
    """
    import tensorflow as tf

    if preset:
        shipped = Path(__file__).parents[2] / "saved_models" / preset
        loaded = tf.saved_model.load(str(shipped))
    else:
        with tempfile.TemporaryDirectory() as folder:
            export_untrained(f"{folder}/model")
            loaded = tf.saved_model.load(f"{folder}/model")
    generator = np.random.default_rng(0)
    faces = tf.constant(generator.integers(0, 256, (batch, 48, 48, 1), dtype=np.uint8))
    emotions = tf.constant(generator.integers(0, 7, batch))
    transfer = loaded.signatures["transfer"]

    def step():
        (images,) = transfer(images=faces, emotion=emotions).values()
        images.numpy()

    step.loaded = loaded
    return step
