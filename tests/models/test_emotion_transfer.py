"""Any face, any emotion: every form in and out, against E and G by themselves."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer_keras import EmotionTransfer, Encoder, Generator

SIZES = {"image_shape": (12, 10, 1), "width": 4, "depth": 2, "latent_dim": 4}


def make(**sizes):
    """E and G with weights large enough that faces and emotions differ."""
    sizes = {**SIZES, **sizes}
    generator = Generator(**sizes, seed=1)
    sizes.pop("num_classes", None)
    encoder = Encoder(**sizes, seed=2)
    for weight in (*generator.trainable_weights, *encoder.trainable_weights):
        if "kernel" in weight.name:
            weight.assign(weight * 15)
    return EmotionTransfer(encoder, generator)


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (5, 12, 10, 1), dtype="uint8")


def floats(faces):
    return faces.astype("float32") / 127.5 - 1


def by_hand(transfer, faces, weights):
    """G(E(x)|y) of one face after the other, float32."""
    results = []
    for face, row in zip(floats(faces), weights, strict=True):
        latents = transfer.encoder(face[None])
        row = np.asarray(row, "float32")[None]
        results.append(transfer.generator((latents, row))[0])
    return np.stack(results)


def assert_same_greys(faces, expected):
    """Equal up to one grey level where rounding decides."""
    assert faces.dtype == np.uint8
    assert np.abs((np.asarray(expected) + 1) * 127.5 - faces).max() < 0.51


HAPPY, SAD = np.eye(7)[3], np.eye(7)[4]


@pytest.mark.parametrize(
    ("emotion", "weights"),
    [
        ("happy", [HAPPY] * 5),
        (3, [HAPPY] * 5),
        (np.int64(3), [HAPPY] * 5),
        ({"happy": 3, "sad": 1}, [0.75 * HAPPY + 0.25 * SAD] * 5),
        (
            ["happy", 4, {"happy": 1}, "SADNESS", np.int32(3)],
            [HAPPY, SAD] * 2 + [HAPPY],
        ),
        (np.array([3, 4, 3, 4, 3]), [HAPPY, SAD] * 2 + [HAPPY]),
        (tf.constant([3, 4, 3, 4, 3]), [HAPPY, SAD] * 2 + [HAPPY]),
        (np.array([1.5 * HAPPY - 0.5 * SAD] * 5), [1.5 * HAPPY - 0.5 * SAD] * 5),
    ],
)
def test_every_form_of_emotion(faces, emotion, weights):
    transfer = make()
    expected = by_hand(transfer, faces, weights)
    assert_same_greys(transfer.transfer(faces, emotion), expected)
    result = transfer.transfer(floats(faces), emotion)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_one_face_with_and_without_its_axes(faces):
    transfer = make()
    expected = transfer.transfer(faces[:1], "happy")
    for face in (faces[0], faces[0, ..., 0], faces[:1, ..., 0]):
        np.testing.assert_array_equal(transfer.transfer(face, "happy"), expected)


def test_all_emotions_are_those_one_by_one(faces):
    transfer = make()
    for given in (faces, floats(faces)):
        everything = transfer.transfer_all(given)
        assert everything.shape == (5, 7, 12, 10, 1)
        assert everything.dtype == given.dtype
        for emotion in range(7):
            np.testing.assert_array_equal(
                everything[:, emotion], transfer.transfer(given, emotion)
            )
    # They are not all the same either.
    assert np.abs(everything[:, 0] - everything[:, 3]).max() > 0.1


def test_a_face_does_not_depend_on_the_others_in_its_batch(faces):
    transfer = make()
    together = transfer.transfer(floats(faces), "happy")
    for index in range(5):
        alone = transfer.transfer(floats(faces)[index], "happy")
        # The same sums, though TensorFlow may order them by the batch's size.
        np.testing.assert_allclose(alone[0], together[index], atol=1e-5)
    others = floats(faces)[::-1].copy()
    others[4] = floats(faces)[0]
    beside_others = transfer.transfer(others, "happy")
    np.testing.assert_allclose(beside_others[4], together[0], atol=1e-5)


def test_batch_size_changes_nothing(faces):
    transfer = make()
    whole = transfer.transfer(floats(faces), "happy")
    parts = transfer.transfer(floats(faces), "happy", batch_size=2)
    np.testing.assert_allclose(parts, whole, atol=1e-5)


def test_encode_and_reconstruct(faces):
    transfer = make()
    latents = transfer.encode(faces)
    assert latents.shape == (5, 4) and latents.dtype == np.float32
    np.testing.assert_allclose(latents, transfer.encoder(floats(faces)), atol=1e-6)
    np.testing.assert_array_equal(
        transfer.reconstruct(faces, [0, 1, 2, 3, 4]),
        transfer.transfer(faces, [0, 1, 2, 3, 4]),
    )


def test_no_faces_at_all():
    transfer, nothing = make(), np.zeros((0, 12, 10, 1), "uint8")
    assert transfer.transfer(nothing, "happy").shape == (0, 12, 10, 1)
    assert transfer.transfer_all(nothing).shape == (0, 7, 12, 10, 1)
    assert transfer.encode(nothing).shape == (0, 4)


def test_interpolation_ends_at_both_faces_and_is_straight_in_latent_space(faces):
    transfer = make()
    walk = transfer.interpolate(faces[0], faces[1], 5, "happy")
    ends = transfer.transfer(faces[:2], "happy")
    assert walk.shape == (5, 12, 10, 1)
    assert np.abs(walk[[0, -1]].astype(int) - ends).max() <= 1
    start, end = transfer.encode(faces[:2])
    middle = transfer.generator(((start + end)[None] / 2, np.array([3])))
    assert_same_greys(walk[2:3], middle)


def test_interpolation_mixes_the_second_emotion_in(faces):
    transfer = make()
    walk = transfer.interpolate(
        floats(faces)[0], floats(faces)[0], 3, "happy", emotion_b={"sad": 1}
    )
    assert walk.dtype == np.float32
    emotions = ["happy", {"happy": 1, "sad": 1}, "sad"]
    expected = transfer.transfer(floats(faces)[[0, 0, 0]], emotions)
    np.testing.assert_allclose(walk, expected, atol=1e-5)
    default = transfer.interpolate(faces[0], faces[1], 2)
    neutral = transfer.transfer(faces[:2], "neutral")
    assert np.abs(default.astype(int) - neutral).max() <= 1


def test_swapped_emotions(faces):
    transfer = make()
    swapped = transfer.swap_emotions(faces[0], faces[1], "happy", {"sad": 2})
    np.testing.assert_array_equal(
        swapped, transfer.transfer(faces[:2], ["sad", "happy"])
    )


def test_a_pair_of_different_types_is_float(faces):
    transfer = make()
    mixed = transfer.swap_emotions(faces[0], floats(faces)[1], "happy", "sad")
    expected = transfer.swap_emotions(*floats(faces)[:2], "happy", "sad")
    assert mixed.dtype == np.float32
    np.testing.assert_array_equal(mixed, expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((2, 10, 12, 1), "uint8"), "happy"), r"got \(2, 10, 12, 1\)"),
        ((np.full((2, 12, 10, 1), np.nan), "happy"), "NaN"),
        ((np.full((2, 12, 10, 1), 200.0), "happy"), "must lie in"),
        ((np.zeros((2, 12, 10, 1), "int32"), "happy"), "got int32"),
        ((None, "happy"), "Expected images"),
        ((np.zeros((2, 12, 10, 1), "uint8"), "glad"), "Unknown emotion 'glad'"),
        ((np.zeros((2, 12, 10, 1), "uint8"), ["happy"]), r"per image \(2\), got 1"),
        ((np.zeros((2, 12, 10, 1), "uint8"), None), "got None"),
    ],
)
def test_refused_faces_and_emotions(arguments, message):
    with pytest.raises(ValueError, match=message):
        make().transfer(*arguments)


def test_refused_walks(faces):
    transfer = make()
    for steps in (1, 0, 2.5):
        with pytest.raises(ValueError, match=f"steps must be .* got {steps}"):
            transfer.interpolate(faces[0], faces[1], steps)
    with pytest.raises(ValueError, match="one face, got a batch of 2"):
        transfer.swap_emotions(faces[:2], faces[0], 0, 1)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"latent_dim": 5}, "latent_dim 5, the generator 4"),
        ({"image_shape": (12, 12, 1)}, r"image_shape \(12, 12, 1\), the generator"),
    ],
)
def test_networks_that_do_not_belong_together(sizes, message):
    with pytest.raises(ValueError, match=message):
        EmotionTransfer(Encoder(**{**SIZES, **sizes}), Generator(**SIZES))


def test_other_numbers_of_classes_and_channels():
    transfer = make(image_shape=(9, 7, 3), num_classes=3)
    faces = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 3), dtype="uint8")
    assert transfer.emotions == ("0", "1", "2")
    everything = transfer.transfer_all(faces)
    assert everything.shape == (2, 3, 9, 7, 3)
    np.testing.assert_array_equal(everything[:, 2], transfer.transfer(faces, "2"))
    with pytest.raises(ValueError, match="Unknown emotion 'happy': expected one of 0"):
        transfer.transfer(faces, "happy")


def test_call_and_predict_take_tensors(faces):
    transfer = make()
    expected = transfer.transfer(floats(faces), [0, 1, 2, 3, 4])
    for images in (faces, floats(faces)):
        result = transfer((images, np.arange(5)))
        np.testing.assert_allclose(result, expected, atol=1e-5)
        result = transfer.predict((images, np.arange(5)), verbose=0)
        np.testing.assert_allclose(result, expected, atol=1e-5)


def test_saved_and_loaded(tmp_path, faces):
    transfer = make()
    transfer.save(tmp_path / "transfer.keras")
    loaded = keras.saving.load_model(tmp_path / "transfer.keras")
    assert isinstance(loaded, EmotionTransfer)
    assert len(loaded.weights) == len(transfer.weights)
    for ours, theirs in zip(transfer.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(
        loaded.reconstruct(faces, np.arange(5)),
        transfer.reconstruct(faces, np.arange(5)),
    )


def test_configuration_round_trip():
    transfer = make()
    config = transfer.get_config()
    for _ in range(2):
        again = EmotionTransfer.from_config(config)
        assert again.get_config() == transfer.get_config()
    clone = keras.models.clone_model(transfer)
    assert clone.get_config() == transfer.get_config()
