"""Drawn faces whose truth in all seven emotions is known.

FER2013 shows nobody twice, so nothing says what a face of it should look like with
another emotion. Here everybody is drawn: a person (head, hair, eyes, brows, nose,
mouth, beard, glasses, pose, light, background, noise) comes from a seed and a
number, and can be rendered in every emotion, all else equal. The faces come in
FER2013's element form (`dataset_arrays`), and `truth_arrays` holds what a perfect
transfer would give. Everything is a function of the seed alone, and needs no download.

Example:
    >>> from fer_keras import synthetic_faces
    >>> images, labels = synthetic_faces.dataset_arrays(700, seed=1)
    >>> images.shape, images.dtype, labels.shape
    ((700, 48, 48, 1), dtype('uint8'), (700,))
    >>> truth = synthetic_faces.truth_arrays(700, seed=1)
    >>> bool((truth[5, labels[5]] == images[5]).all())
    True
    >>> person = synthetic_faces.sample_identity(seed=1, index=5)
    >>> synthetic_faces.render(person, "surprise", strength=0.5).shape
    (48, 48, 1)
"""

from fer_keras.synthetic_faces.datasets import dataset_arrays, truth_arrays
from fer_keras.synthetic_faces.identity import Identity
from fer_keras.synthetic_faces.population import sample_identity
from fer_keras.synthetic_faces.rendering import render, render_all

__all__ = [
    "Identity",
    "dataset_arrays",
    "render",
    "render_all",
    "sample_identity",
    "truth_arrays",
]
