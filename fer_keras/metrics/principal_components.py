"""Faces from a few principal components: the inversion that needs no network."""

import numpy as np

from fer_keras.metrics.feature_statistics import FeatureStatistics
from fer_keras.metrics.input_checks import check_images
from fer_keras.metrics.pairwise import row_blocks


class PrincipalComponents:
    """Reconstructs faces from their leading principal components.

    The control of an inversion: with as many components as the latent vector has
    dimensions, it has the least squared error that any linear code of that size can
    have on the faces it was fitted to.

    Args:
        components: How many components a face keeps, 1 or more.

    Raises:
        ValueError: Fewer than one component; more than there are pixels; or faces
            were asked for before two or more had been seen.

    Example:
        >>> faces = np.array([0, 50, 100], "uint8").reshape(3, 1, 1, 1)
        >>> one = PrincipalComponents(components=1).update(faces)
        >>> one.reconstruct(faces).ravel()
        array([  0,  50, 100], dtype=uint8)

    Reference:
        Turk, Pentland, "Eigenfaces for Recognition" (1991), equations 1 to 7.
    """

    def __init__(self, components: int):
        if components < 1:
            raise ValueError(f"components must be 1 or more, got {components}.")
        self.components = components
        self._statistics = FeatureStatistics()
        self._basis = None

    def update(self, images) -> "PrincipalComponents":
        """Takes in training faces, uint8 `(count, height, width, 1)`; returns itself.

        Memory is one matrix of pixels by pixels, however many faces come.
        """
        images = check_images("images", images)
        if self.components > images[0].size:
            raise ValueError(
                f"{self.components} components of images with {images[0].size} "
                "pixels: ask for at most as many as pixels."
            )
        self._statistics.update(_rows(images))
        self._basis = None
        return self

    @property
    def basis(self) -> np.ndarray:
        """Orthonormal float64 `(pixels, components)`, the largest variance first."""
        if self._basis is None:
            _, vectors = np.linalg.eigh(self._statistics.covariance)
            self._basis = np.ascontiguousarray(vectors[:, ::-1][:, : self.components])
        return self._basis

    def reconstruct(self, images) -> np.ndarray:
        """Returns faces from their components alone, uint8 like `images`."""
        images = check_images("images", images)
        mean, basis = self._statistics.mean, self.basis
        if images[0].size != len(mean):
            raise ValueError(
                f"Fitted on images of {len(mean)} pixels, got {images[0].size}."
            )
        faces = np.empty_like(images)
        for block in row_blocks(len(images), 2 * len(mean)):
            rows = mean + (_rows(images[block]) - mean) @ basis @ basis.T
            rows = np.rint(rows).clip(0, 255)
            faces[block] = rows.reshape(images[block].shape)
        return faces


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype("float64")
