"""Keras callbacks: pictures, SavedModels and checkpoints while a model trains."""

from fer_keras.callbacks.sample_grid import SampleGrid
from fer_keras.callbacks.saved_model_export import SavedModelExport
from fer_keras.callbacks.stop_on_bad_numbers import (
    StopOnBadNumbers,
    TrainingDivergedError,
)
from fer_keras.callbacks.training_checkpoint import TrainingCheckpoint
from fer_keras.callbacks.transfer_grid import TransferGrid

__all__ = [
    "SampleGrid",
    "SavedModelExport",
    "StopOnBadNumbers",
    "TrainingCheckpoint",
    "TrainingDivergedError",
    "TransferGrid",
]
