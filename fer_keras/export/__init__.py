"""Models for programs that have neither Keras nor this package."""

from fer_keras.export.portable import export_litert, export_onnx
from fer_keras.export.saved_model import export_saved_model

__all__ = ["export_litert", "export_onnx", "export_saved_model"]
