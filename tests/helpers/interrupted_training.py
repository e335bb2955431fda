"""A small training that saves itself after each step, to be killed."""

import hashlib
import os
import pathlib
import signal


def train(folder, model="gan", epochs=8, kill_at=None, **options):
    """Trains for `epochs` and returns a digest of all that was trained.

    Args:
        folder: Of the checkpoints.
        model: "gan" or "inverter".
        epochs: Of five steps each.
        kill_at: A function in the writing of a checkpoint, and which call of it, at
            which the process kills itself.
        **options: For the model.
    """
    import keras
    import numpy as np
    from fer_keras.callbacks import TrainingCheckpoint

    from fer_keras import ConditionalDCGAN, EncoderInverter
    from fer_keras.training.state import model_arrays

    random = np.random.default_rng(0)
    images = random.integers(0, 256, (37, 12, 12, 1), dtype=np.uint8)
    labels = random.integers(0, 7, 37)
    sizes = {"image_shape": (12, 12, 1), "width": 4, "depth": 2, "latent_dim": 6}
    trained = ConditionalDCGAN(**sizes, seed=3)
    if model == "inverter":
        trained = EncoderInverter(trained.generator, seed=3, **options)
    trained.compile()
    if kill_at is not None:
        _kill_at(*kill_at)
    begun = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: print("begun", flush=True)
    )
    history = trained.fit(
        images,
        labels,
        batch_size=8,
        epochs=epochs,
        verbose=0,
        validation_data=(images, labels),
        callbacks=[begun, TrainingCheckpoint(folder, every_steps=1)],
    )
    digest = hashlib.sha256(repr(history.history).encode())
    for array in model_arrays(trained).values():
        digest.update(array.tobytes())
    return digest.hexdigest()


def _kill_at(name, count):
    """Makes the process kill itself when it calls a function the n-th time."""
    owner = {"fsync": os, "replace": pathlib.Path, "unlink": pathlib.Path}[name]
    function = getattr(owner, name)
    calls = []

    def deadly(*arguments, **options):
        calls.append(name)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)

    setattr(owner, name, deadly)
