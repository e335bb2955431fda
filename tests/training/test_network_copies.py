import numpy as np

from fer_keras.networks import Encoder
from fer_keras.training.network_copies import in_precision


def test_a_precision_changes_the_calculation_and_not_the_weights():
    network = Encoder((16, 16, 1), latent_dim=3, width=4, depth=2, seed=0)
    assert in_precision(network, "float32") is network
    network.norms[-1].moving_mean.assign(np.full(8, 0.25))
    other = in_precision(network, "mixed_bfloat16")
    assert other.dtype_policy.name == "mixed_bfloat16"
    assert network.dtype_policy.name == "float32"
    for mine, theirs in zip(other.variables, network.variables, strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)
    faces = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    exact, rough = np.array(network(faces)), np.array(other(faces)).astype("float32")
    np.testing.assert_allclose(rough, exact, atol=0.05)
    assert np.any(rough != exact)
