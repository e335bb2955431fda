import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras.layers import SharedAugmentation
from fer_keras.training.replicas import GlobalBatch

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1.0, 1.0, (2, 6, 8, 2)).astype("float32")


def changed(draw, images=IMAGES, **options):
    """Applies one row of draws (flip, down, aside, brightness, contrast) to all."""
    layer = SharedAugmentation(seed=0, **options)
    return np.asarray(layer(images, np.tile(np.float32([draw]), (len(images), 1))))


def test_nothing_drawn_changes_nothing():
    np.testing.assert_allclose(changed([1, 0, 0, 0, 0]), IMAGES, atol=1e-6)


def test_a_negative_first_draw_mirrors():
    np.testing.assert_allclose(
        changed([-0.1, 0, 0, 0, 0]), IMAGES[:, :, ::-1], atol=1e-6
    )
    np.testing.assert_allclose(
        changed([-0.1, 0, 0, 0, 0], flip=False), IMAGES, atol=1e-6
    )


def test_shifts_are_whole_pixels_and_repeat_the_edge():
    # A quarter of 8 columns to one side: two; of 6 rows to the other: 1.5, rounded.
    found = changed([1, -1, 1, 0, 0], shift=0.25)
    rows, columns = [0, 0, 0, 1, 2, 3], [2, 3, 4, 5, 6, 7, 7, 7]
    np.testing.assert_allclose(found, IMAGES[:, rows][:, :, columns], atol=1e-6)


def test_light_is_changed_around_each_images_mean():
    means = IMAGES.mean((1, 2, 3), keepdims=True)
    expected = (IMAGES - means) * (1 + 0.5 * 0.4) + means - 0.25 * 0.2
    found = changed([1, 0, 0, -0.25, 0.5], brightness=0.2, contrast=0.4)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_draws_are_made_once_and_applied_to_as_many_batches_as_wished():
    layer, again = SharedAugmentation(seed=4), SharedAugmentation(seed=4)
    batch = GlobalBatch.around(IMAGES)
    draws = layer.draw(batch)
    np.testing.assert_array_equal(draws, again.draw(batch))
    assert draws.shape == (2, 5)
    assert np.abs(draws - layer.draw(batch)).min() > 0.0
    np.testing.assert_array_equal(layer(IMAGES, draws), layer(IMAGES, draws))


def test_the_gradient_goes_to_the_pixels_that_are_seen():
    layer = SharedAugmentation(seed=0, shift=0.5, contrast=0.0)
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        # Half of the columns leave on one side.
        total = tf.reduce_sum(layer(images, np.float32([[1, 0, 1, 0, 0]] * 2)))
    gradient = tape.gradient(total, images)
    assert np.abs(gradient[:, :, :4]).max() == 0.0
    # The edge fills what came in: five columns show it.
    np.testing.assert_allclose(gradient[:, :, 4:7], 1.0, atol=1e-5)
    np.testing.assert_allclose(gradient[:, :, 7], 5.0, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_it_stays_in_float32(policy):
    layer = SharedAugmentation(seed=0, dtype=policy)
    draws = layer.draw(GlobalBatch.around(IMAGES))
    assert layer(IMAGES, draws).dtype == "float32"


def test_its_options_are_saved():
    layer = SharedAugmentation(False, 0.3, 0.1, 0.0, seed=7)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    draws = layer.draw(GlobalBatch.around(IMAGES))
    np.testing.assert_array_equal(copy(IMAGES, draws), layer(IMAGES, draws))
    np.testing.assert_array_equal(copy.draw(GlobalBatch.around(IMAGES)), draws)
