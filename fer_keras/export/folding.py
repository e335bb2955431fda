"""Layers as inference needs them: batch normalisation folded into their weights.

In inference batch normalisation is one factor and one summand per channel. The
factor moves into the kernel before it; the summand joins what that layer adds
anyway: its bias and its labels' maps.
"""

import dataclasses

import numpy as np

from fer_keras.layers.label_planes import (
    convolution_taps,
    transposed_convolution_taps,
)


@dataclasses.dataclass(frozen=True)
class FoldedLayer:
    """The numbers of a layer and of the normalisation after it, float32.

    Attributes:
        kernel: In the layer's own form.
        offsets: What is added. For a layer without labels `(filters,)`. Otherwise
            one row per class, to be mixed by the label weights, and a last row
            that is added whatever the label: `(classes + 1, ..., filters)`.
    """

    kernel: np.ndarray
    offsets: np.ndarray


def folded_dense(layer, norm=None) -> FoldedLayer:
    """Folds a `ConditionalDense` and the normalisation after it."""
    scale, shift = _scale_and_shift(norm)
    kernel, bias = _values(layer.kernel) * scale, _values(layer.bias) * scale + shift
    if layer.label_kernel is None:
        return _folded(kernel, bias)
    return _folded(kernel, np.vstack([_values(layer.label_kernel) * scale, bias]))


def folded_convolution(layer, input_size, norm=None) -> FoldedLayer:
    """Folds a `ConditionalConv2D` that sees maps of `input_size`."""
    rows, columns = (
        convolution_taps(side, layer.kernel_size, layer.strides) for side in input_size
    )
    scale, shift = _scale_and_shift(norm)
    kernel = _values(layer.kernel) * scale
    return _folded(kernel, _offsets(layer, "ijcf", rows, columns, scale, shift))


def folded_transposed_convolution(layer, input_size, norm=None) -> FoldedLayer:
    """Folds a `ConditionalConv2DTranspose` that sees maps of `input_size`."""
    rows, columns = (
        transposed_convolution_taps(before, after, layer.kernel_size, layer.strides)
        for before, after in zip(input_size, layer.output_size, strict=True)
    )
    scale, shift = _scale_and_shift(norm)
    # The kernel is (height, width, filters, channels).
    kernel = _values(layer.kernel) * np.reshape(scale, (-1, 1))
    return _folded(kernel, _offsets(layer, "ijfc", rows, columns, scale, shift))


def _offsets(layer, kernel_axes, rows, columns, scale, shift):
    bias = _values(layer.bias)
    if layer.label_kernel is None:
        return bias * scale + shift
    maps = np.einsum(
        f"pi,qj,{kernel_axes}->cpqf",
        *(rows, columns, _values(layer.label_kernel)),
        optimize=True,
    )
    same_for_all = np.broadcast_to(bias * scale + shift, maps[:1].shape)
    return np.concatenate([maps * scale, same_for_all])


def _scale_and_shift(norm):
    if norm is None:
        return np.ones(1), np.zeros(1)
    scale = _values(norm.gamma) / np.sqrt(_values(norm.moving_variance) + norm.epsilon)
    return scale, _values(norm.beta) - _values(norm.moving_mean) * scale


def _values(variable):
    return variable.numpy().astype("float64")


def _folded(kernel, offsets):
    return FoldedLayer(kernel.astype("float32"), offsets.astype("float32"))
