"""z ~ U(-1, 1): its distribution, its state, its rows."""

import keras
import numpy as np
import tensorflow as tf

from fer_keras.layers import LatentNoise
from fer_keras.training.replicas import GlobalBatch


def draw(noise, count):
    return np.asarray(noise.draw(GlobalBatch.around(tf.zeros((count, 1)))))


def test_uniform_between_minus_one_and_one():
    drawn = draw(LatentNoise(100, seed=1), 2000)
    assert drawn.shape == (2000, 100) and drawn.dtype == np.float32
    assert -1 <= drawn.min() < -0.999 and 0.999 < drawn.max() < 1
    # The mean of 200,000 draws of deviation 0.577 lies within 5 / sqrt(200,000).
    assert abs(drawn.mean()) < 0.0065
    assert abs(drawn.var() - 1 / 3) < 0.005
    tenths = np.histogram(drawn, 10, (-1, 1))[0] / drawn.size
    np.testing.assert_allclose(tenths, 0.1, atol=0.005)
    correlations = np.corrcoef(drawn[:, :20].T)[~np.eye(20, dtype=bool)]
    assert np.abs(correlations).max() < 0.1


def test_draws_differ_and_follow_from_the_seed():
    first, again, other = (LatentNoise(5, seed) for seed in (1, 1, 2))
    sequence = [draw(first, 4) for _ in range(3)]
    assert len(np.unique(np.concatenate(sequence), axis=0)) == 12
    np.testing.assert_array_equal(sequence, [draw(again, 4) for _ in range(3)])
    assert not np.array_equal(sequence[0], draw(other, 4))
    first.reset()
    np.testing.assert_array_equal(draw(first, 4), sequence[0])


def test_without_seed_the_global_one_decides():
    draws = []
    for seed in (3, 3, 4):
        keras.utils.set_random_seed(seed)
        pair = [draw(LatentNoise(5), 2) for _ in range(2)]
        assert not np.array_equal(*pair)
        draws.append(pair)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_state_is_a_weight_that_goes_on_where_it_was():
    noise, other = LatentNoise(5, seed=1), LatentNoise(5, seed=2)
    draw(noise, 4)
    assert noise.weights == [noise.state] and not noise.trainable_weights
    np.testing.assert_array_equal(noise.state, [1, 1])
    other.set_weights(noise.get_weights())
    np.testing.assert_array_equal(draw(other, 4), draw(noise, 4))


def test_same_draws_inside_a_compiled_function():
    eager, compiled = LatentNoise(5, seed=1), LatentNoise(5, seed=1)
    function = tf.function(
        lambda rows: compiled.draw(GlobalBatch.around(rows)),
        input_signature=[tf.TensorSpec([None, 1])],
    )
    for count in (4, 2):
        np.testing.assert_array_equal(
            function(tf.zeros((count, 1))), draw(eager, count)
        )


def test_rows_of_a_replica_are_those_of_the_global_batch():
    whole = draw(LatentNoise(5, seed=1), 7)
    # The second of three replicas, which hold 3, 2 and 2 images.
    batch = GlobalBatch(tf.constant(3), tf.constant(2), tf.constant(7))
    np.testing.assert_array_equal(LatentNoise(5, seed=1).draw(batch), whole[3:5])


def test_large_and_negative_seeds():
    for seed in (2**31, 2**40 + 1, -1):
        assert np.isfinite(draw(LatentNoise(3, seed), 2)).all()


def test_configuration_round_trip():
    noise = LatentNoise(7, seed=3, name="noise")
    again = LatentNoise.from_config(noise.get_config())
    assert again.get_config() == noise.get_config()
    np.testing.assert_array_equal(draw(again, 2), draw(noise, 2))


def test_its_state_may_stand_on_a_gpu():
    # TensorFlow keeps int32 variables on the CPU, where XLA on a GPU cannot use them.
    assert LatentNoise(5, seed=1).state.dtype == "int64"
