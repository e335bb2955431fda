import numpy as np
import pytest

from fer_keras.metrics import (
    ClassMeanFaces,
    best_blend_weight,
    blend_with_mean_face,
    harmonic_mean,
    judged_as,
    mean_face_of_target,
    random_latent_faces,
    rank_k,
    source_kept,
    transfer_pairs,
    unchanged_face,
)


def _drawn_faces(count=140, seed=0):
    """Faces whose upper half is the person and whose lower half the emotion."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 7
    faces = np.empty((count, 16, 14, 1))
    faces[:, :8] = random.uniform(20, 235, (count, 8, 14, 1))
    stripes = np.where(np.arange(14) // 2 == labels[:, None], 220, 60)
    faces[:, 8:] = stripes[:, None, :, None]
    return np.rint(faces).astype("uint8"), labels


def _judge(faces):
    return faces[:, 8:].mean(axis=(1, 3)).reshape(len(faces), 7, 2).sum(-1).argmax(-1)


def _person(faces):
    return faces[:, :8].reshape(len(faces), -1) - 127.5


def _scores(faces, targets, sources, rows, originals):
    return (
        judged_as(targets, _judge(faces)).mean(),
        source_kept(sources, _judge(faces)),
        rank_k(_person(faces), _person(originals), rows),
    )


@pytest.fixture
def edits():
    images, labels = _drawn_faces()
    rows, targets = transfer_pairs(labels)
    class_faces = ClassMeanFaces().update(images, labels).faces
    return images, labels, rows, targets, class_faces


def test_class_means_by_hand_and_in_batches():
    images = np.array([10, 20, 40, 255], "uint8").reshape(4, 1, 1, 1)
    streamed = ClassMeanFaces(2).update(images[:1], [0]).update(images[1:], [0, 1, 1])
    assert streamed.faces.ravel() == pytest.approx([15.0, 147.5])
    assert streamed.counts.tolist() == [2, 2]


def test_class_means_equal_numpys():
    images, labels = _drawn_faces()
    means = ClassMeanFaces()
    for start in range(0, len(images), 33):
        means.update(images[start : start + 33], labels[start : start + 33])
    for label in range(7):
        np.testing.assert_allclose(
            means.faces[label], images[labels == label].mean(axis=0)
        )


def test_the_unchanged_face_keeps_the_person_and_never_hits(edits):
    images, labels, rows, targets, _ = edits
    faces = unchanged_face(images[rows], targets)
    assert _scores(faces, targets, labels[rows], rows, images) == (0.0, 1.0, 1.0)


def test_the_class_mean_hits_and_loses_the_person(edits):
    images, labels, rows, targets, class_faces = edits
    faces = mean_face_of_target(targets, class_faces)
    hit, kept, rank_1 = _scores(faces, targets, labels[rows], rows, images)
    assert (hit, kept) == (1.0, 0.0)
    assert rank_1 < 0.05


def test_the_best_blend_beats_both_ends(edits):
    images, labels, rows, targets, class_faces = edits

    def headline(weight):
        faces = blend_with_mean_face(images[rows], targets, class_faces, weight)
        hit, _, rank_1 = _scores(faces, targets, labels[rows], rows, images)
        return harmonic_mean(hit, rank_1)

    weight, score = best_blend_weight(headline)
    assert 0 < weight < 1
    assert score == headline(weight) > max(headline(0.0), headline(1.0))


def test_blend_by_hand_and_at_both_ends(edits):
    source = np.full((1, 1, 1, 1), 100, "uint8")
    class_faces = np.array([10.0, 201.0]).reshape(2, 1, 1, 1)
    assert blend_with_mean_face(source, [1], class_faces, 0.25).item() == 176
    images, _, rows, targets, class_faces = edits
    np.testing.assert_array_equal(
        blend_with_mean_face(images[rows], targets, class_faces, 1.0), images[rows]
    )
    np.testing.assert_array_equal(
        blend_with_mean_face(images[rows], targets, class_faces, 0.0),
        mean_face_of_target(targets, class_faces),
    )


def test_the_first_of_equal_weights_wins():
    assert best_blend_weight(lambda weight: 1.0, [0.3, 0.6]) == (0.3, 1.0)
    with pytest.raises(ValueError, match="one or more weights"):
        best_blend_weight(lambda weight: weight, [])


def test_random_latents_are_uniform_seeded_and_meet_their_targets():
    seen = []

    def generate(latents, targets):
        seen.append((latents, targets))
        levels = 127.5 * (1 + latents[:, :1])
        return np.rint(levels).astype("uint8").reshape(-1, 1, 1, 1)

    targets = np.arange(1000) % 7
    faces = random_latent_faces(generate, targets, latent_dim=5, batch_size=300)
    latents = np.concatenate([latents for latents, _ in seen])
    assert [len(batch) for batch, _ in seen] == [300, 300, 300, 100]
    np.testing.assert_array_equal(np.concatenate([batch for _, batch in seen]), targets)
    assert latents.dtype == np.float32 and latents.shape == (1000, 5)
    assert -1 <= latents.min() < -0.99 and 0.99 < latents.max() < 1
    assert latents.var() == pytest.approx(1 / 3, abs=0.02)
    again = random_latent_faces(generate, targets, latent_dim=5, batch_size=77)
    np.testing.assert_array_equal(again, faces)
    other = random_latent_faces(generate, targets, latent_dim=5, seed=1)
    assert (other != faces).any()


def test_errors(edits):
    images, labels, _, _, class_faces = edits
    with pytest.raises(ValueError, match="No image of class 1, 2"):
        _ = ClassMeanFaces(3).update(images[:1], [0]).faces
    with pytest.raises(ValueError, match="as before"):
        ClassMeanFaces().update(images, labels).update(images[:, :5], labels)
    with pytest.raises(ValueError, match="weight must be from 0 to 1"):
        blend_with_mean_face(images, labels, class_faces, 1.2)
    with pytest.raises(ValueError, match="mean faces have shape"):
        blend_with_mean_face(images[:, :5], labels, class_faces, 0.5)
    with pytest.raises(ValueError, match="images: 140, targets: 1"):
        unchanged_face(images, [0])
    with pytest.raises(ValueError, match="Generated faces must be uint8"):
        random_latent_faces(lambda latents, targets: latents, [0, 1], 4)
    with pytest.raises(ValueError, match="targets: 2, generated: 1"):
        random_latent_faces(
            lambda latents, targets: np.zeros((1, 4, 4, 1), "uint8"), [0, 1], 4
        )
