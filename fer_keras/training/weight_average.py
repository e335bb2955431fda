"""A running average of a network's weights and statistics."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.training.network_copies import frozen_copy


class WeightAverage(keras.layers.Layer):
    """Holds a copy of a network that follows it slowly: average of its variables.

    The batch statistics are averaged with the weights, so that they fit them. In step t
    at most (1 + t) / (10 + t) is kept, so that the average never reaches back to
    weights far from the present ones, between which all may be worse than both ends:
    random weights, or trained ones that are now trained for something else.

    Args:
        network: The network to follow. The copy, `network` of this layer, starts
            with its values.
        decay: Share of the average that a step keeps. Default 0.998.

    Reference:
        Polyak and Juditsky 1992, Acceleration of Stochastic Approximation by
        Averaging; the warm-up as in TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, network: keras.Model, decay: float = 0.998, **kwargs: Any):
        super().__init__(**kwargs)
        self.decay = decay
        self.network = frozen_copy(network)
        self.steps = self.add_weight(
            name="steps",
            shape=(),
            initializer="zeros",
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
        )
        self.built = True

    def _pairs(self, network):
        """Yields the averaged variables: all but the states of random numbers."""
        for mine, theirs in zip(self.network.variables, network.variables, strict=True):
            if "float" in str(mine.dtype):
                yield mine, theirs

    def update(self, network: keras.Model) -> None:
        """Moves the average towards the network's present values."""
        self.steps.assign_add(1.0)
        keep = tf.minimum(self.decay, (1.0 + self.steps) / (10.0 + self.steps))
        for mine, theirs in self._pairs(network):
            mine.assign(mine * keep + theirs * (1.0 - keep))
