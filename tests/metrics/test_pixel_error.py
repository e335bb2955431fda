import numpy as np
import pytest
from skimage.metrics import mean_squared_error as skimage_mean_squared_error
from skimage.metrics import peak_signal_noise_ratio

from fer_keras.metrics import (
    mean_squared_error,
    pairwise,
    peak_signal_to_noise_ratio,
)


def _faces(count=6, seed=0):
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, 12, 10, 1), dtype="uint8")


def test_squared_error_by_hand():
    image = np.array([[[[0], [10]], [[200], [255]]]], "uint8")
    other = np.array([[[[3], [6]], [[200], [0]]]], "uint8")
    # 3^2 + 4^2 + 0 + 255^2 = 65050: negative and full-range differences alike.
    assert mean_squared_error(image, other) == pytest.approx([65050 / 4])
    assert mean_squared_error(other, image) == pytest.approx([65050 / 4])


def test_noise_ratio_by_hand():
    black = np.zeros((2, 4, 4, 1), "uint8")
    levels = np.array([255, 51], "uint8")[:, None, None, None]
    # 255 / 51 = 5, and 20 log10(5) = 13.9794.
    assert peak_signal_to_noise_ratio(black, black + levels) == pytest.approx(
        [0.0, 13.979400086720377]
    )


def test_equal_images_have_no_error_and_an_infinite_ratio():
    faces = _faces()
    assert not mean_squared_error(faces, faces).any()
    assert np.isposinf(peak_signal_to_noise_ratio(faces, faces)).all()


def test_equal_scikit_image_image_by_image(monkeypatch):
    first, second = _faces(seed=1), _faces(seed=2)
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 300)
    np.testing.assert_allclose(
        mean_squared_error(first, second),
        [skimage_mean_squared_error(a, b) for a, b in zip(first, second, strict=True)],
    )
    np.testing.assert_allclose(
        peak_signal_to_noise_ratio(first, second),
        [
            peak_signal_noise_ratio(a, b, data_range=255)
            for a, b in zip(first, second, strict=True)
        ],
    )


def test_batches_must_match():
    with pytest.raises(ValueError, match="match one by one"):
        mean_squared_error(_faces(3), _faces(4))
    with pytest.raises(ValueError, match="uint8"):
        peak_signal_to_noise_ratio(_faces(), _faces() / 255)
