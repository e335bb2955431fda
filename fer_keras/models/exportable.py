"""`export` of the models that become SavedModels."""


class Exportable:
    """Gives a Keras model an `export` that needs neither Keras nor this package."""

    def export(self, filepath, format="tf_saved_model", metadata=None):
        """Writes a SavedModel; see `fer_keras.export.export_saved_model`.

        Args:
            filepath: The folder; an earlier SavedModel there is replaced.
            format: Only "tf_saved_model".
            metadata: Dictionary for the model's `card.json`.

        Raises:
            ValueError: Another format, or a folder that holds something else.

        Example:
            >>> transfer.export("happier")
        """
        if format != "tf_saved_model":
            raise ValueError(
                f"Unknown format {format!r}: these models export 'tf_saved_model'."
            )
        # `export` builds on the models.
        from fer_keras.export import export_saved_model

        export_saved_model(self, filepath, metadata)
