"""`fer-keras train --data` on every form of data, and what the model then knows."""

import io
import tarfile
import zipfile

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_keras.cli.main import main
from fer_keras.emotions import EMOTIONS

TINY = (
    "--width 2 --latent-dim 4 --limit 16 --batch-size 8 --epochs 1 --encoder-epochs 1"
).split()
IMAGES = np.random.default_rng(0).integers(0, 256, (42, 48, 48, 1), "uint8")
LABELS = np.arange(42) % 7
USAGES = np.array(["Training", "Training", "PublicTest", "PrivateTest"] * 11)[:42]


def pixels(image):
    return " ".join(map(str, image.ravel()))


def csv(folder):
    path = folder / "fer2013.csv"
    table = {"emotion": LABELS, "pixels": map(pixels, IMAGES), "Usage": USAGES}
    pd.DataFrame(table).to_csv(path, index=False)
    return path


def tar(folder):
    with tarfile.open(folder / "fer2013 (1).tar.gz", "w:gz") as archive:
        archive.add(csv(folder), "fer2013/fer2013.csv")
    (folder / "fer2013.csv").unlink()
    return folder


def picture(array):
    buffer = io.BytesIO()
    Image.fromarray(array.squeeze()).save(buffer, "PNG")
    return buffer.getvalue()


def pictures(folder):
    for row, label in enumerate(LABELS):
        path = folder / ("test" if row % 3 else "train") / EMOTIONS[label]
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{row}.png").write_bytes(picture(IMAGES[row]))
    return folder


def zipped_pictures(folder):
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        for row, label in enumerate(LABELS):
            archive.writestr(f"{EMOTIONS[label]}/{row}.png", picture(IMAGES[row]))
    return folder / "archive.zip"


def parquet(folder):
    table = {"image": map(picture, IMAGES), "emotion": LABELS, "Usage": USAGES}
    pd.DataFrame(table).to_parquet(folder / "faces.parquet")
    return folder


def npz(folder):
    np.savez(folder / "faces.npz", images=IMAGES, emotions=LABELS)
    return folder / "faces.npz"


def ferplus(folder):
    votes = {name: np.full(42, 5 * (name == "contempt")) for name in COLUMNS}
    table = pd.DataFrame({"Usage": USAGES, "Image name": "", **votes})
    table.to_csv(folder / "fer2013new.csv", index=False)
    return csv(folder)


COLUMNS = (
    "neutral happiness surprise sadness anger disgust fear contempt unknown NF".split()
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "form", [csv, tar, pictures, zipped_pictures, parquet, npz, ferplus]
)
def test_an_epoch_on_every_form(tmp_path, form):
    (tmp_path / "data").mkdir()
    data = form(tmp_path / "data")
    labels = ["--labels", "ferplus"] if form is ferplus else []
    run = str(tmp_path / "run")
    arguments = ["--data", str(data), "--run", run, *TINY, *labels]
    assert main(["train", *arguments, "--phase", "gan"]) == 0
    gan = keras.saving.load_model(tmp_path / "run" / "models" / "gan.keras")
    names = (*EMOTIONS, "contempt") if labels else EMOTIONS
    assert gan.generator.class_names == names


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_classes_in_colour_from_a_folder_to_a_picture(tmp_path):
    for name, colour in (("smiling", (200, 90, 30)), ("not smiling", (20, 90, 230))):
        (tmp_path / "faces" / name).mkdir(parents=True)
        for number in range(12):
            image = Image.new("RGB", (24, 16), tuple(c + number for c in colour))
            image.save(tmp_path / "faces" / name / f"{number}.png")
    faces, run = str(tmp_path / "faces"), str(tmp_path / "run")
    assert main(["train", "--data", faces, "--run", run, *TINY, "--phase", "all"]) == 0
    source = str(tmp_path / "faces" / "smiling" / "0.png")
    asked = ["--model", run, "--emotion", "Not smiling", "--out", str(tmp_path / "out")]
    assert main(["transfer", "--crop", source, *asked]) == 0
    result = Image.open(tmp_path / "out" / "0.png")
    assert result.mode == "RGB" and result.width * 16 == result.height * 24
