import numpy as np
import pytest

from fer_keras.evaluation.scores import Bootstrap, Score, combined
from fer_keras.metrics import frechet_distance, kernel_distance
from fer_keras.metrics.distribution_distances import frechet_influence, kernel_influence


def test_the_interval_of_a_mean_is_that_of_the_bootstrap():
    values = np.random.default_rng(0).normal(size=400)
    score = Bootstrap(400, 4000).mean(values)
    assert score.estimate == pytest.approx(values.mean())
    _, low, high = score.interval
    error = values.std() / 20
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.05)


def test_edits_of_a_face_are_drawn_together():
    faces = np.random.default_rng(0).normal(size=50)
    edits = np.repeat(faces[:, None], 6, axis=1)
    bootstrap = Bootstrap(50, 200)
    np.testing.assert_allclose(
        bootstrap.mean(edits).draws, bootstrap.mean(faces).draws, atol=1e-6
    )


def test_values_that_a_face_does_not_have_are_left_out():
    score = Bootstrap(3, 100).mean([[1.0, np.nan], [3.0, 5.0], [np.nan, np.nan]])
    assert score.estimate == 3


def test_scores_are_paired_draw_by_draw():
    values = np.random.default_rng(0).normal(size=100)
    bootstrap = Bootstrap(100, 100)
    difference = bootstrap.mean(values + 1).minus(bootstrap.mean(values))
    low, high = difference.interval[1:]
    assert low == pytest.approx(1, abs=1e-5) and high == pytest.approx(1, abs=1e-5)
    doubled = combined(lambda a, b: a + b, bootstrap.mean(values), Score(1.0, 1.0))
    assert doubled.estimate == pytest.approx(values.mean() + 1)


@pytest.mark.parametrize(
    ("distance", "influence"),
    [(kernel_distance, kernel_influence), (frechet_distance, frechet_influence)],
)
def test_influences_are_what_dropping_a_row_does(distance, influence):
    random = np.random.default_rng(0)
    real, made = random.normal(size=(300, 3)), random.normal(0.5, 1.2, (300, 3))
    of_real, of_made = influence(real, made)
    assert of_real.mean() == pytest.approx(0, abs=1e-9)
    whole = distance(real, made)
    for row in (0, 17):
        without_real = distance(np.delete(real, row, 0), made)
        without_made = distance(real, np.delete(made, row, 0))
        scale = np.abs(of_real).max() / 300
        assert whole - without_real == pytest.approx(of_real[row] / 300, abs=scale / 10)
        assert whole - without_made == pytest.approx(of_made[row] / 300, abs=scale / 10)
