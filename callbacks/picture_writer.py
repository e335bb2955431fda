"""Where the callbacks' pictures go: PNG files, and TensorBoard."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from fer_keras.images import write_png


class PictureWriter:
    """Writes pictures as PNG files and, where a log folder is given, for TensorBoard.

    It opens nothing before the first picture: KerasTuner copies callbacks, and an
    open writer cannot be copied.

    Args:
        directory: For the PNG files; made when needed.
        log_dir: For TensorBoard's event file. Default none.
        tag: Name of the picture in TensorBoard.
        zoom: Pixels of the PNG file per pixel of the picture.
    """

    def __init__(
        self, directory: str | Path, log_dir: str | Path, tag: str, zoom: int = 1
    ):
        self.directory = Path(directory)
        self.log_dir = None if log_dir is None else Path(log_dir)
        self.tag = tag
        self.zoom = zoom
        self._events = None

    def write(self, name: str, picture: np.ndarray, step: int) -> Path:
        """Writes a uint8 picture `(height, width, channels)`; returns its file."""
        if self.log_dir is not None:
            if self._events is None:
                self._events = tf.summary.create_file_writer(str(self.log_dir))
            with self._events.as_default():
                tf.summary.image(self.tag, picture[None], step=step)
            self._events.flush()
        return write_png(self.directory / name, picture, self.zoom)

    def close(self) -> None:
        """Closes the event file; the next picture begins another one."""
        if self._events is not None:
            self._events.close()
        self._events = None
