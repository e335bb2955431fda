"""What arrays the metrics take, said to people when something else comes."""

import numpy as np


def check_features(name: str, features, minimum: int = 1) -> np.ndarray:
    """Returns features as float64 `(count, dimensions)`.

    Args:
        name: What the caller calls this array, for the error.
        features: Any float or integer array `(count, dimensions)`.
        minimum: The fewest rows that the metric can work with.

    Raises:
        ValueError: Not two axes, too few rows, no columns, or NaN or infinity.
    """
    features = np.asarray(features)
    if features.ndim != 2 or features.shape[1] == 0:
        raise ValueError(
            f"{name} must have shape (count, dimensions), got {features.shape}. "
            "Flatten each image's features to one row."
        )
    if len(features) < minimum:
        raise ValueError(f"{name} needs {minimum} or more rows, got {len(features)}.")
    features = features.astype("float64", copy=False)
    if not np.isfinite(features).all():
        raise ValueError(
            f"{name} hold NaN or infinity: look for a diverged network or a "
            "division by zero upstream."
        )
    return features


def check_feature_pair(
    name_a: str, features_a, name_b: str, features_b, minimum: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of features of the same dimension, float64.

    Raises:
        ValueError: As `check_features`, or their dimensions differ.
    """
    features_a = check_features(name_a, features_a, minimum)
    features_b = check_features(name_b, features_b, minimum)
    if features_a.shape[1] != features_b.shape[1]:
        raise ValueError(
            f"{name_a} have {features_a.shape[1]} dimensions and {name_b} "
            f"{features_b.shape[1]}: take both from the same network."
        )
    return features_a, features_b


def check_labels(name: str, labels, num_classes: int) -> np.ndarray:
    """Returns class ids as int64 `(count,)`.

    Raises:
        ValueError: Not one axis, empty, not integers, or an id out of range.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(
            f"{name} must be class ids of shape (count,), one or more, got shape "
            f"{labels.shape}. Take the argmax of scores or one-hot rows first."
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{name} must be integer class ids, got {labels.dtype}.")
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"{name} must be from 0 to {num_classes - 1}, got "
            f"{labels.min()} to {labels.max()}."
        )
    return labels.astype("int64", copy=False)


def check_images(name: str, images) -> np.ndarray:
    """Returns images as uint8 `(count, height, width, 1)`.

    Raises:
        ValueError: Another type, another shape, or no image.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError(
            f"{name} must be uint8 grey levels 0..255, got {images.dtype}. Turn "
            "float images in [-1, 1] into those with fer_keras.images.to_uint8."
        )
    if images.ndim != 4 or images.shape[-1] != 1 or 0 in images.shape:
        raise ValueError(
            f"{name} must have shape (count, height, width, 1), got {images.shape}."
        )
    return images


def check_image_pair(
    name_a: str, images_a, name_b: str, images_b
) -> tuple[np.ndarray, np.ndarray]:
    """Returns two batches of images that belong together one by one.

    Raises:
        ValueError: As `check_images`, or their shapes differ.
    """
    images_a = check_images(name_a, images_a)
    images_b = check_images(name_b, images_b)
    if images_a.shape != images_b.shape:
        raise ValueError(
            f"{name_a} and {name_b} must match one by one, got shapes "
            f"{images_a.shape} and {images_b.shape}."
        )
    return images_a, images_b


def check_same_length(**arrays) -> None:
    """Checks that arrays have as many rows as each other.

    Raises:
        ValueError: They do not; names each with its length.
    """
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise ValueError(f"Expected as many rows in each of these, got {said}.")
