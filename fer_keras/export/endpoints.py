"""What a SavedModel can be asked for: the methods that travel with it."""

import itertools
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from fer_keras.export.arguments import (
    decoded_picture,
    finite,
    float_images,
    images_of,
    in_chunks,
    label_weights,
)
from fer_keras.layers.keep_source import (
    KeepSource,
    all_reconstructions,
    nearest_of_all,
    nearest_reconstruction,
)

# Faces that pass through G at a time: bounds memory (to some 300 MB for the
# paper's sizes) and is plenty to keep a processor busy.
_ROWS = 256


def _decoder(generator, size, image_shape, classes):
    """Returns G(z|y) in float32, for latents of a size.

    One function of one signature for all endpoints: its operations are stored once,
    whether an endpoint knows how many faces there are or not. It does not hold the
    endpoints, which would keep every export's weights until a collection.
    """
    result = tf.TensorSpec([None, *image_shape], tf.float32)

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, size], tf.float32),
            tf.TensorSpec([None, classes], tf.float32),
        ],
    )
    def decode(latents, weights):
        return in_chunks(
            lambda *inputs: generator(inputs), _ROWS, result, latents, weights
        )

    return decode


class GeneratorEndpoints(tf.Module):
    """Draws faces.

    In every method `emotion` is an id, ids, or label weights
    `(faces, num_classes)`; one emotion holds for all faces.

    Args:
        generator: An `InferenceNetwork`.
        latent_dim: Length of z.
        noise_dim: Length of the noise that G takes in its stead.
        image_shape: Height, width and channels.
        names: The emotions in the order of their ids.
    """

    # Arguments and the result's name of each endpoint.
    table = {
        "emotions": ((), "emotions"),
        "generate": (("latents", "emotion"), "images"),
        "decode": (("latents", "emotion"), "images"),
        "sample": (("emotion", "seed"), "images"),
    }
    serving_default = "generate"

    def __init__(
        self,
        generator: keras.Model,
        latent_dim: int,
        noise_dim: int,
        image_shape: tuple[int, int, int],
        names: Sequence[str],
    ):
        super().__init__()
        self.generator = generator
        self._latent_dim = latent_dim
        self._noise_dim = noise_dim
        self._image_shape = tuple(image_shape)
        self._names = tuple(names)
        # Of z, and of noise where that is another size.
        self._decoders = {
            str(size): _decoder(generator, size, self._image_shape, len(self._names))
            for size in (latent_dim, noise_dim)
        }

    @tf.function(autograph=False)
    def emotions(self) -> tf.Tensor:
        """The names in the order of the ids, strings `(num_classes,)`."""
        return tf.constant(self._names)

    @tf.function(autograph=False)
    def generate(self, latents: tf.Tensor, emotion: tf.Tensor) -> tf.Tensor:
        """Faces of float32 latents in [-1, 1], uint8 `(faces, *image_shape)`.

        Noise `(faces, noise_dim)` will do: where G takes less noise than z has
        entries, it makes z of it.
        """
        return self._generated(tf.uint8, latents, emotion)

    @tf.function(autograph=False)
    def decode(self, latents: tf.Tensor, emotion: tf.Tensor) -> tf.Tensor:
        """Faces of float32 latents in [-1, 1], float32 -1..1."""
        return self._generated(tf.float32, latents, emotion)

    @tf.function(autograph=False)
    def sample(self, emotion: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """One new face per emotion, uint8; the same for the same seed."""
        count = tf.size(emotion) if emotion.dtype.is_integer else tf.shape(emotion)[0]
        latents = tf.random.stateless_uniform(
            [count, self._noise_dim],
            tf.stack([seed, tf.zeros_like(seed)]),
            *(-1.0, 1.0),
            alg="philox",
        )
        return self._generated(tf.uint8, latents, emotion)

    def _generated(self, dtype, latents, emotion):
        latents = finite(latents, "Latents")
        weights = label_weights(emotion, tf.shape(latents)[0], self._names)
        return images_of(dtype, self._decode(latents, weights))

    def _decode(self, latents, weights):
        return self._decoders[str(latents.shape[1])](latents, weights)

    def trace(self) -> dict:
        """Traces every endpoint for every type of its arguments.

        Returns:
            The SavedModel's signatures by name: uint8 images, emotions as ids.
        """
        signatures = {}
        for name, (arguments, result) in self.table.items():
            endpoint = getattr(self, name)
            kinds = [self._argument_kinds(argument) for argument in arguments]
            for kind in itertools.product(*kinds):
                endpoint.get_concrete_function(
                    **dict(zip(arguments, kind, strict=True))
                )
            # The first kind is the signature's, but for the emotion: several ids.
            specs = {
                argument: self._signature_kind(argument)
                if argument == "emotion"
                else kind[0]
                for argument, kind in zip(arguments, kinds, strict=True)
            }
            signatures[name] = _signature(endpoint, result, specs)
        return {**signatures, "serving_default": signatures[self.serving_default]}

    def _argument_kinds(self, argument):
        """What the loaded object's method of this argument takes."""
        if argument == "emotion":
            # A shape of None: one id or several. int64 comes first: a Python
            # number becomes the first type that it fits.
            return [
                tf.TensorSpec(None, tf.int64),
                tf.TensorSpec(None, tf.int32),
                self._signature_kind("weights"),
            ]
        if argument == "images":
            return [self._signature_kind(kind) for kind in ("images", "float_images")]
        if argument == "latents":
            kinds = [self._signature_kind(kind) for kind in ("noise", "latents")]
            return kinds[: len(self._decoders)]
        return [self._signature_kind(argument)]

    def _signature_kind(self, argument):
        return {
            "images": tf.TensorSpec([None, *self._image_shape], tf.uint8),
            "float_images": tf.TensorSpec([None, *self._image_shape], tf.float32),
            "pictures": tf.TensorSpec([None], tf.string),
            "latents": tf.TensorSpec([None, self._latent_dim], tf.float32),
            "noise": tf.TensorSpec([None, self._noise_dim], tf.float32),
            "emotion": tf.TensorSpec([None], tf.int64),
            "weights": tf.TensorSpec([None, len(self._names)], tf.float32),
            "seed": tf.TensorSpec([], tf.int64),
        }[argument]


def _signature(endpoint, result, specs):
    """Returns a function that is not traced yet.

    Saving traces every endpoint anew, for a cache of its own; what was traced before
    would be stored beside that, for the signatures alone.
    """
    named_specs = [
        tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in specs.items()
    ]

    @tf.function(autograph=False, input_signature=named_specs)
    def named(*tensors):
        return {result: endpoint(**dict(zip(specs, tensors, strict=True)))}

    return named


class TransferEndpoints(GeneratorEndpoints):
    """Changes the emotion of faces; also draws new ones.

    Faces are uint8 0..255 or float32 -1..1 `(faces, *image_shape)`, and come back
    in the type that they came in.

    Args:
        encoder: An `InferenceNetwork`.
        likeness: How much of the source's own pixels `transfer` keeps; see
            `KeepSource`.
        *arguments: Those of `GeneratorEndpoints`.
    """

    table = {
        **GeneratorEndpoints.table,
        "encode": (("images",), "latents"),
        "reconstruct": (("images", "emotion"), "images"),
        "transfer": (("images", "emotion"), "images"),
        "transfer_all": (("images",), "images"),
        "transfer_pictures": (("pictures", "emotion"), "pictures"),
        "transfer_lite": (("float_images", "weights"), "images"),
    }
    serving_default = "transfer_all"

    def __init__(self, encoder: keras.Model, likeness: float, *arguments: Any):
        super().__init__(*arguments)
        self.encoder = encoder
        self._likeness = likeness

    @tf.function(autograph=False)
    def encode(self, images: tf.Tensor) -> tf.Tensor:
        """Latents of faces, float32 `(faces, latent_dim)`."""
        return self._encode(float_images(images))

    @tf.function(autograph=False)
    def transfer(self, images: tf.Tensor, emotion: tf.Tensor) -> tf.Tensor:
        """Faces with another emotion."""
        sources = float_images(images)
        latents = self._encode(sources)
        edits = self._generated(tf.float32, latents, emotion)
        if self._likeness:
            names = len(self._names)
            rebuilt = nearest_reconstruction(self._decode, latents, sources, names)
            edits = KeepSource(self._likeness)((sources, rebuilt, edits))
        return images_of(images.dtype, edits)

    @tf.function(autograph=False)
    def reconstruct(self, images: tf.Tensor, emotion: tf.Tensor) -> tf.Tensor:
        """G(E(x)|y) with the emotion that the faces have: the inversion's quality."""
        return self._generated(images.dtype, self.encode(images), emotion)

    @tf.function(autograph=False)
    def transfer_all(self, images: tf.Tensor) -> tf.Tensor:
        """Faces in every emotion, `(faces, num_classes, *image_shape)`."""
        # Each face passes through E once, and with every emotion through G.
        sources = float_images(images)
        classes, latents = len(self._names), self._encode(sources)
        faces = all_reconstructions(self._decode, latents, classes)
        if self._likeness:
            rebuilt = nearest_of_all(faces, sources)
            keep = KeepSource(self._likeness)
            faces = tf.stack(
                [keep((sources, rebuilt, faces[:, k])) for k in range(classes)], axis=1
            )
        return images_of(images.dtype, faces)

    @tf.function(autograph=False)
    def transfer_pictures(self, pictures: tf.Tensor, emotion: tf.Tensor) -> tf.Tensor:
        """As `transfer`, from the bytes of PNG or JPEG files to those of PNG files.

        The middle square of each picture is taken and resized.
        """
        images = tf.map_fn(
            lambda picture: decoded_picture(picture, self._image_shape),
            pictures,
            fn_output_signature=tf.TensorSpec(self._image_shape, tf.uint8),
        )
        faces = self.transfer(images, emotion)
        return tf.map_fn(tf.io.encode_png, faces, fn_output_signature=tf.string)

    @tf.function(autograph=False)
    def transfer_lite(self, float_images: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """As `transfer`, for LiteRT: no loop and no check, one weight row a face."""
        latents = self.encoder(float_images)

        def decode(latents, weights):
            return self.generator((latents, weights))

        edits = decode(latents, weights)
        if not self._likeness:
            return edits
        classes = len(self._names)
        rebuilt = nearest_reconstruction(decode, latents, float_images, classes)
        return KeepSource(self._likeness)((float_images, rebuilt, edits))

    @tf.function(autograph=False)
    def _encode(self, images):
        """E(x) of float32 images."""
        result = tf.TensorSpec([None, self._latent_dim], tf.float32)
        return in_chunks(self.encoder, _ROWS, result, images)
