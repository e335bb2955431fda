"""FER2013 as a TensorFlow dataset: `tfds build tfds_fer2013 --manual_dir DIR`."""

from collections import deque
from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds

from tfds_fer2013.fer2013_csv import LABEL_NAMES, USAGES, iter_fer2013_rows
from tfds_fer2013.fer2013_errors import Fer2013FormatError, Fer2013NotFoundError
from tfds_fer2013.grey_png import encode_grey_png


class Builder(tfds.core.GeneratorBasedBuilder):
    """Builds `train` (Training), `validation` (PublicTest), `test` (PrivateTest).

    An example is `{"image": uint8 (48, 48, 1), "label": int64 0 to 6}`.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Initial release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    FER2013 may not be redistributed: download it once, with a Kaggle account, from
    https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge/data
    and put any one of these, as it came, into the manual directory:
      * fer2013.tar.gz
      * fer2013.csv
      * icml_face_data.csv
      * the competition's .zip (any *.zip that holds one of the three)
    """

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(48, 48, 1), dtype=np.uint8, encoding_format="png"
                    ),
                    "label": tfds.features.ClassLabel(names=list(LABEL_NAMES)),
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
        """Reads the whole CSV, so that its faults show before anything is written."""
        splits = {split: deque() for split in USAGES}
        for rows in iter_fer2013_rows(folder):
            for split, blocks in splits.items():
                images, labels = rows.of_split(split)
                if len(labels):
                    blocks.append((images, labels))
        for split, blocks in splits.items():
            if not blocks:
                raise Fer2013FormatError(
                    str(folder), f"holds no row with the usage {USAGES[split]!r}."
                )
        return splits

    def _generate_examples(self, blocks: deque) -> Iterator[tuple[int, dict]]:
        key = 0
        while blocks:
            images, labels = blocks.popleft()
            for image, label in zip(images, labels.tolist(), strict=True):
                yield key, {"image": encode_grey_png(image), "label": label}
                key += 1
