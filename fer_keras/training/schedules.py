"""Learning rates that change over a training."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="fer_keras")
class FallingRate(keras.optimizers.schedules.LearningRateSchedule):
    """A constant learning rate that falls to 0 along a line at the end.

    Args:
        rate: The learning rate until then.
        steps: Steps of the whole training.
        share: Share of them, the last ones, in which it falls; above 0, up to 1.

    Example:
        >>> float(FallingRate(1.0, steps=100, share=0.5)(75))
        0.5
    """

    def __init__(self, rate: float, steps: int, share: float):
        self.rate = rate
        self.steps = steps
        self.share = share

    def __call__(self, step) -> tf.Tensor:
        left = 1.0 - tf.cast(step, tf.float32) / max(self.steps, 1)
        return self.rate * tf.clip_by_value(left / self.share, 0.0, 1.0)

    def get_config(self) -> dict:
        return {"rate": self.rate, "steps": self.steps, "share": self.share}
