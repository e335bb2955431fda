"""The noise z ~ U(-1, 1), reproducible, saved with the model, equal on replicas."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.training.replicas import GlobalBatch


@keras.saving.register_keras_serializable(package="fer_keras")
class LatentNoise(keras.layers.Layer):
    """Draws latent vectors z ~ U(-1, 1).

    Its state (seed, draws so far) is a weight: saved, restored, and the same on
    every replica. Each replica takes its rows of the noise for the global batch,
    so that N replicas draw what one would, and no two rows are alike.

    Args:
        latent_dim: Length of a latent vector. Default 100.
        seed: First half of the state. Default: from Keras' global seed.
    """

    def __init__(self, latent_dim: int = 100, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.latent_dim = latent_dim
        self.seed = seed
        # Keras' own default: follows `keras.utils.set_random_seed`.
        first = keras.random.SeedGenerator(seed).state if seed is None else [seed, 0]
        self.state = self.add_weight(
            name="state",
            shape=(2,),
            # Not int32, which TensorFlow keeps on the CPU: XLA on a GPU refuses that.
            dtype="int64",
            initializer=lambda *_, **__: tf.constant(
                [int(first[0]) & 0x7FFFFFFF, 0], tf.int64
            ),
            trainable=False,
            aggregation="only_first_replica",
        )
        self.built = True

    def draw(self, batch: GlobalBatch) -> tf.Tensor:
        """Returns this replica's rows of the next noise, `(local_size, latent_dim)`."""
        state = tf.identity(self.state)
        self.state.assign(state + [0, 1])
        latents = tf.random.stateless_uniform(
            [batch.size, self.latent_dim], state, -1.0, 1.0, alg="philox"
        )
        return batch.rows(latents)

    def reset(self) -> None:
        """Starts the sequence again."""
        self.state.assign([self.state[0], 0])

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "latent_dim": self.latent_dim,
            "seed": self.seed,
        }
