"""Other pictures of the same face: turned, shifted, lit, blurred, partly covered."""

import math

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="fer_keras")
class FaceAugmentation(keras.layers.Layer):
    """Draws a flip, one affine map, light and contrast, a blur and a grey square.

    Each image of the batch gets its own. What the map draws in from beyond the
    edge is the mirrored face. The drawn values are uniform.

    Args:
        flip: Whether to mirror half of the faces. Default True.
        rotation: Largest turn to either side, degrees. Default 12.
        zoom: Largest relative growth or shrinkage, height and width apart.
            Default 0.12.
        shift: Largest shift, share of the size. Default 0.08.
        brightness: Largest added value; the images' range is 2. Default 0.2.
        contrast: Largest relative change of the contrast. Default 0.3.
        cutout: Largest side of the covered square, share of the size; 0 for
            none. Default 0.4.
        blur: Largest share of the picture blurred by 5x5 pixels that is mixed in;
            0 for none. Default 0.
        seed: Of the draws. Default: from Keras' global seed.

    Call arguments:
        inputs: Images `(batch, height, width, channels)` in [-1, 1].
        seed: An integer for the same draws each time. Default: the next draws.

    Returns:
        float32 of the same shape in [-1, 1].

    Example:
        >>> FaceAugmentation(seed=0)(keras.ops.zeros((2, 48, 48, 1))).shape
        TensorShape([2, 48, 48, 1])
    """

    def __init__(
        self,
        flip=True,
        rotation=12.0,
        zoom=0.12,
        shift=0.08,
        brightness=0.2,
        contrast=0.3,
        cutout=0.4,
        blur=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(dtype="float32", **kwargs)
        self.flip = flip
        self.rotation = rotation
        self.zoom = zoom
        self.shift = shift
        self.brightness = brightness
        self.contrast = contrast
        self.cutout = cutout
        self.blur = blur
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, seed=None):
        count = tf.shape(inputs)[0]
        seed = self.seed_generator if seed is None else seed
        draws = keras.random.uniform((count, 11), -1.0, 1.0, seed=seed)
        draws = tf.unstack(draws, axis=1)
        images = self._moved(inputs, *draws[:6])
        images = self._lit(images, *draws[6:8])
        if self.blur:
            share = keras.random.uniform((count, 1, 1, 1), 0.0, self.blur, seed=seed)
            images += share * (tf.nn.avg_pool2d(images, 5, 1, "SAME") - images)
        return self._covered(images, *draws[8:11]) if self.cutout else images

    def _moved(self, images, flip, angle, zoom_x, zoom_y, shift_x, shift_y):
        height, width = images.shape[1:3]
        angle *= self.rotation * math.pi / 180.0
        mirror = tf.sign(flip) if self.flip else 1.0
        scale_x = mirror * (1.0 + self.zoom * zoom_x)
        scale_y = 1.0 + self.zoom * zoom_y
        # From a pixel of the result to where in the image its value stands.
        xx, xy = scale_x * tf.cos(angle), -scale_y * tf.sin(angle)
        yx, yy = scale_x * tf.sin(angle), scale_y * tf.cos(angle)
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        from_x = middle_x - xx * middle_x - xy * middle_y + self.shift * shift_x * width
        from_y = (
            middle_y - yx * middle_x - yy * middle_y + self.shift * shift_y * height
        )
        zeros = tf.zeros_like(xx)
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=tf.stack([xx, xy, from_x, yx, yy, from_y, zeros, zeros], axis=1),
            output_shape=[height, width],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="REFLECT",
        )

    def _lit(self, images, brightness, contrast):
        mean = tf.reduce_mean(images, [1, 2, 3], keepdims=True)
        scale = 1.0 + self.contrast * contrast[:, None, None, None]
        added = self.brightness * brightness[:, None, None, None]
        return tf.clip_by_value((images - mean) * scale + mean + added, -1.0, 1.0)

    def _covered(self, images, side, center_x, center_y):
        height, width = images.shape[1:3]
        # A negative draw covers nothing: half of the faces stay whole.
        side = side * self.cutout

        def outside(center, size):
            places = tf.linspace(-1.0, 1.0, size)[None]
            return tf.abs(places - center[:, None]) > side[:, None]

        keep = outside(center_y, height)[:, :, None] | outside(center_x, width)[:, None]
        return images * tf.cast(keep, tf.float32)[..., None]

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super().get_config()
        # The draws are in float32 whatever the policy.
        config.pop("dtype", None)
        return {
            **config,
            "flip": self.flip,
            "rotation": self.rotation,
            "zoom": self.zoom,
            "shift": self.shift,
            "brightness": self.brightness,
            "contrast": self.contrast,
            "cutout": self.cutout,
            "blur": self.blur,
            "seed": self.seed,
        }
