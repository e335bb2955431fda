"""The protocol: models beside controls, by fixed judges, with intervals.

`fer_keras.metrics` holds the measures; here they are put to work on a split and the
results stand side by side. `fer-keras evaluate` calls it.
"""

from fer_keras.evaluation.candidates import (
    Candidate,
    Model,
    model_of,
    model_path,
    open_model,
    sha256_of_model,
)
from fer_keras.evaluation.evaluator import Evaluator, fixed_sample
from fer_keras.evaluation.observations import PROTOCOL, JudgeSet
from fer_keras.evaluation.protocol import Evaluation, evaluate
from fer_keras.evaluation.published import PublishedPictures

__all__ = [
    "PROTOCOL",
    "Candidate",
    "Evaluation",
    "Evaluator",
    "JudgeSet",
    "Model",
    "PublishedPictures",
    "evaluate",
    "fixed_sample",
    "model_of",
    "model_path",
    "open_model",
    "sha256_of_model",
]
