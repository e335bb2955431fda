"""The loaded SavedModel gives what the Keras model gives, whatever it is given."""

import numpy as np
import pytest
import tensorflow as tf

from fer_keras.emotions import EMOTIONS
from fer_keras.images import from_uint8


@pytest.fixture(scope="module")
def loaded(transfer_folder):
    return tf.saved_model.load(str(transfer_folder))


def _same_levels(result, expected):
    """Equal, but for a pixel here and there that lies between two grey levels."""
    result, expected = np.asarray(result), np.asarray(expected)
    assert result.dtype == expected.dtype == np.uint8
    assert result.shape == expected.shape
    apart = np.abs(result.astype(int) - expected)
    assert apart.max(initial=0) <= 1
    assert (apart > 0).mean() < 0.001 if apart.size else True


def test_signatures_and_their_names(loaded):
    assert sorted(loaded.signatures) == [
        *("decode", "emotions", "encode", "generate", "reconstruct", "sample"),
        *("serving_default", "transfer", "transfer_all", "transfer_lite"),
        "transfer_pictures",
    ]
    inputs = loaded.signatures["transfer"].structured_input_signature[1]
    assert inputs["images"].dtype == tf.uint8
    assert inputs["images"].shape.as_list() == [None, 48, 48, 1]
    assert inputs["emotion"].dtype == tf.int64
    assert inputs["emotion"].shape.as_list() == [None]
    assert list(loaded.signatures["serving_default"].structured_input_signature[1]) == [
        "images"
    ]


def test_label_names_travel_with_it(loaded, transfer_folder):
    names = [name.encode() for name in EMOTIONS]
    assert loaded.emotions().numpy().tolist() == names
    assert loaded.signatures["emotions"]()["emotions"].numpy().tolist() == names
    lines = (transfer_folder / "assets" / "emotions.txt").read_text().split()
    assert tuple(lines) == EMOTIONS


@pytest.mark.parametrize("count", [0, 1, 5])
def test_signatures_under_any_batch_size(loaded, transfer, faces, count):
    faces = faces[:count]
    emotions = [3, 0, 6, 2, 2][:count]
    call = loaded.signatures
    images = tf.constant(faces)
    ids = tf.constant(emotions, tf.int64)
    _same_levels(
        call["transfer"](images=images, emotion=ids)["images"],
        transfer.transfer(faces, emotions),
    )
    _same_levels(
        call["transfer"](images=images, emotion=tf.constant([4], tf.int64))["images"],
        transfer.transfer(faces, "sad"),
    )
    _same_levels(
        call["reconstruct"](images=images, emotion=ids)["images"],
        transfer.reconstruct(faces, emotions),
    )
    _same_levels(
        call["serving_default"](images=images)["images"], transfer.transfer_all(faces)
    )
    np.testing.assert_allclose(
        call["encode"](images=images)["latents"], transfer.encode(faces), atol=1e-5
    )


def test_more_faces_than_pass_at_a_time(loaded, transfer, faces):
    faces = np.concatenate([faces] * 52)
    assert len(faces) > 256
    _same_levels(loaded.transfer(faces, 1), transfer.transfer(faces, 1))
    _same_levels(loaded.transfer_all(faces[:40]), transfer.transfer_all(faces[:40]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, "happy"),
        (np.int32(3), "happy"),
        (np.array([5]), "surprise"),
        (np.array([0, 1, 2, 3, 4], "int32"), [0, 1, 2, 3, 4]),
        (np.array([6, 5, 4, 3, 2], "int64"), [6, 5, 4, 3, 2]),
        (np.full((5, 7), 0.2, "float32"), np.full((5, 7), 0.2)),
        (np.eye(7, dtype="float32")[:1], "angry"),
    ],
)
def test_emotions_of_every_form(loaded, transfer, faces, given, expected):
    _same_levels(loaded.transfer(faces, given), transfer.transfer(faces, expected))
    _same_levels(
        loaded.reconstruct(images=faces, emotion=given),
        transfer.transfer(faces, expected),
    )
    floats = loaded.transfer(from_uint8(faces), given)
    assert floats.dtype == tf.float32
    np.testing.assert_allclose(
        floats, transfer.transfer(from_uint8(faces), expected), atol=1e-5
    )


def test_float_images_of_every_endpoint(loaded, transfer, faces):
    floats = from_uint8(faces)
    np.testing.assert_allclose(
        loaded.transfer_all(floats), transfer.transfer_all(floats), atol=1e-5
    )
    np.testing.assert_allclose(
        loaded.encode(floats), transfer.encode(floats), atol=1e-5
    )


def test_a_face_does_not_depend_on_the_others(loaded, faces):
    together = loaded.transfer_all(from_uint8(faces)).numpy()
    among_others = from_uint8(faces.copy())
    among_others[1:] = -among_others[1:]
    assert (loaded.transfer_all(among_others).numpy()[0] == together[0]).all()
    alone = loaded.transfer_all(from_uint8(faces[:1])).numpy()
    np.testing.assert_allclose(alone[0], together[0], atol=1e-5)


def test_generate_decode_and_sample(loaded, gan, gan_folder):
    latents = np.random.default_rng(1).uniform(-1, 1, (3, 8)).astype("float32")
    for model in (loaded, tf.saved_model.load(str(gan_folder))):
        _same_levels(model.generate(latents, 3), gan.generate(latents, 3))
        weights = np.array([[0, 0, 0, 0.5, 0, 0.5, 0]], "float32")
        np.testing.assert_allclose(
            model.decode(latents, weights),
            gan.predict((latents, np.repeat(weights, 3, 0)), verbose=0),
            atol=1e-5,
        )
        sampled = model.sample(np.array([3, 3, 4]), 9)
        assert sampled.dtype == tf.uint8
        assert sampled.shape == (3, 48, 48, 1)
        assert (sampled.numpy() == model.sample(np.array([3, 3, 4]), 9).numpy()).all()
        assert (sampled.numpy() != model.sample(np.array([3, 3, 4]), 8).numpy()).any()
        assert (sampled[0].numpy() != sampled[1].numpy()).any()
        assert model.sample(2, 0).shape == (1, 48, 48, 1)


def test_a_gan_has_no_endpoints_that_need_an_encoder(gan_folder):
    loaded = tf.saved_model.load(str(gan_folder))
    assert sorted(loaded.signatures) == [
        *("decode", "emotions", "generate", "sample", "serving_default")
    ]
    assert not hasattr(loaded, "transfer")


def test_pictures_go_in_and_out_as_files(loaded, transfer, faces):
    pictures = [tf.io.encode_png(face) for face in faces[:2]]
    # Colour, and not square: its grey middle is taken.
    wide = np.pad(faces[2], [(0, 0), (10, 20), (0, 0)], mode="edge")[:, 5:-5]
    pictures.append(tf.io.encode_png(np.repeat(wide, 3, axis=2)))
    made = loaded.transfer_pictures(tf.stack(pictures), np.array([3, 0, 4]))
    decoded = np.stack([tf.io.decode_png(picture) for picture in made])
    _same_levels(decoded[:2], transfer.transfer(faces[:2], [3, 0]))
    assert decoded.shape == (3, 48, 48, 1)


def test_the_signature_for_litert_converts_with_built_in_operations(
    transfer_folder, transfer, faces
):
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(transfer_folder), signature_keys=["transfer_lite"]
    )
    interpreter = tf.lite.Interpreter(model_content=converter.convert())
    run = interpreter.get_signature_runner("transfer_lite")
    weights = np.eye(7, dtype="float32")[3:4]
    made = run(float_images=from_uint8(faces[:1]), weights=weights)["images"]
    np.testing.assert_allclose(
        made, transfer.transfer(from_uint8(faces[:1]), "happy"), atol=1e-4
    )


@pytest.mark.parametrize(
    ("emotion", "message"),
    [
        (7, r"ids must be 0 to 6 \(angry, .*neutral\), got \[7\]"),
        (-1, r"got \[-1\]"),
        (np.array([0, 1, 2, 9, 1]), "ids must be 0 to 6"),
        (np.array([0, 1]), "one for each of 5 faces, got 2"),
        (np.full((2, 7), 0.5, "float32"), "one for each of 5 faces, got 2"),
        (np.full((5, 7), np.nan, "float32"), "weights hold NaN"),
    ],
)
def test_bad_emotions_are_errors(loaded, faces, emotion, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        loaded.transfer(faces, emotion)


def test_bad_images_are_errors(loaded, faces):
    with pytest.raises(tf.errors.InvalidArgumentError, match="For 0..255 pass uint8"):
        loaded.transfer(faces.astype("float32"), 3)
    broken = from_uint8(faces)
    broken[2, 5, 5] = np.nan
    with pytest.raises(tf.errors.InvalidArgumentError, match="without NaN"):
        loaded.encode(broken)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Latents hold NaN"):
        loaded.generate(np.full((1, 8), np.inf, "float32"), 3)
