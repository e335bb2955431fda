"""The plain forms: TensorFlow's own convolutions, which the others must equal."""

import tensorflow as tf

from fer_keras.layers.kernels.convolution_geometry import ConvolutionGeometry


def convolve(
    images: tf.Tensor, kernel: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """Convolution with "same" padding.

    Args:
        images: `(batch, height, width, channels)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: The convolution's geometry.

    Returns:
        `(batch, *geometry.output_size, filters)`.
    """
    return tf.nn.conv2d(images, kernel, geometry.strides, "SAME")


def convolve_transposed(
    images: tf.Tensor, kernel: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """The transpose of `convolve`: from its result's shape to its input's.

    Args:
        images: `(batch, *geometry.output_size, filters)`.
        kernel: `(kernel_size, kernel_size, channels, filters)`.
        geometry: The geometry of the convolution whose transpose this is.

    Returns:
        `(batch, geometry.height, geometry.width, channels)`.
    """
    size = geometry.height, geometry.width
    shape = [tf.shape(images)[0], *size, kernel.shape[2]]
    return tf.nn.conv2d_transpose(images, kernel, shape, geometry.strides)


def kernel_gradient(
    images: tf.Tensor, result_gradient: tf.Tensor, geometry: ConvolutionGeometry
) -> tf.Tensor:
    """The derivative of `convolve` by its kernel.

    Args:
        images: `(batch, height, width, channels)`.
        result_gradient: `(batch, *geometry.output_size, filters)`.
        geometry: The convolution's geometry.

    Returns:
        `(kernel_size, kernel_size, channels, filters)`.
    """
    size = geometry.kernel_size
    return tf.raw_ops.Conv2DBackpropFilter(
        input=images,
        filter_sizes=[size, size, images.shape[-1], result_gradient.shape[-1]],
        out_backprop=result_gradient,
        strides=[1, geometry.strides, geometry.strides, 1],
        padding="SAME",
    )
