"""`fer-keras transfer` on photos, with a model that needs no training."""

import numpy as np
import pytest
from PIL import Image

from fer_keras.cli import inference, trained_models
from fer_keras.cli.main import main
from tests.drawn_photos import BrighterModel, drawn_photo

TWO = ((0, 120, (20, 60)), (1, 90, (200, 80)))


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    """A folder with photos, and the model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trained_models, "saved_model_folder", lambda path: path)
    monkeypatch.setattr(inference, "load_for_inference", lambda path: BrighterModel())
    (tmp_path / "photos").mkdir()
    for name in ("a", "b"):
        drawn_photo(faces=TWO).save(tmp_path / "photos" / f"{name}.png")
    (tmp_path / "photos" / "notes.txt").write_text("no photo")
    drawn_photo(faces=()).save(tmp_path / "nobody.png")
    return tmp_path


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


def changed_columns(path):
    difference = pixels(path) - np.asarray(drawn_photo(faces=TWO))
    return np.flatnonzero(difference.any(axis=(0, 2)))


def test_a_photo_of_the_same_size_with_both_faces_changed(world, capsys):
    assert main("transfer photos/a.png --emotion happy".split()) == 0
    shown = capsys.readouterr()
    assert shown.out == "transferred/a.png\n" and not shown.err
    columns = changed_columns("transferred/a.png")
    assert columns.min() < 140 and columns.max() > 200


def test_one_face(world):
    assert main("transfer photos/a.png --emotion happy --face 2".split()) == 0
    assert changed_columns("transferred/a.png").min() > 200


def test_part_of_the_way(world):
    for share in (0.4, 1):
        call = f"transfer photos/a.png --emotion happy={share} --out {share}"
        assert main(call.split()) == 0
    original = pixels("photos/a.png")
    part, whole = (np.abs(pixels(f"{s}/a.png") - original).sum() for s in (0.4, 1))
    assert 0 < part < 0.6 * whole


@pytest.mark.parametrize("what", ["photos", "photos/*.png"])
def test_folders_and_patterns(world, what, capsys):
    assert main(["transfer", what, "--emotion", "sad"]) == 0
    assert capsys.readouterr().out.split() == ["transferred/a.png", "transferred/b.png"]


def test_strips_and_animations(world):
    assert main("transfer photos/a.png --out all".split()) == 0
    assert pixels("all/a.png").shape == (240 + 24, 8 * 324 - 4, 3)
    call = "transfer photos/a.png --emotion sad --steps 4".split()
    assert main([*call, "--out", "steps"]) == 0
    assert pixels("steps/a.png").shape == (240 + 24, 4 * 324 - 4, 3)
    for kind in ("webp", "gif"):
        assert main([*call, "--animate", kind, "--out", "moving"]) == 0
        with Image.open(f"moving/a.{kind}") as image:
            assert (image.n_frames, image.size) == (6, (320, 240))


def test_a_crop_is_a_face_already(world):
    assert main("transfer nobody.png --crop --emotion happy".split()) == 0
    assert pixels("transferred/nobody.png").shape[:2] == (192, 192)


@pytest.mark.parametrize(
    "call, told",
    [
        ("nobody.png", "nobody.png: no face was found"),
        ("photos/a.png --face 3", "photos/a.png: there is no face 3: expected 1 to 2"),
        ("photos/a.png --crop --face 1", "leave out --face"),
        ("photos/a.png --steps 4", "--steps needs one --emotion"),
        ("photos/a.png --steps 1 --emotion sad", "--steps must be 2 or more"),
        ("photos/a.png --animate gif", "--animate needs --steps"),
        ("none", "none: no such file"),
        ("none/*.png", "none/*.png: no pictures there"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(world, call, told, capsys):
    assert main(["transfer", *call.split()]) == 1
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert not (world / "transferred").exists()


def test_a_photo_without_a_face_does_not_stop_the_others(world, capsys):
    assert main("transfer nobody.png photos --emotion happy".split()) == 1
    shown = capsys.readouterr()
    assert shown.out.split() == ["transferred/a.png", "transferred/b.png"]
    assert "1 of 3 pictures" in shown.err
