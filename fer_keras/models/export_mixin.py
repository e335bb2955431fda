"""`export` of the models that become SavedModels."""

from pathlib import Path

import numpy as np

from fer_keras.export import export_saved_model


class ExportMixin:
    """Gives a Keras model an `export` that needs neither Keras nor this package.

    The model says in `inference_networks` what is exported: a dictionary of
    "generator" and, where there is one, "encoder", and in `likeness` what edits keep.
    """

    likeness = 0.0

    def export(
        self,
        filepath: str | Path,
        format: str = "tf_saved_model",
        metadata: dict | None = None,
        samples: np.ndarray | None = None,
    ) -> None:
        """Writes a SavedModel; see `fer_keras.export.export_saved_model`.

        Args:
            filepath: The folder; an earlier SavedModel there is replaced.
            format: Only "tf_saved_model".
            metadata: Dictionary for the model's `card.json`.
            samples: A picture for `samples.png`, uint8 `(height, width, channels)`.

        Raises:
            ValueError: Another format, or a folder that holds something else.

        Example:
            >>> transfer.export("happier")
        """
        if format != "tf_saved_model":
            raise ValueError(
                f"Unknown format {format!r}: these models export 'tf_saved_model'."
            )
        export_saved_model(
            filepath,
            **self.inference_networks,
            likeness=self.likeness,
            metadata=metadata,
            samples=samples,
        )
