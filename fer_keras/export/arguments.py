"""What the endpoints of a SavedModel are given, checked and brought to one form."""

from collections.abc import Callable

import tensorflow as tf

from fer_keras.layers import pixels


def label_weights(emotion: tf.Tensor, count: tf.Tensor, names: list[str]) -> tf.Tensor:
    """Returns emotions as label weights.

    Args:
        emotion: Integer id or ids, or float weights `(rows, classes)`; one of them
            holds for all faces.
        count: Number of faces.
        names: The emotions in the order of their ids.

    Returns:
        float32 `(count, classes)`.
    """
    if emotion.dtype.is_integer:
        ids = tf.reshape(emotion, [-1])
        ids = _required(
            ids,
            tf.reduce_all((ids >= 0) & (ids < len(names))),
            f"Emotion ids must be 0 to {len(names) - 1} ({', '.join(names)}), got "
            "{}.",
            ids,
        )
        weights = tf.one_hot(ids, len(names))
    else:
        weights = finite(emotion, "Emotion weights")
    rows = tf.shape(weights)[0]
    weights = _required(
        weights,
        (rows == count) | (rows == 1),
        "Expected one emotion, or one for each of {} faces, got {}.",
        count,
        rows,
    )
    return tf.broadcast_to(weights, [count, len(names)])


def finite(values: tf.Tensor, name: str) -> tf.Tensor:
    """Returns values that are neither NaN nor infinite."""
    all_finite = tf.reduce_all(tf.math.is_finite(values))
    return _required(values, all_finite, f"{name} hold NaN or infinity.")


def float_images(images: tf.Tensor) -> tf.Tensor:
    """Maps uint8 0..255 to float32 -1..1; float images are checked and stay."""
    if images.dtype == tf.uint8:
        return pixels.from_uint8(images)
    # A comparison with NaN is false: this finds them as well.
    return _required(
        images,
        tf.reduce_all(tf.abs(images) <= 1.001),
        "Float images must lie in [-1, 1] without NaN, got {} to {}. For 0..255 "
        "pass uint8.",
        tf.reduce_min(images),
        tf.reduce_max(images),
    )


def images_of(dtype: tf.DType, images: tf.Tensor) -> tf.Tensor:
    """Maps float -1..1 to uint8 0..255 where that is the asked type."""
    return pixels.to_uint8(images) if dtype == tf.uint8 else images


def decoded_picture(picture: tf.Tensor, image_shape: tuple[int, ...]) -> tf.Tensor:
    """Decodes a file's bytes to one face: the middle square, resized.

    Args:
        picture: A PNG, JPEG, BMP or GIF file's bytes, a string scalar.
        image_shape: Height, width and channels of the result.

    Returns:
        uint8 `image_shape`.
    """
    *size, channels = image_shape
    image = tf.io.decode_image(picture, channels, expand_animations=False)
    image = tf.ensure_shape(image, [None, None, channels])
    side = tf.reduce_min(tf.shape(image)[:2])
    top, left = tf.unstack((tf.shape(image)[:2] - side) // 2)
    image = tf.image.crop_to_bounding_box(image, top, left, side, side)
    resized = tf.image.resize(tf.cast(image, tf.float32), size, antialias=True)
    resized = tf.clip_by_value(tf.round(resized), 0.0, 255.0)
    return tf.ensure_shape(tf.cast(resized, tf.uint8), image_shape)


def in_chunks(
    function: Callable, rows: int, result: tf.TensorSpec, *tensors: tf.Tensor
) -> tf.Tensor:
    """Applies a function to some rows of tensors at a time, which bounds its memory.

    Args:
        function: Takes rows of each tensor; returns a tensor.
        rows: At most so many at a time.
        result: Shape (the first dimension None) and type of what it returns.
        *tensors: Of equally many rows, possibly none.
    """
    count = tf.shape(tensors[0])[0]
    # None for no rows: some of TensorFlow's kernels do not take an empty batch.
    chunks = (count + rows - 1) // rows

    def add_chunk(chunk, results):
        start = chunk * rows
        value = function(*(tensor[start : start + rows] for tensor in tensors))
        return chunk + 1, results.write(chunk, value)

    results = tf.TensorArray(
        result.dtype, size=chunks, element_shape=result.shape, infer_shape=False
    )
    _, results = tf.while_loop(
        lambda chunk, _: chunk < chunks,
        add_chunk,
        (tf.constant(0), results),
        parallel_iterations=1,
    )
    return tf.ensure_shape(results.concat(), result.shape)


def _required(tensor, condition, message, *values):
    """Returns a tensor that exists only where a condition holds."""
    text = tf.strings.format(message, values)
    # Without this dependency another error could come first.
    with tf.control_dependencies([tf.debugging.Assert(condition, [text])]):
        return tf.identity(tensor)
