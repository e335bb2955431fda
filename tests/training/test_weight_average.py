import numpy as np

from fer_keras.networks import Encoder
from fer_keras.training.weight_average import WeightAverage


def small_encoder():
    return Encoder((16, 16, 1), latent_dim=3, width=4, depth=2, seed=0)


def test_it_follows_weights_and_statistics_by_its_decay():
    network = small_encoder()
    average = WeightAverage(network, decay=0.5)
    bias, mean = network.to_latent.bias, network.norms[-1].moving_mean
    bias.assign([1.0, 2.0, 3.0])
    mean.assign(np.full(8, 4.0))
    # Of step t at most (1 + t) / (10 + t) is kept: 2/11, then 3/12, ...
    average.update(network)
    np.testing.assert_allclose(
        average.network.to_latent.bias, np.array([1, 2, 3]) * 9 / 11, rtol=1e-6
    )
    np.testing.assert_allclose(
        average.network.norms[-1].moving_mean, 36 / 11, rtol=1e-6
    )
    average.update(network)
    np.testing.assert_allclose(
        average.network.to_latent.bias,
        np.array([1, 2, 3]) * (1 - 2 / 11 / 4),
        rtol=1e-6,
    )


def test_the_decay_is_reached_and_the_network_stays_as_it_is():
    network = small_encoder()
    average = WeightAverage(network, decay=0.1)
    network.to_latent.bias.assign([1.0, 1.0, 1.0])
    average.update(network)
    np.testing.assert_allclose(average.network.to_latent.bias, 0.9, rtol=1e-6)
    np.testing.assert_array_equal(network.to_latent.bias, 1.0)


def test_it_starts_as_the_network_and_is_not_trained():
    network = small_encoder()
    average = WeightAverage(network)
    images = np.ones((2, 16, 16, 1), "float32")
    np.testing.assert_array_equal(average.network(images), network(images))
    assert average.trainable_variables == []


def test_it_does_not_reach_back_to_where_it_began():
    """E's average over a finish was ruined by what was left of E before it."""
    network = small_encoder()
    network.to_latent.bias.assign([100.0, 100.0, 100.0])
    average = WeightAverage(network, decay=0.999)
    network.to_latent.bias.assign([1.0, 1.0, 1.0])
    for _ in range(50):
        average.update(network)
    np.testing.assert_allclose(average.network.to_latent.bias, 1.0, atol=1e-3)
