"""Photos as files: what is kept of them and what is left out."""

import dataclasses
import functools
from pathlib import Path

import numpy as np
from PIL import Image

from fer_keras.files import replaced_file
from fer_keras.images import opened_picture
from fer_keras.photo.faces import Face, find_faces
from fer_keras.picture_decoding import decoded, is_transparent


@dataclasses.dataclass(frozen=True, eq=False)
class Photo:
    """A photo and the faces in it.

    Of what a file says beside its pixels only the colour profile is kept: no place,
    no time, no camera. Pictures of 16 bits, CMYK or a palette become 8 bits of RGB.

    Args:
        picture: Upright, mode "RGB" or "RGBA".
        profile: ICC profile of its colours, if the file has one for RGB.
    """

    picture: Image.Image
    profile: bytes | None = None

    @classmethod
    def read(cls, source: str | Path | bytes | np.ndarray) -> "Photo":
        """Reads a photo.

        Args:
            source: As for `fer_keras.images.read_face`.

        Raises:
            ValueError: The source is missing, no picture, damaged or too large.
        """
        with opened_picture(source) as image:
            profile = image.info.get("icc_profile")
            mode = "RGBA" if is_transparent(image) else "RGB"
            picture = decoded(image, mode)
        # What else it says must not travel on.
        picture.info.clear()
        picture.getexif().clear()
        is_rgb = isinstance(profile, bytes) and profile[16:20] == b"RGB "
        return cls(picture, profile if is_rgb else None)

    @property
    def colours(self) -> Image.Image:
        """The picture without transparency, mode "RGB"."""
        return (
            self.picture.convert("RGB")
            if self.picture.mode == "RGBA"
            else (self.picture)
        )

    def reduced(self, longest: int) -> "Photo":
        """Returns the photo with its longer side no longer than so many pixels."""
        picture = self.picture.copy()
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        return Photo(picture, self.profile)

    @functools.cached_property
    def faces(self) -> list[Face]:
        """The faces, the largest first."""
        return find_faces(self.colours)

    def array(self) -> np.ndarray:
        """Returns uint8 `(height, width, 3)`, or 4 with transparency."""
        return np.array(self.picture)

    def write(self, path: str | Path) -> Path:
        """Writes a PNG file, which keeps every pixel; a reader never sees half of it.

        Raises:
            ValueError: The path ends in something else than `.png`.
        """
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise ValueError(
                f"{path}: expected a name that ends in .png: a JPEG would change "
                "every pixel."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as aside:
            self.picture.save(
                aside, format="PNG", icc_profile=self.profile, compress_level=3
            )
        return path
