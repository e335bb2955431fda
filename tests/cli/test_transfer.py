"""`fer-keras transfer`, used as its users would."""

import numpy as np
from PIL import Image

from fer_keras.cli.main import main


def test_transfer_to_one_emotion(run_folder, picture, tmp_path):
    arguments = ["transfer", "--crop", str(picture), "--model", str(run_folder)]
    arguments += ["--emotion", "Happy", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    with Image.open(tmp_path / "out" / "face.png") as image:
        assert image.size == (192, 192)


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
