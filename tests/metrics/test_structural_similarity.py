import numpy as np
import pytest
import skimage.metrics

from fer_keras.metrics import pairwise, structural_similarity


def _pair(count=4, height=48, width=48, noise=25, seed=0):
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    phase = random.uniform(0, 6, (count, 1, 1))
    faces = 128 + 100 * np.sin(rows / 5 + phase) * np.cos(columns / 7)
    noisy = faces + random.normal(0, noise, faces.shape)
    return tuple(
        np.clip(images, 0, 255).astype("uint8")[..., None] for images in (faces, noisy)
    )


def _by_scikit_image(first, second, **options):
    return [
        skimage.metrics.structural_similarity(
            a[..., 0],
            b[..., 0],
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
            **options,
        )
        for a, b in zip(first, second, strict=True)
    ]


def _by_windows(first, second, weights):
    """Equations 13 to 15 at each window in turn, moments of the weighted pixels."""
    gauss = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(gauss, gauss)
    height, width = first.shape
    total = weight_total = 0.0
    for row in range(5, height - 5):
        for column in range(5, width - 5):
            if weights[row, column] == 0:
                continue
            area = np.s_[row - 5 : row + 6, column - 5 : column + 6]
            x, y = first[area].astype(float), second[area].astype(float)
            seen = window * weights[area]
            mean_x = np.average(x, weights=seen)
            mean_y = np.average(y, weights=seen)
            covariance = np.average((x - mean_x) * (y - mean_y), weights=seen)
            variances = np.average((x - mean_x) ** 2 + (y - mean_y) ** 2, weights=seen)
            score = (2 * mean_x * mean_y + 6.5025) * (2 * covariance + 58.5225)
            score /= (mean_x**2 + mean_y**2 + 6.5025) * (variances + 58.5225)
            total += weights[row, column] * score
            weight_total += weights[row, column]
    return total / weight_total


def test_flat_images_by_hand():
    # No contrast: only (2 * 100 * 50 + C1) / (100^2 + 50^2 + C1) is left, C1 = 6.5025.
    flat = np.full((1, 11, 11, 1), 100, "uint8")
    expected = 10006.5025 / 12506.5025
    assert structural_similarity(flat, flat // 2) == pytest.approx([expected])


def test_a_negative_has_negative_structure():
    random = np.random.default_rng(0)
    noise = random.integers(64, 192, (1, 48, 48, 1), dtype="uint8")
    assert structural_similarity(noise, 255 - noise)[0] < -0.9


@pytest.mark.parametrize("size", [(48, 48), (11, 11), (20, 33)])
def test_equals_scikit_image(size):
    first, second = _pair(3, *size)
    np.testing.assert_allclose(
        structural_similarity(first, second),
        _by_scikit_image(first, second),
        atol=1e-9,
    )


def test_equal_images_score_one_and_blocks_change_nothing(monkeypatch):
    first, second = _pair(7)
    assert structural_similarity(first, first) == pytest.approx(np.ones(7))
    whole = structural_similarity(first, second)
    monkeypatch.setattr(pairwise, "BLOCK_ELEMENTS", 10 * 48 * 48 * 2)
    np.testing.assert_allclose(structural_similarity(first, second), whole)


def test_equal_weights_are_the_plain_score():
    first, second = _pair()
    np.testing.assert_allclose(
        structural_similarity(first, second, np.full((48, 48), 0.3)),
        structural_similarity(first, second),
    )


@pytest.mark.parametrize("kind", ["mask", "weights"])
def test_weighted_score_equals_a_loop_over_windows(kind):
    random = np.random.default_rng(1)
    weights = random.uniform(size=(16, 18))
    weights = weights > 0.4 if kind == "mask" else weights
    first, second = _pair(2, 16, 18)
    expected = [
        _by_windows(a[..., 0], b[..., 0], weights.astype(float))
        for a, b in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(structural_similarity(first, second, weights), expected)


def test_what_is_masked_out_has_no_influence_at_all():
    first, second = _pair()
    visible = np.ones((48, 48), bool)
    visible[30:44, 14:34] = False
    edited = np.where(visible[..., None], first, second)
    assert structural_similarity(first, edited, visible) == pytest.approx(np.ones(4))
    assert (structural_similarity(first, edited) < 0.99).all()
    also_outside = np.where(visible[..., None], second, 255 - second)
    np.testing.assert_allclose(
        structural_similarity(first, also_outside, visible),
        structural_similarity(first, second, visible),
    )


def test_errors():
    first, second = _pair(1)
    with pytest.raises(ValueError, match="11 by 11 pixels or more, got 10 by 48"):
        structural_similarity(first[:, :10], second[:, :10])
    with pytest.raises(ValueError, match=r"shape \(48, 48\), got \(48, 47\)"):
        structural_similarity(first, second, np.ones((48, 47)))
    with pytest.raises(ValueError, match="0 or more"):
        structural_similarity(first, second, -np.ones((48, 48)))
    rim_only = np.ones((48, 48))
    rim_only[5:-5, 5:-5] = 0
    with pytest.raises(ValueError, match="nothing is left"):
        structural_similarity(first, second, rim_only)
