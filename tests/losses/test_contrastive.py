import numpy as np
import pytest

from fer_keras.losses import contrastive_loss


def written_out(first, second, temperature):
    """Equation 1 of Chen et al., one picture after the other."""
    features = np.concatenate([first, second]).astype("float64")
    count, losses = len(first), []
    for i in range(2 * count):
        counterpart = i + count if i < count else i - count
        odds = [
            np.exp(features[i] @ features[j] / temperature)
            for j in range(2 * count)
            if j != i
        ]
        top = np.exp(features[i] @ features[counterpart] / temperature)
        losses.append(-np.log(top / sum(odds)))
    return np.array(losses)


@pytest.mark.parametrize("temperature", [0.1, 0.7])
def test_it_is_equation_1(temperature):
    features = np.random.default_rng(0).normal(size=(2, 5, 8)).astype("float32")
    features /= np.linalg.norm(features, axis=-1, keepdims=True)
    np.testing.assert_allclose(
        contrastive_loss(*features, temperature),
        written_out(*features, temperature),
        rtol=1e-4,
    )


def test_features_that_are_all_alike_cost_the_logarithm_of_the_others():
    same = np.tile([[1.0, 0.0]], (4, 1)).astype("float32")
    np.testing.assert_allclose(contrastive_loss(same, same), np.log(7), rtol=1e-5)


def test_found_counterparts_cost_nothing_and_swapped_ones_much():
    first = np.eye(3, dtype="float32")
    assert contrastive_loss(first, first).numpy().max() < 0.001
    assert contrastive_loss(first, first[[1, 2, 0]]).numpy().min() > 9
