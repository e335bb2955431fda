"""The protocol: models beside controls, by fixed judges, with intervals.

`fer_keras.metrics` holds the measures; here they are put to work on a split, in
batches, and the results side by side. `fer-keras evaluate` calls it.
"""

from fer_keras.evaluation.candidate import (
    Candidate,
    GeneratorCandidate,
    TransferCandidate,
)
from fer_keras.evaluation.evaluation import Evaluation, evaluate
from fer_keras.evaluation.evaluator import Evaluator
from fer_keras.evaluation.opening import candidate_of, open_candidate
from fer_keras.evaluation.panel import JudgePanel
from fer_keras.evaluation.published import PublishedTransfers
from fer_keras.evaluation.store import PROTOCOL, MeasurementStore

__all__ = [
    "PROTOCOL",
    "Candidate",
    "Evaluation",
    "Evaluator",
    "GeneratorCandidate",
    "JudgePanel",
    "MeasurementStore",
    "PublishedTransfers",
    "TransferCandidate",
    "candidate_of",
    "evaluate",
    "open_candidate",
]
