"""What the three conditional layers share: one kernel in two parts."""

from typing import Any

import keras
import tensorflow as tf

from fer_keras.layers.labels import class_weights


class ConditionalLayer(keras.layers.Layer):
    """Base of the layers that act on an input joined with label planes.

    A subclass names the axis of its kernel along which the planes were joined
    (`input_axis`) and calls `add_kernels` in `build`.

    Args:
        filters: Number of output channels.
        num_classes: Number of classes. With 0 there are no planes: the layer is
            the plain one, its label argument is None.
        kernel_initializer: Initial values of the kernel. Default N(0, 0.02), truncated.
    """

    input_axis: int

    def __init__(
        self,
        filters: int,
        num_classes: int,
        kernel_initializer: keras.initializers.Initializer | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.num_classes = num_classes
        self.kernel_initializer = keras.initializers.get(
            kernel_initializer or keras.initializers.TruncatedNormal(0.0, 0.02)
        )

    def add_kernels(self, shape: tuple[int, ...]) -> None:
        """Adds `kernel`, `label_kernel` and `bias`; `shape` is that of `kernel`."""
        axis = self.input_axis
        channels, whole_shape = shape[axis], list(shape)
        whole_shape[axis] += self.num_classes
        # Drawn as one kernel, so that a seed gives both parts the weights that
        # the concatenated form would have; and outside of any graph, as Keras
        # does it, since a layer may be built while a function is traced.
        with tf.init_scope():
            whole = self.kernel_initializer(tuple(whole_shape), dtype="float32")
            whole = keras.ops.cast(whole, self.variable_dtype)
            first, second = keras.ops.split(whole, [channels], axis=axis)
        self.kernel = self.add_weight(
            name="kernel", shape=first.shape, initializer=lambda *_, **__: first
        )
        self.label_kernel = None
        if self.num_classes:
            self.label_kernel = self.add_weight(
                name="label_kernel",
                shape=second.shape,
                initializer=lambda *_, **__: second,
            )
        self.bias = self.add_weight(
            name="bias", shape=(self.filters,), initializer="zeros"
        )
        self.built = True

    def label_weights(self, labels: tf.Tensor) -> tf.Tensor:
        """Returns the labels as class weights in the compute dtype."""
        return keras.ops.cast(
            class_weights(labels, self.num_classes), self.compute_dtype
        )

    def concatenated_kernel(self) -> tf.Tensor:
        """Returns the kernel of the concatenated form, the input's channels first."""
        if self.label_kernel is None:
            return keras.ops.convert_to_tensor(self.kernel)
        return keras.ops.concatenate(
            [self.kernel, self.label_kernel], axis=self.input_axis
        )

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "num_classes": self.num_classes,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
