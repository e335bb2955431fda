"""Networks in half or a quarter of their size, for models that travel."""

import keras
import numpy as np
import tensorflow as tf

# Largest number of a signed byte.
_LEVELS = 127


class CompactNetwork(tf.Module):
    """A network for inference whose variables are stored as float16.

    They are made float32 again at each call, which costs a pass over them and
    nothing that a picture shows.

    Args:
        copy: A float32 copy of the network; its variables' values are taken.
    """

    def __init__(self, copy):
        super().__init__()
        self.values = [
            tf.Variable(tf.cast(v.value, stored_type(v)), trainable=False)
            for v in copy.variables
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

    def __call__(self, inputs, weights=None):
        return self._infer(
            self.values, inputs if weights is None else (inputs, weights)
        )


def stored_type(variable: keras.Variable) -> str:
    """Returns the type in which a variable is stored: float16 for what has digits."""
    return "float16" if "float" in str(variable.dtype) else variable.dtype


class QuantizedNetwork(tf.Module):
    """A network's variables as bytes: what only training goes on with.

    Each kernel has one scale per entry of its last axis; what has one axis or none
    stays float32.
    """

    def __init__(self, network):
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
