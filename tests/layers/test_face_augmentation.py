import keras
import numpy as np
import pytest
from scipy import ndimage

from fer_keras.layers.face_augmentation import FaceAugmentation

NOTHING = {
    "flip": False,
    "rotation": 0.0,
    "zoom": 0.0,
    "shift": 0.0,
    "brightness": 0.0,
    "contrast": 0.0,
    "cutout": 0.0,
}


def faces(count=16, size=16):
    """Smooth pictures without any symmetry."""
    noise = np.random.default_rng(0).normal(size=(count, size, size))
    smooth = ndimage.gaussian_filter(noise, (0, 2, 2))
    return (smooth / np.abs(smooth).max())[..., None].astype("float32")


def test_without_changes_a_face_stays_as_it_is():
    np.testing.assert_allclose(FaceAugmentation(**NOTHING)(faces()), faces(), atol=1e-6)


def test_results_are_faces_in_range_each_changed_in_its_own_way():
    same = np.repeat(faces(1), 8, axis=0)
    results = FaceAugmentation(blur=1.0, seed=0)(same).numpy()
    assert results.shape == same.shape and results.dtype == "float32"
    assert np.abs(results).max() <= 1
    for i in range(8):
        for j in range(i):
            assert np.abs(results[i] - results[j]).max() > 0.05


def test_half_of_the_faces_are_mirrored_exactly():
    images = faces(200, 8)
    results = FaceAugmentation(**{**NOTHING, "flip": True}, seed=0)(images).numpy()
    kept = np.isclose(results, images, atol=1e-5).all(axis=(1, 2, 3))
    mirrored = np.isclose(results, images[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
    assert (kept ^ mirrored).all()
    assert 70 < mirrored.sum() < 130


def test_a_turn_is_scipys_turn():
    layer = FaceAugmentation(**NOTHING)
    layer.rotation = 30.0
    images = faces(2, 17)
    zero = np.zeros(2, "float32")
    one = np.ones(2, "float32")
    results = layer._moved(images, one, one, zero, zero, zero, zero).numpy()
    expected = ndimage.rotate(images, 30.0, (1, 2), reshape=False, order=1)
    # Beyond the circle the two fill in different values.
    rows, columns = np.mgrid[:17, :17] - 8
    inside = rows**2 + columns**2 < 7.5**2
    np.testing.assert_allclose(
        np.abs(results - expected)[:, inside].max(), 0, atol=1e-4
    )


def test_a_shift_moves_by_that_share_of_the_size():
    layer = FaceAugmentation(**{**NOTHING, "shift": 0.25})
    images = faces(2, 16)
    one, zero = np.ones(2, "float32"), np.zeros(2, "float32")
    results = layer._moved(images, one, zero, zero, zero, one, zero).numpy()
    np.testing.assert_allclose(results[:, :, :12], images[:, :, 4:], atol=1e-5)


def test_cutout_covers_one_rectangle_of_at_most_its_side_with_grey():
    layer = FaceAugmentation(**{**NOTHING, "cutout": 0.5}, seed=0)
    covered = layer(np.ones((200, 20, 20, 1), "float32")).numpy()[..., 0] == 0
    assert 0 < covered.sum(axis=(1, 2)).max() <= 100
    untouched = ~covered.any(axis=(1, 2))
    assert 70 < untouched.sum() < 150
    for mask in covered[~untouched]:
        box = np.outer(mask.any(axis=1), mask.any(axis=0))
        np.testing.assert_array_equal(mask, box)


def test_blur_leaves_what_is_even_and_smooths_the_rest():
    layer = FaceAugmentation(**NOTHING, blur=1.0, seed=0)
    even = np.full((4, 16, 16, 1), 0.3, "float32")
    np.testing.assert_allclose(layer(even), even, atol=1e-5)
    noise = np.random.default_rng(0).uniform(-1, 1, (50, 16, 16, 1)).astype("float32")
    assert layer(noise).numpy().std() < 0.8 * noise.std()


def test_contrast_keeps_the_mean_and_brightness_moves_it():
    images = 0.3 * faces()
    contrast = FaceAugmentation(**{**NOTHING, "contrast": 0.5}, seed=0)(images).numpy()
    means = images.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(contrast.mean(axis=(1, 2, 3)), means, atol=1e-5)
    bright = FaceAugmentation(**{**NOTHING, "brightness": 0.2}, seed=0)(images).numpy()
    added = bright - images
    assert np.ptp(added, axis=(1, 2, 3)).max() < 1e-5
    assert np.abs(added).max() <= 0.2 + 1e-5


def test_a_given_seed_draws_the_same_each_time_and_none_goes_on():
    layer = FaceAugmentation(seed=0)
    np.testing.assert_array_equal(layer(faces(), seed=5), layer(faces(), seed=5))
    assert np.abs(layer(faces()) - layer(faces())).max() > 0.05


@pytest.mark.parametrize("cutout", [0.0, 0.7])
def test_config_round_trip(cutout):
    layer = FaceAugmentation(flip=False, cutout=cutout, blur=0.5, seed=3)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert copy.get_config() == layer.get_config()
    np.testing.assert_array_equal(copy(faces()), layer(faces()))
