"""Is it still the same person? Asked of a face recognition network."""

import numpy as np
import tensorflow as tf

from fer_keras.judges.judge import Judge

IDENTITY_JUDGE = "face_recognition"
"""The identity judge's name."""
SAME_PERSON = 0.44
"""Mean distance of one person's faces in two emotions (CK+48, 118 persons, 48x48)."""
UNRELATED = 0.71
"""Mean distance of two faces taken at random from FER2013's `test`."""


class IdentityJudge(Judge):
    """The face recognition network that dlib ships, as a judge of likeness.

    Example:
        >>> first, second = load_judge("face_recognition").embed(faces[:2])
        >>> np.linalg.norm(first - second)  # below about 0.5: one person
    """

    def embed(self, images: np.ndarray, batch_size: int = 128) -> np.ndarray:
        """Returns embeddings, float32 `(count, 128)`.

        Two faces are the more alike the smaller the Euclidean distance of their
        embeddings; `SAME_PERSON` and `UNRELATED` are landmarks of it.

        Args:
            images: uint8 0..255 or float -1..1, `(count, height, width, 1 or 3)`,
                of any size.
            batch_size: Images at once; the result does not depend on it.

        Raises:
            ValueError: Images of another shape, type or range.
        """
        return self.in_batches(images, batch_size)[0]

    def look(self, images: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (self.network(images, training=False),)
