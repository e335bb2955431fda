"""The layers of an exported network: TensorFlow alone, each in its fastest form."""

import tensorflow as tf

from fer_keras.export.convolutions import (
    convolution_by_rows,
    joined_phases,
    transposed_convolution_phases,
)

# Measured on CPUs: on maps up to this side a matrix product per row is faster
# than TensorFlow's convolution, and up to this many filters one convolution for
# all phases is faster than its transposed convolution.
LARGEST_SIDE_BY_ROWS = 4
MOST_FILTERS_BY_PHASES = 4


class ExportedLayer(tf.Module):
    """Base: computes with its kernels, then adds what labels and bias add.

    Call arguments:
        inputs: The images or vectors.
        labels: Label weights with a last column of ones,
            `(batch, classes + 1)`; None for a layer without labels.
    """

    def __init__(self, kernels, offsets):
        super().__init__()
        self.kernels = [tf.Variable(kernel, trainable=False) for kernel in kernels]
        self.offsets = tf.Variable(offsets, trainable=False)

    def __call__(self, inputs, labels=None):
        outputs = self.multiplied(inputs)
        if labels is None:
            return tf.nn.bias_add(outputs, self.offsets)
        rows, *shape = self.offsets.shape
        mixed = tf.matmul(labels, tf.reshape(self.offsets, [rows, -1]))
        return outputs + tf.reshape(mixed, [-1, *shape])


class Dense(ExportedLayer):
    """A dense layer, `(batch, channels)` to `(batch, filters)`."""

    def __init__(self, folded):
        super().__init__([folded.kernel], folded.offsets)
        self.channels = folded.kernel.shape[0]

    def multiplied(self, vectors):
        return tf.matmul(vectors, self.kernels[0])


class Convolution(ExportedLayer):
    """A "same" convolution, to `(batch, *output_size, filters)`."""

    def __init__(self, folded, stride):
        super().__init__([folded.kernel], folded.offsets)
        self._stride = stride

    def multiplied(self, images):
        return tf.nn.conv2d(images, self.kernels[0], self._stride, "SAME")


class ConvolutionByRows(ExportedLayer):
    """The same for small maps."""

    def __init__(self, folded, stride, input_size, output_size):
        super().__init__([folded.kernel], folded.offsets)
        self._stride = stride
        self._output_size = output_size
        self._before = [
            max((after - 1) * stride + size - side, 0) // 2
            for side, after, size in zip(
                input_size, output_size, folded.kernel.shape[:2], strict=True
            )
        ]

    def multiplied(self, images):
        return convolution_by_rows(
            images, self.kernels[0], self._before, self._output_size, self._stride
        )


class TransposedConvolution(ExportedLayer):
    """A "same" transposed convolution, to `(batch, *output_size, filters)`."""

    def __init__(self, folded, stride, output_size):
        super().__init__([folded.kernel], folded.offsets)
        self._stride = stride
        self._output_shape = (*output_size, folded.kernel.shape[2])

    def multiplied(self, images):
        shape = [tf.shape(images)[0], *self._output_shape]
        return tf.nn.conv2d_transpose(images, self.kernels[0], shape, self._stride)


class TransposedConvolutionByRows(ExportedLayer):
    """The same for small maps."""

    def __init__(self, folded, stride, output_size, phases):
        super().__init__([phase.kernel for phase in phases], folded.offsets)
        self._stride = stride
        self._output_size = output_size
        self._before = [phase.before for phase in phases]

    def multiplied(self, images):
        size = images.shape[1:3]
        outputs = [
            convolution_by_rows(images, kernel, before, size)
            for kernel, before in zip(self.kernels, self._before, strict=True)
        ]
        return _interleaved(tf.concat(outputs, -1), self._stride, self._output_size)


class TransposedConvolutionByPhases(ExportedLayer):
    """The same for few filters."""

    def __init__(self, folded, stride, output_size, phases):
        joined = joined_phases(phases)
        super().__init__([joined.kernel], folded.offsets)
        self._stride = stride
        self._output_size = output_size
        self._padding = [
            [0, 0],
            *(
                [before, size - 1 - before]
                for before, size in zip(
                    joined.before, joined.kernel.shape[:2], strict=True
                )
            ),
            [0, 0],
        ]

    def multiplied(self, images):
        outputs = tf.nn.conv2d(images, self.kernels[0], 1, self._padding)
        return _interleaved(outputs, self._stride, self._output_size)


def _interleaved(phases, stride, output_size):
    height, width = output_size
    return tf.nn.depth_to_space(phases, stride)[:, :height, :width]


def convolution(folded, stride, input_size, output_size) -> ExportedLayer:
    """Returns a "same" convolution in the form that suits its size."""
    if max(output_size) <= LARGEST_SIDE_BY_ROWS:
        return ConvolutionByRows(folded, stride, input_size, output_size)
    return Convolution(folded, stride)


def transposed_convolution(folded, stride, input_size, output_size) -> ExportedLayer:
    """Returns a "same" transposed convolution in the form that suits its size."""
    height, width, filters, _ = folded.kernel.shape
    by_rows = max(input_size) <= LARGEST_SIDE_BY_ROWS
    by_phases = filters <= MOST_FILTERS_BY_PHASES
    if min(height, width) < stride or not (by_rows or by_phases):
        return TransposedConvolution(folded, stride, output_size)
    phases = transposed_convolution_phases(
        folded.kernel, input_size, output_size, stride
    )
    form = TransposedConvolutionByRows if by_rows else TransposedConvolutionByPhases
    return form(folded, stride, output_size, phases)
