"""FER2013 for TensorFlow Datasets; importing this registers `tfds_fer2013`.

Example:
    >>> import tensorflow_datasets as tfds
    >>> import tfds_fer2013
    >>> train = tfds.load("tfds_fer2013", split="train")  # after `tfds build`
"""

from tfds_fer2013.tfds_fer2013_dataset_builder import Builder

__all__ = ["Builder"]
