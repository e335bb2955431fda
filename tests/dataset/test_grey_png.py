import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfds_fer2013.grey_png import encode_grey_png


@pytest.mark.parametrize("shape", [(48, 48, 1), (1, 1, 1), (3, 300, 1)])
def test_other_decoders_read_the_same_pixels(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    encoded = encode_grey_png(image)
    np.testing.assert_array_equal(tf.io.decode_png(encoded).numpy(), image)
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(encoded))), image[:, :, 0]
    )
