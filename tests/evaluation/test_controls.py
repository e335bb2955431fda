import numpy as np
import pytest
from sklearn.decomposition import PCA

from fer_keras.evaluation.blend_search import search_blend
from fer_keras.evaluation.controls import (
    BlendedFace,
    ClassMeanFace,
    LinearFaces,
    RandomLatents,
    UnchangedFace,
)
from fer_keras.evaluation.edits import record_edits
from fer_keras.evaluation.real_faces import RealFaces
from fer_keras.evaluation.training_faces import TrainingFaces
from fer_keras.evaluation.transfer import score_transfer
from fer_keras.metrics import blend_with_mean_face
from tests.evaluation.conftest import striped_faces


@pytest.fixture
def training(splits):
    return TrainingFaces(*splits["train"], 7)


@pytest.fixture
def real(panel, splits):
    return RealFaces.seen_by(panel, *splits["test"])


def _scores(candidate, real, panel):
    record = record_edits(candidate, real, panel)
    scores = score_transfer(record, real.recognised, resamples=5)
    return {name: score.estimate for name, score in scores.items()}


def test_the_unchanged_face_keeps_the_person_and_hits_nothing(training, real, panel):
    scores = _scores(UnchangedFace(training), real, panel)
    assert scores["target_hit"] == scores["headline"] == 0
    assert (
        scores["rank_1"] == scores["source_kept"] == scores["outside_similarity"] == 1
    )


def test_the_class_mean_hits_always_and_keeps_nobody(training, real, panel):
    scores = _scores(ClassMeanFace(training), real, panel)
    assert scores["target_hit"] == 1
    assert scores["relative_hit"] == 1
    # One mean face for all: one of 70 is its nearest.
    assert scores["rank_1"] < 0.05
    assert scores["headline"] < 0.1
    assert scores["source_kept"] == 0


def test_some_blend_beats_both_its_parts(training, real, panel, splits):
    validation = RealFaces.seen_by(panel, *splits["validation"])
    curve = search_blend(training, validation, panel)
    blend = _scores(BlendedFace(training, curve.best_weight), real, panel)
    assert 0 < curve.best_weight < 1
    assert blend["headline"] > 0.9
    parts = UnchangedFace(training), ClassMeanFace(training)
    assert all(
        blend["headline"] > _scores(part, real, panel)["headline"] for part in parts
    )


def test_the_search_goes_on_beside_its_best_weight(training, real, panel):
    curve = search_blend(training, real, panel, faces=21)
    assert len(curve.weights) == 6
    assert (np.diff(curve.weights) > 0).all()
    coarse = np.isin(curve.weights, (0.2, 0.4, 0.6, 0.8))
    best = curve.weights[coarse][curve.headlines[coarse].argmax()]
    np.testing.assert_allclose(
        curve.weights[~coarse], (best - 0.1, best + 0.1), atol=1e-9
    )
    assert curve.best_weight == curve.weights[curve.headlines.argmax()]


def test_a_blend_is_the_metrics_blend(training, splits):
    images, labels = splits["test"]
    edited = BlendedFace(training, 0.3).edit(images, labels)
    for target in (0, 5):
        expected = blend_with_mean_face(
            images, np.full(70, target), training.class_faces, 0.3
        )
        np.testing.assert_array_equal(edited[:, target], expected)


def test_linear_faces_are_scikit_learns_components(training, splits):
    images, labels = splits["test"]
    linear = LinearFaces(training, training.principal_components(5))
    edited = linear.edit(images, labels)
    fitted = PCA(5, svd_solver="full").fit(training.images.reshape(140, -1))
    means = np.stack(
        [training.images[training.labels == e].mean(axis=0).ravel() for e in range(7)]
    )
    rows = images.reshape(70, -1) - means[labels]
    codes = rows @ fitted.components_.T
    for target in (1, 6):
        expected = (codes @ fitted.components_ + means[target]).clip(0, 255)
        found = edited[:, target].reshape(70, -1)
        assert np.abs(found - expected).max() <= 0.5 + 1e-6


def test_linear_faces_generate_what_training_faces_vary_in(training):
    components = training.principal_components(4)
    linear = LinearFaces(training, components)
    labels = np.tile(np.arange(7), 300)
    faces = linear.generate(labels, np.random.default_rng(0)).astype("float64")
    offsets = (faces - training.class_faces[labels]).reshape(len(faces), -1)
    codes = offsets @ components.basis
    np.testing.assert_allclose(codes.std(axis=0), components.deviations, rtol=0.1)


def test_generated_copies_and_blends_have_the_labels_asked_for(training, panel):
    labels = np.array([3, 0, 6, 6, 2])
    random = np.random.default_rng(0)
    copies = UnchangedFace(training).generate(labels, random)
    known = {face.tobytes() for face in training.images}
    assert all(face.tobytes() in known for face in copies)
    for control in (ClassMeanFace(training), BlendedFace(training, 0.2)):
        faces = control.generate(labels, random)
        assert (panel.observe(faces).predictions == labels).all()
    assert (panel.observe(copies).predictions == labels).all()


def test_random_latents_deal_each_source_a_face_of_every_emotion(panel):
    faces, labels = striped_faces(21, seed=9)
    dealt = RandomLatents("model", faces, 7)
    images, own = striped_faces(5, seed=10)
    first, second = dealt.edit(images[:2], own[:2]), dealt.edit(images[2:], own[2:])
    np.testing.assert_array_equal(first.reshape(-1, *faces.shape[1:]), faces[:14])
    np.testing.assert_array_equal(second[0], faces[14:])
    np.testing.assert_array_equal(second[1], faces[:7])
    assert dealt.name == "random z, model"
