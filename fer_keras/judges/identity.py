"""Is it still the same person? Asked of a face recognition network."""

import numpy as np
import tensorflow as tf

from fer_keras.judges.face_recognition import face_recognition_network
from fer_keras.judges.files import checked_file
from fer_keras.judges.judge import Judge

SAME_PERSON = 0.44
"""Mean distance of one person's faces in two emotions (CK+48, 118 persons, 48x48)."""
UNRELATED = 0.71
"""Mean distance of two faces taken at random from FER2013's `test`."""


class IdentityJudge(Judge):
    """The face recognition network that dlib ships, as a judge of likeness.

    Example:
        >>> judge = load_identity_judge()
        >>> first, second = judge.embed(faces[:2])
        >>> np.linalg.norm(first - second)  # below about 0.5: one person
    """

    def embed(self, images, batch_size: int = 128) -> np.ndarray:
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
        return self._look_in_batches(images, batch_size)[0]

    def _look(self, images):
        return (self.network(tf.cast(images, tf.float32), training=False),)


def load_identity_judge(folder=None) -> IdentityJudge:
    """Loads the face recognition network and checks its file.

    Args:
        folder: Default: the shipped `saved_models/judges`.

    Raises:
        ValueError: The file is missing or differs from its card.
    """
    path, card = checked_file("face_recognition", folder)
    with np.load(path) as weights:
        return IdentityJudge(face_recognition_network(weights), card)
