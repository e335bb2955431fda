"""`export` of the models that become SavedModels."""

from pathlib import Path

import numpy as np

from fer_keras.export import export_litert, export_onnx, export_saved_model


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
        """Writes the model for other programs.

        | format | writes | see `fer_keras.export` |
        |---|---|---|
        | "tf_saved_model" | a folder | `export_saved_model` |
        | "litert" | a `.tflite` file | `export_litert` |
        | "onnx" | an `.onnx` file | `export_onnx` |

        Args:
            filepath: The folder or file; an earlier one is replaced.
            format: One of the above.
            metadata: Dictionary for the model's card, JSON values.
            samples: A picture for a SavedModel's `samples.png`, uint8 `(height,
                width, channels)`.

        Raises:
            ValueError: Another format, a folder that holds something else, or a file
                of another name.

        Example:
            >>> transfer.export("happier")
            >>> transfer.export("happier.tflite", format="litert")
        """
        networks = self.inference_networks
        if format in ("litert", "onnx"):
            write = {"litert": export_litert, "onnx": export_onnx}[format]
            write(filepath, **networks, likeness=self.likeness, metadata=metadata)
        elif format == "tf_saved_model":
            export_saved_model(
                filepath,
                **networks,
                likeness=self.likeness,
                metadata=metadata,
                samples=samples,
            )
        else:
            raise ValueError(
                f"Unknown format {format!r}: expected 'tf_saved_model', 'litert' or "
                "'onnx'."
            )
