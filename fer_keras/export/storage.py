"""Networks as a SavedModel stores them: in float32, in half, or in bytes."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fer_keras.training.network_copies import copy_network

# Largest number of a signed byte.
_LEVELS = 127


class InferenceNetwork(tf.Module):
    """A network for inference, in float32 whatever precision it was trained in.

    Args:
        network: Any Keras network, copied.
        compact: Whether to store floats as float16. They are made float32 again at
            each call, which costs a pass over them and nothing that a picture shows.
    """

    def __init__(self, network: keras.Model, compact: bool = False):
        super().__init__()
        changes = {"dtype": "float32"}
        if "seed" in network.get_config():
            # Its first weights are replaced: no random numbers are taken for them
            # from the run that exports.
            changes["seed"] = 0
        copy = copy_network(network, **changes)
        self.values = [
            tf.Variable(
                tf.cast(variable.value, _stored_type(variable, compact)),
                trainable=False,
            )
            for variable in copy.variables
        ]
        places = {id(variable): place for place, variable in enumerate(copy.variables)}
        trained, others = (
            [places[id(variable)] for variable in variables]
            for variables in (copy.trainable_variables, copy.non_trainable_variables)
        )
        types = [variable.dtype for variable in copy.variables]

        # A closure, which a SavedModel does not follow: it keeps `values` alone.
        def infer(values, inputs):
            values = [tf.cast(v, kind) for v, kind in zip(values, types, strict=True)]
            outputs, _ = copy.stateless_call(
                [values[place] for place in trained],
                [values[place] for place in others],
                inputs,
                training=False,
            )
            return outputs

        self._infer = infer

    def __call__(self, inputs):
        return self._infer(self.values, inputs)


def _stored_type(variable, compact):
    return "float16" if compact and "float" in str(variable.dtype) else variable.dtype


class QuantizedNetwork(tf.Module):
    """A network's variables as bytes: what only training goes on with.

    Each kernel has one scale per entry of its last axis; what has one axis or none
    stays float32.
    """

    def __init__(self, network: keras.Model):
        super().__init__()
        self.values, self.scales = [], []
        for variable in network.variables:
            values, scale = quantized(np.asarray(variable.value))
            self.values.append(tf.Variable(values, trainable=False))
            self.scales.append(tf.Variable(scale, trainable=False))


def quantized(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns values as int8 with their scales, float32 for its last axis.

    What has fewer than two axes, or no floats, comes back as it is, with scale 1.
    """
    if values.ndim < 2 or values.dtype.kind != "f":
        return values, np.float32(1.0)
    scale = np.abs(values).max(axis=tuple(range(values.ndim - 1))) / _LEVELS
    scale = np.where(scale > 0.0, scale, 1.0).astype("float32")
    return np.rint(values / scale).astype("int8"), scale


def stored_values(reader: Any, network_name: str, place: int) -> np.ndarray:
    """Returns a variable of a stored network, float where it was a float.

    Args:
        reader: What `tf.train.load_checkpoint` returns of the SavedModel's variables.
        network_name: "encoder", "generator" or "discriminator".
        place: The variable's place among the network's.
    """
    key = f"{network_name}/{{}}/{place}/.ATTRIBUTES/VARIABLE_VALUE"
    values = reader.get_tensor(key.format("values"))
    scales = key.format("scales")
    if values.dtype == np.int8 and reader.has_tensor(scales):
        return values * reader.get_tensor(scales)
    return values
