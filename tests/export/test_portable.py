"""LiteRT and ONNX files, each run by its own runtime."""

import json

import numpy as np
import pytest

from fer_keras.emotions import EMOTIONS
from fer_keras.litert import LiteRTModel, LiteRTTransfer


@pytest.fixture(scope="module")
def litert_file(transfer, tmp_path_factory):
    path = tmp_path_factory.mktemp("portable") / "new" / "model.tflite"
    transfer.export(path, format="litert", metadata={"note": "für Tests"})
    return path


def test_litert_gives_the_same_faces(transfer, litert_file, faces):
    model = LiteRTTransfer(litert_file)
    assert model.emotions == EMOTIONS and model.image_shape == (48, 48, 1)
    for emotion in ("happy", {"happy": 0.3, "sad": 0.7}, [0, 1, 2, 3, 4]):
        given = model.transfer(faces, emotion).astype(int)
        assert np.abs(given - transfer.transfer(faces, emotion)).max() <= 1
        kept = model.transfer(faces, emotion, likeness=0.7).astype(int)
        assert np.abs(kept - transfer.transfer(faces, emotion, likeness=0.7)).max() <= 1
    every = model.transfer_all(faces).astype(int)
    assert np.abs(every - transfer.transfer_all(faces)).max() <= 1


def test_litert_takes_any_number_of_faces(litert_file, faces):
    model = LiteRTTransfer(litert_file)
    many = model.transfer(np.tile(faces, (30, 1, 1, 1)), "fear")
    one = np.concatenate([model.transfer(face, "fear") for face in faces])
    assert np.abs(many[-5:].astype(int) - one).max() <= 1
    assert model.transfer(faces[:0], "fear").shape == (0, 48, 48, 1)


def test_floats_come_back_as_floats(litert_file, faces):
    model = LiteRTTransfer(litert_file)
    given = model.transfer(faces / np.float32(127.5) - 1, "happy")
    expected = model.transfer(faces, "happy") / np.float32(127.5) - 1
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_onnx_gives_the_same_faces(transfer, tmp_path, faces):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    path = tmp_path / "model.onnx"
    transfer.export(path, format="onnx", metadata={"note": "für Tests"})
    session = runtime.InferenceSession(path)
    weights = np.eye(7, dtype="float32")[[0, 1, 2, 3, 6]]
    inputs = {"images": faces, "emotion": weights}
    likeness = np.array(0.5, "float32")
    (given,) = session.run(["faces"], {**inputs, "likeness": likeness})
    expected = transfer.transfer(faces, weights, likeness=0.5)
    assert given.dtype == np.uint8
    assert np.abs(given.astype(int) - expected).max() <= 1
    card = session.get_modelmeta().custom_metadata_map
    assert json.loads(card["emotions"]) == list(EMOTIONS)
    assert json.loads(card["note"]) == "für Tests"


def test_a_generator_alone(gan, tmp_path):
    path = tmp_path / "gan.tflite"
    gan.export(path, format="litert")
    latents = np.random.default_rng(0).uniform(-1, 1, (3, 8)).astype("float32")
    weights = np.eye(7, dtype="float32")[[1, 1, 4]]
    (given,) = LiteRTModel(path)(latents, weights)
    expected = gan.generate(latents, [1, 1, 4])
    assert np.abs(given.astype(int) - expected).max() <= 1


def test_wrong_names_and_formats(transfer, tmp_path):
    with pytest.raises(ValueError, match="ends in .tflite"):
        transfer.export(tmp_path / "model.lite", format="litert")
    with pytest.raises(ValueError, match="ends in .onnx"):
        transfer.export(tmp_path / "model", format="onnx")
    with pytest.raises(ValueError, match="Unknown format 'torch'"):
        transfer.export(tmp_path / "model", format="torch")


@pytest.mark.parametrize("content", [b"", b"TFL3", b"PK\x05\x06" + bytes(18)])
def test_files_that_are_no_model(content, tmp_path):
    path = tmp_path / "model.tflite"
    with pytest.raises(ValueError, match="no such file"):
        LiteRTTransfer(path)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a model of this package"):
        LiteRTTransfer(path)
    with pytest.raises(ValueError, match="not a LiteRT model"):
        LiteRTModel(path)
