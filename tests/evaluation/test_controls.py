import numpy as np
import pytest
from sklearn.decomposition import PCA

from fer_keras.evaluation.controls import (
    BlendedFace,
    ClassMeanFace,
    PrincipalComponents,
    TrainingFaces,
    UnchangedFace,
    controls_of,
)


@pytest.fixture(scope="module")
def training(splits):
    return TrainingFaces(*splits["train"], 7)


def test_a_blend_mixes_the_face_with_the_targets_mean(training, splits):
    images, labels = splits["test"]
    edited = BlendedFace(training, 0.25).edit(images, labels)
    for target in range(7):
        mean = training.images[training.labels == target].mean(axis=0)
        expected = np.rint(0.25 * images + 0.75 * mean)
        assert np.abs(edited[:, target] - expected).max() <= 1


def test_principal_components_with_another_emotions_mean(training, splits):
    images, labels = splits["test"]
    means = training.class_faces.reshape(7, -1)
    rows = training.images.reshape(140, -1) - means[training.labels]
    fitted = PCA(5, svd_solver="full").fit(rows)
    control = PrincipalComponents(training, fitted, 5)
    codes = (images.reshape(70, -1) - means[labels]) @ fitted.components_.T
    edited = control.edit(images, labels)
    for target in (1, 6):
        expected = (codes @ fitted.components_ + means[target]).clip(0, 255)
        assert np.abs(edited[:, target].reshape(70, -1) - expected).max() <= 0.51


def test_no_more_components_than_there_are_faces(training):
    names = [control.name for control in controls_of(training)]
    assert names[-1] == "PCA, 140 components"
    assert sum(name.startswith("PCA") for name in names) == 1


def test_generated_controls_have_the_labels_asked_for(training, judges):
    labels, random = np.array([3, 0, 6, 6, 2]), np.random.default_rng(0)
    copies = UnchangedFace(training).generate(labels, random)
    known = {face.tobytes() for face in training.images}
    assert all(face.tobytes() in known for face in copies)
    for faces in (copies, ClassMeanFace(training).generate(labels, random)):
        seen = judges.observe(faces).predictions
        np.testing.assert_array_equal(seen, np.stack([labels] * 2, axis=1))


def test_a_class_without_training_faces_is_refused(splits):
    images, labels = splits["train"]
    with pytest.raises(ValueError, match=r"no face of class \[6\]"):
        TrainingFaces(images[labels < 6], labels[labels < 6], 7)
