import numpy as np
import pytest
from skimage.metrics import structural_similarity as skimage_ssim

from fer_keras.metrics import (
    harmonic_mean,
    mean_squared_error,
    peak_signal_to_noise_ratio,
    retrieval_ranks,
    structural_similarity,
)


def faces(count, seed=0):
    return np.random.default_rng(seed).integers(
        256, size=(count, 16, 20, 1), dtype="uint8"
    )


def test_pixel_errors_by_hand():
    black = np.zeros((2, 2, 2, 1), "uint8")
    other = black.copy()
    other[0, 0, 0] = 255
    assert mean_squared_error(black, other).tolist() == [255**2 / 4, 0]
    np.testing.assert_allclose(
        peak_signal_to_noise_ratio(black, other), [10 * np.log10(4), 100]
    )


def test_ssim_is_scikit_images():
    images, rebuilt = faces(3), faces(3, seed=1)
    rebuilt = (images // 2 + rebuilt // 2).astype("uint8")
    expected = [
        skimage_ssim(
            a[..., 0],
            b[..., 0],
            gaussian_weights=True,
            sigma=1.5,
            data_range=255,
            use_sample_covariance=False,
        )
        for a, b in zip(images, rebuilt, strict=True)
    ]
    np.testing.assert_allclose(
        structural_similarity(images, rebuilt), expected, atol=1e-4
    )
    np.testing.assert_allclose(structural_similarity(images, images), 1, atol=1e-6)


def test_other_images_are_refused():
    for measure in (mean_squared_error, structural_similarity):
        with pytest.raises(ValueError, match="of one shape"):
            measure(faces(2), faces(3))
        with pytest.raises(ValueError, match="uint8"):
            measure(faces(2), faces(2) / 255)
    with pytest.raises(ValueError, match="11 by 11"):
        structural_similarity(faces(1)[:, :8], faces(1)[:, :8])


def test_ranks_count_everybody_who_is_not_farther():
    gallery = np.array([[0.0], [1.0], [3.0], [3.0]])
    found = retrieval_ranks([[0.2], [2.9], [2.1]], gallery, [0, 2, 0])
    assert found.tolist() == [1, 2, 4]


def test_embeddings_that_all_collapse_come_last():
    ranks = retrieval_ranks(np.ones((3, 4)), np.ones((9, 4)), [0, 4, 8])
    assert ranks.tolist() == [9, 9, 9]


def test_wrong_galleries_are_refused():
    with pytest.raises(ValueError, match="rows 0 to 2, got 0 to 3"):
        retrieval_ranks(np.ones((2, 4)), np.ones((3, 4)), [0, 3])
    with pytest.raises(ValueError, match="NaN"):
        retrieval_ranks(np.full((1, 4), np.nan), np.ones((3, 4)), [0])


def test_the_headline_needs_both():
    assert harmonic_mean(1.0, 0.5) == pytest.approx(2 / 3)
    assert harmonic_mean(0.0, 1.0) == harmonic_mean(0.0, 0.0) == 0
    np.testing.assert_allclose(
        harmonic_mean(np.array([1.0, 0.2]), np.array([1.0, 0.0])), [1, 0]
    )
