"""Small files in FER2013's forms, and a second way to read them."""

import csv
import io
import tarfile
import zipfile

import numpy as np
from PIL import Image

HEADER = "emotion,pixels,Usage"
USAGE_OF_SPLIT = {
    "train": "Training",
    "validation": "PublicTest",
    "test": "PrivateTest",
}


def rows(count=6, seed=0):
    """Returns images uint8 (count, 48, 48, 1), labels and usages, all kinds of each."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (count, 48, 48, 1), np.uint8)
    images[0, 0, :4, 0] = (0, 255, 7, 10)
    labels = np.arange(count) % 7
    usages = [list(USAGE_OF_SPLIT.values())[index % 3] for index in range(count)]
    return images, labels, usages


def pixel_text(image):
    return " ".join(map(str, image.ravel().tolist()))


def csv_lines(count=6, seed=0):
    """Returns the lines of a CSV, the header first, without line breaks."""
    images, labels, usages = rows(count, seed)
    return [
        HEADER,
        *(
            f"{label},{pixel_text(image)},{usage}"
            for image, label, usage in zip(images, labels, usages, strict=True)
        ),
    ]


def csv_bytes(count=6, seed=0):
    return ("\n".join(csv_lines(count, seed)) + "\n").encode()


def tar_bytes(members, mode="w:gz", **options):
    """Packs {name: bytes or TarInfo} as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zip_bytes(members, compression=zipfile.ZIP_DEFLATED):
    """Packs {name: bytes} as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def reference_rows(content):
    """Reads a CSV's bytes row by row with `csv` and `int`; fails as it may."""
    text = content.decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    names = [name.strip().lower() for name in next(reader)]
    images, labels, usages = [], [], []
    for fields in reader:
        if not "".join(fields).strip():
            continue
        row = dict(zip(names, fields, strict=True))
        images.append([int(word) for word in row["pixels"].split()])
        labels.append(int(row["emotion"]))
        usages.append(row["usage"].strip())
    return np.array(images).reshape(-1, 48, 48, 1), np.array(labels), usages


def picture_bytes(value, size=(48, 48), kind="PNG"):
    """Returns a picture of one grey value or colour."""
    buffer = io.BytesIO()
    mode = "L" if isinstance(value, int) else "RGB"
    Image.new(mode, size, value).save(buffer, kind)
    return buffer.getvalue()


def write_files(folder, members):
    """Writes {path in the folder: bytes}."""
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
