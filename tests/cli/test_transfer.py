"""`fer-keras transfer`, used as its users would."""

import keras
import numpy as np
from PIL import Image

from fer_keras.cli.inference import RefinedTransfer
from fer_keras.cli.main import main
from fer_keras.images import read_face


def test_transfer_to_one_emotion(run_folder, picture, tmp_path):
    arguments = ["transfer", "--crop", str(picture), "--model", str(run_folder)]
    arguments += ["--emotion", "Happy", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    with Image.open(tmp_path / "out" / "face.png") as image:
        assert image.size == (192, 192)


def test_transfer_goes_part_of_the_way_and_refines(run_folder, picture, tmp_path):
    faces = {}
    for name, more in (
        ("none", ["happy=1e-9"]),
        ("half", ["happy=0.5"]),
        ("all", ["happy=1"]),
        ("refined", ["happy", "--refine", "2"]),
    ):
        arguments = ["transfer", "--crop", str(picture), "--model", str(run_folder)]
        out = ["--out", str(tmp_path / name)]
        assert main([*arguments, *out, "--emotion", *more]) == 0
        with Image.open(tmp_path / name / "face.png") as image:
            faces[name] = np.asarray(image)[::4, ::4, None]
    source = read_face(picture, (48, 48))
    np.testing.assert_array_equal(faces["none"], source)
    # At half, nothing of the face itself is mixed in any more, and the label is half.
    assert (faces["half"] != faces["all"]).any()
    transfer = keras.saving.load_model(
        run_folder / "models/encoder.keras"
    ).as_transfer()
    happy = transfer.transfer(source, "happy")[0]
    np.testing.assert_allclose(faces["all"].astype(int), happy, atol=1)
    refined = transfer.transfer(source, "happy", refine=2)[0]
    np.testing.assert_allclose(faces["refined"].astype(int), refined, atol=1)


def test_refinement_asks_for_its_steps():
    class Transfer:
        emotions, image_shape = ("happy",), (48, 48, 1)

        def transfer(self, images, emotion, refine=0, likeness=None):
            return images, emotion, refine, likeness

    refined = RefinedTransfer(Transfer(), 5)
    assert refined.transfer("x", "happy", likeness=0.5) == ("x", "happy", 5, 0.5)


def test_transfer_to_a_mixture_lies_between(run_folder, picture, tmp_path):
    pictures = {}
    for emotion in ("happy", "sad", "happy=0.5,sad=0.5"):
        out = tmp_path / emotion
        arguments = ["transfer", "--crop", str(picture), "--model", str(run_folder)]
        assert main([*arguments, "--emotion", emotion, "--out", str(out)]) == 0
        with Image.open(out / "face.png") as image:
            pictures[emotion] = np.asarray(image, float)
    mixed = pictures["happy=0.5,sad=0.5"]
    ends = (pictures["happy"] + pictures["sad"]) / 2
    apart = np.abs(pictures["happy"] - pictures["sad"]).mean()
    assert np.abs(mixed - ends).mean() <= apart


def test_transfer_overwrites_nothing_unasked(run_folder, picture, tmp_path, capsys):
    arguments = ["transfer", "--crop", str(picture), "--model", str(run_folder)]
    arguments += ["--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def test_two_pictures_of_one_name_do_not_share_a_file(run_folder, picture, tmp_path):
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "face.png"
    other.write_bytes(picture.read_bytes())
    arguments = [
        "transfer",
        "--crop",
        str(picture),
        str(other),
        "--model",
        str(run_folder),
    ]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["face-2.png", "face.png"]


def test_a_bad_picture_does_not_stop_the_others(run_folder, picture, tmp_path, capsys):
    (tmp_path / "bad.png").write_text("no picture")
    arguments = ["transfer", "--crop", str(tmp_path / "bad.png"), str(picture)]
    arguments += ["--model", str(run_folder), "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert "bad.png" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["face.png"]


def test_an_unknown_emotion_is_named(run_folder, picture, tmp_path, capsys):
    arguments = ["transfer", "--crop", str(picture), "--model", str(run_folder)]
    assert main([*arguments, "--emotion", "hapy", "--out", str(tmp_path / "o")]) == 1
    error = capsys.readouterr().err
    assert "hapy" in error
    assert "surprise" in error
