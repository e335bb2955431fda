"""For `tfds build tfds_fer2013/fer2013`: TFDS looks for a file of that name."""

from tfds_fer2013 import tfds_fer2013_dataset_builder as dataset


class Builder(dataset.Builder, skip_registration=True):
    """The dataset `tfds_fer2013` in one configuration."""

    BUILDER_CONFIGS = [dataset.CONFIGS["fer2013"]]
