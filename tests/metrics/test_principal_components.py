import numpy as np
import pytest
from sklearn.decomposition import PCA

from fer_keras.metrics import PrincipalComponents, mean_squared_error


def _faces(count=60, seed=0):
    random = np.random.default_rng(seed)
    patterns = random.normal(size=(5, 30)) * np.array([40, 30, 20, 10, 5])[:, None]
    rows = 128 + random.normal(size=(count, 5)) @ patterns
    return np.clip(rows, 0, 255).astype("uint8").reshape(count, 6, 5, 1)


def _fitted(components, faces, batch=17):
    model = PrincipalComponents(components)
    for start in range(0, len(faces), batch):
        model.update(faces[start : start + batch])
    return model


def test_by_hand_two_pixels_that_move_together():
    # The faces lie on the line (1, 1) about (100, 100): (110, 90) falls on its foot.
    train = np.array([[80, 80], [100, 100], [120, 120]], "uint8").reshape(3, 1, 2, 1)
    model = _fitted(1, train)
    face = np.array([[130, 90]], "uint8").reshape(1, 1, 2, 1)
    assert model.reconstruct(face).ravel().tolist() == [110, 110]
    np.testing.assert_array_equal(model.reconstruct(train), train)
    np.testing.assert_allclose(np.abs(model.basis.ravel()), np.sqrt([0.5, 0.5]))


@pytest.mark.parametrize("components", [1, 3, 30])
def test_equals_scikit_learn(components):
    train, test = _faces(), _faces(9, seed=1)
    theirs = PCA(components).fit(train.reshape(60, 30))
    rows = theirs.inverse_transform(theirs.transform(test.reshape(9, 30)))
    expected = np.rint(rows).clip(0, 255).astype("uint8").reshape(test.shape)
    np.testing.assert_array_equal(
        _fitted(components, train).reconstruct(test), expected
    )


def test_every_component_gives_the_face_back_and_fewer_lose_more():
    faces = _faces()
    np.testing.assert_array_equal(_fitted(30, faces).reconstruct(faces), faces)
    errors = [
        mean_squared_error(faces, _fitted(number, faces).reconstruct(faces)).mean()
        for number in (1, 2, 3, 5)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 10 * errors[-1]


def test_more_faces_change_the_components():
    model = _fitted(1, _faces())
    before = model.basis
    model.update(255 - _faces(40, seed=3))
    assert not np.allclose(before, model.basis)


def test_errors():
    with pytest.raises(ValueError, match="components must be 1 or more"):
        PrincipalComponents(0)
    with pytest.raises(ValueError, match="31 components of images with 30 pixels"):
        PrincipalComponents(31).update(_faces())
    with pytest.raises(ValueError, match="rows before this is asked, saw 0"):
        PrincipalComponents(2).reconstruct(_faces())
    with pytest.raises(ValueError, match="Fitted on images of 30 pixels, got 20"):
        _fitted(2, _faces()).reconstruct(_faces()[:, :4])
