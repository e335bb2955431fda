"""What the judges have in common: a frozen network, its card, images in batches."""

import keras
import numpy as np
import tensorflow as tf

from fer_keras.images import checked_images, to_uint8


class Judge:
    """A frozen network that looks at faces. It measures; nothing is trained against it.

    Args:
        network: A Keras model; it is set to inference.
        card: What is known of it: name, source, licence, SHA-256 of its file.
            Default: nothing.
        image_shape: Height, width and channels that it takes. Default: any.
    """

    def __init__(
        self,
        network: keras.Model,
        card: dict | None = None,
        image_shape: tuple[int, int, int] | None = None,
    ):
        self.network = network
        self.card = dict(card or {})
        self.image_shape = image_shape and tuple(image_shape)
        network.trainable = False
        shape = image_shape or [None, None, None]
        signature = [tf.TensorSpec([None, *shape], tf.uint8)]
        self._compiled = tf.function(
            lambda images: self.look(tf.cast(images, tf.float32)),
            input_signature=signature,
        )

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the network's file, named in every score; None if unsaved."""
        return self.card.get("sha256")

    def look(self, images: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Returns what the network says of images, one row an image.

        Args:
            images: float32 `(count, height, width, channels)`, 0 to 255.
        """
        raise NotImplementedError

    def in_batches(self, images: np.ndarray, batch_size: int) -> list[np.ndarray]:
        """Looks at images in batches.

        Args:
            images: uint8 0..255 or float -1..1, `(count, height, width, channels)`;
                float images are rounded to grey levels.
            batch_size: Images at once.

        Raises:
            ValueError: Images of another shape, type or range.
        """
        images = checked_images(images, self.image_shape or np.shape(images)[1:])
        images = images if images.dtype == np.uint8 else to_uint8(images)
        count = len(images)
        if not count:
            # A convolution of no images fails on some devices.
            images = np.zeros((1, *images.shape[1:]), "uint8")
        starts = range(0, len(images), batch_size)
        outputs = [
            self._compiled(images[start : start + batch_size]) for start in starts
        ]
        return [
            np.concatenate([part.numpy() for part in parts])[:count]
            for parts in zip(*outputs, strict=True)
        ]
