"""Drawn faces: the same from the same seed, and different where they should be."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from fer_keras.emotions import EMOTIONS
from fer_keras.synthetic_faces import (
    dataset_arrays,
    render,
    render_all,
    sample_identity,
    truth_arrays,
)
from fer_keras.synthetic_faces.identity import BEARDS, GLASSES, HAIR_STYLES


@pytest.fixture
def plain():
    """A frontal, evenly lit, clean-shaven person in front of a noiseless camera."""
    return replace(
        sample_identity(0, 1),
        hair_style="short",
        beard="none",
        glasses="none",
        skin_tone=160.0,
        hair_tone=40.0,
        light_strength=0.0,
        noise=0.0,
        turn=0.0,
        shift_x=0.0,
        shift_y=0.0,
        rotation=0.0,
        scale=1.0,
        expressiveness=1.0,
    )


def region(image, left, top, right, bottom):
    """Cuts a part given in halves of the picture out of a 48x48 face."""
    columns = [round((x + 1) * 24) for x in (left, right)]
    rows = [round((y + 1) * 24) for y in (top, bottom)]
    return image[slice(*rows), slice(*columns), 0].astype(float)


def mouth(image, identity):
    level = identity.mouth_level
    return region(image, -0.12, level - 0.12, 0.12, level + 0.25)


def test_same_seed_and_index_is_the_same_person():
    assert sample_identity(5, 17) == sample_identity(5, 17)
    first, again = (render_all(sample_identity(5, 17)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_seed_and_index_are_not_interchangeable_or_added():
    people = [sample_identity(s, i) for s, i in [(0, 1), (1, 0), (0, 2), (2, 0)]]
    assert len({person.skin_tone for person in people}) == 4


def test_identity_cannot_be_changed_and_can_be_a_key():
    identity = sample_identity(0, 0)
    with pytest.raises(FrozenInstanceError):
        identity.skin_tone = 0.0
    assert {identity: "someone"}[sample_identity(0, 0)] == "someone"


def test_population_holds_every_kind_of_hair_beard_and_glasses():
    people = [sample_identity(0, index) for index in range(400)]
    assert {person.hair_style for person in people} == set(HAIR_STYLES)
    assert {person.beard for person in people} == set(BEARDS)
    assert {person.glasses for person in people} == set(GLASSES)
    strengths = [person.expressiveness for person in people]
    assert 0.75 <= min(strengths) < 0.8 and 1.1 < max(strengths) <= 1.15


@pytest.mark.parametrize("size", [16, 48, 65])
def test_shapes_and_types(size):
    identity = sample_identity(0, 3)
    face, faces = render(identity, "sad", size=size), render_all(identity, size)
    assert face.shape == (size, size, 1) and face.dtype == np.uint8
    assert faces.shape == (7, size, size, 1) and faces.dtype == np.uint8
    np.testing.assert_array_equal(face, faces[4])


def test_emotion_by_name_and_by_id():
    identity = sample_identity(0, 3)
    expected = render(identity, 5)
    np.testing.assert_array_equal(render(identity, "surprise"), expected)
    np.testing.assert_array_equal(render(identity, "Surprised"), expected)


def test_all_seven_differ_for_everyone():
    truth = truth_arrays(30, seed=2).astype(int)
    for first in range(7):
        for second in range(first):
            changed = np.abs(truth[:, first] - truth[:, second]) > 20
            assert (changed.sum(axis=(1, 2, 3)) >= 15).all(), (first, second)


def test_nothing_changes_outside_the_head():
    places = (np.arange(48) + 0.5) / 24 - 1
    x, y = np.meshgrid(places, places)
    for index in range(60):
        identity = sample_identity(3, index)
        # The pose undone: shift, then scale and rotation.
        plane = (x - identity.shift_x + 1j * (y - identity.shift_y)) / identity.scale
        plane = plane * np.exp(-1j * identity.rotation)
        across = plane.real / identity.head_width
        along = (plane.imag - 0.08) / identity.head_height
        outside = across**2 + along**2 > 1.15
        crown = plane.imag < identity.hairline - 0.06
        faces = render_all(identity)[..., 0]
        changed = (faces != faces[6]).any(axis=0)
        assert outside.sum() > 300
        assert not changed[outside].any()
        assert not changed[crown].any()


def test_noise_belongs_to_the_identity(plain):
    noisy = replace(plain, noise=4.0)
    noise = render_all(noisy).astype(int) - render_all(plain)
    assert 3.7 < noise[6].std() < 4.3
    # Noise is added to what is drawn, so rounding is all that can differ.
    assert np.abs(noise - noise[6]).max() <= 1


def test_strength_leads_from_neutral_to_the_full_emotion():
    identity = sample_identity(0, 6)
    neutral = render(identity, "neutral").astype(int)
    for emotion in range(6):
        faces = [render(identity, emotion, s) for s in (0.0, 0.5, 1.0, 1.5)]
        np.testing.assert_array_equal(faces[0], neutral)
        np.testing.assert_array_equal(faces[2], render_all(identity)[emotion])
        distances = [np.abs(face - neutral).sum() for face in faces]
        assert distances == sorted(set(distances))


def test_expressiveness_and_strength_multiply(plain):
    np.testing.assert_array_equal(
        render(replace(plain, expressiveness=0.8), "fear"), render(plain, "fear", 0.8)
    )


def test_mouth_opens_in_surprise_and_shows_teeth_in_a_smile(plain):
    faces = dict(zip(EMOTIONS, render_all(plain), strict=True))
    mouths = {name: mouth(face, plain) for name, face in faces.items()}
    dark = {name: (values < 40).sum() for name, values in mouths.items()}
    bright = {name: (values > 200).sum() for name, values in mouths.items()}
    assert dark["surprise"] >= 15 > 2 * dark["neutral"]
    assert bright["happy"] >= 6
    assert bright["neutral"] == bright["surprise"] == bright["angry"] == 0


def test_eyes_widen_in_fear_and_narrow_in_disgust(plain):
    def white(name):
        x, y = plain.eye_spacing, plain.eye_level
        eye = region(render(plain, name), x - 0.2, y - 0.18, x + 0.2, y + 0.12)
        return (eye > 185).sum()

    assert white("fear") > 1.5 * white("neutral") > 1.5 * white("disgust")


def test_inner_brows_drop_in_anger_and_rise_in_sadness(plain):
    def height(name):
        # The strip just inside the eye's corner holds the brow and no lashes.
        corner = plain.eye_spacing - plain.eye_width
        top, bottom = plain.eye_level - 0.45, plain.eye_level + 0.05
        brow = region(render(plain, name), corner - 0.04, top, corner + 0.01, bottom)
        return -np.argmin(brow.sum(axis=1))

    assert height("angry") <= height("neutral") - 2
    assert height("sad") >= height("neutral") + 2


def test_a_linear_classifier_reads_the_emotions_of_strangers():
    images, labels = dataset_arrays(700, seed=1)
    strangers, theirs = dataset_arrays(140, seed=2)
    classifier = RidgeClassifier(alpha=100.0)
    classifier.fit(images.reshape(700, -1) / 255.0, labels)
    assert classifier.score(strangers.reshape(140, -1) / 255.0, theirs) > 0.6


def test_a_person_is_nearest_to_themselves_in_another_emotion():
    truth = truth_arrays(40, seed=4).reshape(40, 7, -1).astype(float)
    for emotion in range(6):
        errors = ((truth[:, emotion, None] - truth[None, :, 6]) ** 2).mean(axis=-1)
        np.testing.assert_array_equal(errors.argmin(axis=1), np.arange(40))


def test_a_longer_data_set_starts_with_the_shorter():
    images, labels = dataset_arrays(20, seed=9)
    fewer, their_labels = dataset_arrays(10, seed=9)
    np.testing.assert_array_equal(images[:10], fewer)
    np.testing.assert_array_equal(labels[:10], their_labels)


def test_data_set_form_and_balance():
    images, labels = dataset_arrays(73, seed=0)
    assert images.shape == (73, 48, 48, 1) and images.dtype == np.uint8
    assert labels.shape == (73,) and labels.dtype == np.int64
    counts = np.bincount(labels, minlength=7)
    assert counts.min() >= 10 and counts.max() <= 11
    assert labels[:7].tolist() != labels[7:14].tolist()
    assert len({image.tobytes() for image in images}) == 73


def test_truth_holds_the_data_set_value_for_value():
    images, labels = dataset_arrays(25, seed=6, size=32)
    truth = truth_arrays(25, seed=6, size=32)
    assert truth.shape == (25, 7, 32, 32, 1) and truth.dtype == np.uint8
    np.testing.assert_array_equal(truth[np.arange(25), labels], images)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample_identity(-1, 0), "seed to be 0 or more, got -1"),
        (lambda: sample_identity(0, 1.5), "index to be an integer, got 1.5"),
        (lambda: sample_identity(True, 0), "seed to be an integer, got True"),
        (lambda: dataset_arrays(0), "count to be 1 or more, got 0"),
        (lambda: dataset_arrays(3, size=8), "size to be 16 or more, got 8"),
        (lambda: truth_arrays("many"), "count to be an integer, got 'many'"),
        (lambda: render(sample_identity(0, 0), "bored"), "Unknown emotion 'bored'"),
        (lambda: render(sample_identity(0, 0), 7), "out of range"),
        (lambda: render(sample_identity(0, 0), 3, -0.1), "strength from 0 .* -0.1"),
        (lambda: render(sample_identity(0, 0), 3, 1.6), "strength from 0 .* 1.6"),
        (lambda: render(sample_identity(0, 0), 3, float("nan")), "got nan"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
