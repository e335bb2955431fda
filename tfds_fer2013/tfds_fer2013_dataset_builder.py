"""FER2013 as a TensorFlow dataset: `tfds build tfds_fer2013 --manual_dir DIR`."""

import warnings
from collections import deque
from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds

from tfds_fer2013.class_names import FERPLUS_NAMES, LABEL_NAMES
from tfds_fer2013.face_rows import USAGES
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.grey_png import encode_grey_png
from tfds_fer2013.sources import open_source

CONFIGS = {
    name: tfds.core.BuilderConfig(name=name, description=description)
    for name, description in (
        ("fer2013", "FER2013's own labels."),
        (
            "ferplus",
            "The emotion that most of ten people saw, contempt among them. Pictures "
            "with a tie, of no face or unknown are left out.",
        ),
        (
            "ferplus_soft",
            "Each emotion's share of ten people's votes. Pictures of no face or "
            "unknown are left out.",
        ),
    )
}


class Builder(tfds.core.GeneratorBasedBuilder):
    """Builds `train` (Training), `validation` (PublicTest), `test` (PrivateTest).

    An example is `{"image": uint8 (48, 48, 1), "label": int64}`. The labels are ids
    0 to 6 (`fer2013`), 0 to 7 (`ferplus`), or weights float32 `(8,)`
    (`ferplus_soft`).
    """

    VERSION = tfds.core.Version("1.1.0")
    RELEASE_NOTES = {
        "1.0.0": "Initial release.",
        "1.1.0": "Labels of FER+; every form in which FER2013 is found.",
    }
    # `tfds build tfds_fer2013` builds all of these; the others need a second file and
    # are built where they are named.
    BUILDER_CONFIGS = [CONFIGS["fer2013"]]
    builder_configs = CONFIGS
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    FER2013 may not be redistributed: download it once, with a Kaggle account, from
    https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge/data
    and put any one of these, as it came or unpacked, into the manual directory:
      * fer2013.tar.gz, fer2013.csv, icml_face_data.csv, or the competition's .zip
      * a folder or .zip with pictures in train/<emotion> and test/<emotion>
      * .parquet or .npz files with images and labels
    For the configurations ferplus and ferplus_soft, put fer2013new.csv beside the CSV
    or its archive, from https://github.com/microsoft/FERPlus
    """

    def get_default_builder_config(self) -> tfds.core.BuilderConfig:
        return CONFIGS["fer2013"]

    def _info(self) -> tfds.core.DatasetInfo:
        label = {
            "fer2013": tfds.features.ClassLabel(names=list(LABEL_NAMES)),
            "ferplus": tfds.features.ClassLabel(names=list(FERPLUS_NAMES)),
            "ferplus_soft": tfds.features.Tensor(
                shape=(len(FERPLUS_NAMES),), dtype=np.float32
            ),
        }[self.builder_config.name]
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(48, 48, 1), dtype=np.uint8, encoding_format="png"
                    ),
                    "label": label,
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        try:
            folder = dl_manager.manual_dir
        except AssertionError as error:  # It does not exist or is empty.
            raise Fer2013NotFoundError(str(error)) from None
        try:
            splits = self._read(folder)
        except Fer2013NotFoundError as error:
            raise Fer2013NotFoundError(
                f"{error}\n{self.MANUAL_DOWNLOAD_INSTRUCTIONS}"
            ) from None
        return {split: self._generate_examples(splits[split]) for split in USAGES}

    def _read(self, folder) -> dict[str, deque]:
        """Reads everything, so that its faults show before anything is written."""
        source = open_source(folder, self.builder_config.name)
        ids = self._ids(source)
        if source.note:
            warnings.warn(f"{source.name}: {source.note}.", stacklevel=2)
        splits = {split: deque() for split in USAGES}
        for rows in source.blocks():
            for split, blocks in splits.items():
                images, labels = rows.of_split(split)
                if len(labels):
                    blocks.append((images, labels if labels.ndim > 1 else ids[labels]))
        for split, stand_ins in source.stand_ins.items():
            for other in stand_ins:
                splits[split] = splits[split] or deque(splits[other])
        for split, blocks in splits.items():
            if not blocks:
                raise Fer2013FormatError(
                    source.name, f"holds no row with the usage {USAGES[split]!r}."
                )
        return splits

    def _ids(self, source) -> np.ndarray:
        """Returns the id in this dataset of each of the source's classes."""
        names = FERPLUS_NAMES if source.class_names == FERPLUS_NAMES else LABEL_NAMES
        if source.class_names == tuple("0123456"):  # Folders named by FER2013's ids.
            return np.arange(len(LABEL_NAMES))
        if not set(source.class_names) <= set(names) or (
            names == FERPLUS_NAMES and self.builder_config.name == "fer2013"
        ):
            raise Fer2013FormatError(
                source.name,
                f"has the classes {', '.join(source.class_names[:9])}: expected "
                f"FER2013's, {', '.join(LABEL_NAMES)}.",
            )
        return np.array([names.index(name) for name in source.class_names])

    def _generate_examples(self, blocks: deque) -> Iterator[tuple[int, dict]]:
        key = 0
        while blocks:
            images, labels = blocks.popleft()
            for image, label in zip(images, labels, strict=True):
                label = label if label.ndim else int(label)
                yield key, {"image": encode_grey_png(image), "label": label}
                key += 1
