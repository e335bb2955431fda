"""Trains an emotion judge for data of your own, for `fer-keras evaluate --judges OUT`.

    python examples/train_emotion_judge.py --data DATA --out OUT --epochs 26

It learns from `train`; `validation` chooses the epoch. `--data synthetic` tries it.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np

from fer_keras.data import load_arrays
from fer_keras.files import sha256_of
from fer_keras.images import from_uint8
from fer_keras.judges import emotion_classifier


def augmentation():
    layers = keras.layers
    return keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(12 / 360, fill_mode="reflect"),
            layers.RandomZoom(0.12, 0.12, fill_mode="reflect"),
            layers.RandomTranslation(0.08, 0.08, fill_mode="reflect"),
            layers.RandomBrightness(0.1, value_range=(-1, 1)),
            layers.RandomContrast(0.3, value_range=(-1, 1)),
        ]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", default="judge")
    parser.add_argument("--epochs", type=int, default=26)
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    images, labels = load_arrays(arguments.data, "train")
    others, other_labels = load_arrays(arguments.data, "validation")
    classes = max(7, int(labels.max()) + 1)
    judge = emotion_classifier(images.shape[1:], classes, seed=0)

    faces = keras.Input(images.shape[1:])
    training = keras.Model(faces, judge(augmentation()(faces))["logits"])
    steps = -(-len(images) // 128) * arguments.epochs
    rate = keras.optimizers.schedules.CosineDecay(
        2e-5, steps, warmup_target=2e-3, warmup_steps=steps // 10
    )
    training.compile(
        keras.optimizers.AdamW(
            rate,
            weight_decay=0.05,
            use_ema=True,
            ema_momentum=0.998,
            ema_overwrite_frequency=None,
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=["accuracy"],
    )
    one_hot = np.eye(classes, dtype="float32")
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"{arguments.name}.keras"

    class KeepBest(keras.callbacks.Callback):
        """Saves the judge of the epoch that is best on `validation`."""

        best = 0.0

        def on_epoch_end(self, epoch, logs=None):
            if logs["val_accuracy"] > self.best:
                self.best = logs["val_accuracy"]
                judge.save(path)

    keep_best = KeepBest()
    training.fit(
        from_uint8(images),
        one_hot[labels],
        batch_size=128,
        epochs=arguments.epochs,
        validation_data=(from_uint8(others), one_hot[other_labels]),
        # The averaged weights are validated, and saved.
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), keep_best],
        verbose=2,
    )
    card = {
        "name": arguments.name,
        "file": path.name,
        "sha256": sha256_of(path),
        "scores": {"validation": {"accuracy": keep_best.best}},
    }
    path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")
    print(f"The judge: {path}, accuracy on validation {keep_best.best:.3f}")


if __name__ == "__main__":
    main()
