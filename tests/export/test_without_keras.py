"""The SavedModel in processes that know nothing of Keras and this package."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

_HIDDEN = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("keras", "fer_keras", "tf_keras"):
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
for name in ("keras", "fer_keras"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{name} is not hidden")

import numpy as np
import tensorflow as tf

folder, faces, out = sys.argv[1:]
faces = np.load(faces)
model = tf.saved_model.load(folder)
np.savez(
    out,
    transfer=model.transfer(faces, 3),
    all=model.signatures["serving_default"](images=tf.constant(faces))["images"],
    floats=model.transfer(np.float32(faces / 127.5 - 1.0), 3),
    latents=model.encode(faces),
    reconstructed=model.reconstruct(faces, np.arange(5)),
    names=[name.decode() for name in model.emotions().numpy()],
)
assert "keras" not in sys.modules and "fer_keras" not in sys.modules
"""


def test_it_loads_without_keras_and_this_package(
    transfer, transfer_folder, faces, tmp_path
):
    np.save(tmp_path / "faces.npy", faces)
    paths = [transfer_folder, tmp_path / "faces.npy", tmp_path / "out.npz"]
    done = subprocess.run(
        [sys.executable, "-c", _HIDDEN, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = np.load(tmp_path / "out.npz")
    assert result["names"].tolist()[:2] == ["angry", "disgust"]
    floats = (faces / 127.5 - 1.0).astype("float32")
    for name, expected, tolerance in [
        ("transfer", transfer.transfer(faces, "happy"), 1),
        ("all", transfer.transfer_all(faces), 1),
        ("floats", transfer.transfer(floats, "happy"), 1e-5),
        ("latents", transfer.encode(faces), 1e-5),
        ("reconstructed", transfer.reconstruct(faces, range(5)), 1),
    ]:
        assert result[name].dtype == expected.dtype
        apart = result[name].astype("float64") - expected
        assert np.abs(apart).max() <= tolerance, name


def _command(*arguments):
    command = Path(sys.executable).with_name("saved_model_cli")
    if not command.exists():
        pytest.skip("saved_model_cli is not installed")
    return subprocess.run(
        [str(command), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def test_saved_model_cli_shows_all(transfer_folder):
    done = _command("show", "--dir", transfer_folder, "--all")
    assert done.returncode == 0, done.stderr[-2000:]
    for name in ("encode", "generate", "reconstruct", "transfer", "transfer_all"):
        assert f"signature_def['{name}']" in done.stdout
        assert f"Function Name: '{name}'" in done.stdout


def test_saved_model_cli_runs(transfer_folder, transfer, faces, tmp_path):
    np.save(tmp_path / "faces.npy", faces)
    done = _command(
        *("run", "--dir", transfer_folder, "--tag_set", "serve"),
        *("--signature_def", "transfer", "--outdir", tmp_path / "out"),
        *("--inputs", f"images={tmp_path / 'faces.npy'}"),
        *("--input_exprs", "emotion=[3]"),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = np.load(tmp_path / "out" / "images.npy")
    assert result.dtype == np.uint8
    apart = result.astype(int) - transfer.transfer(faces, "happy")
    assert np.abs(apart).max() <= 1
