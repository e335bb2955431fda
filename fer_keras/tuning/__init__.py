"""KerasTuner searches for both models: over learning rate, beta_1 and any option."""

from fer_keras.tuning.hypermodels import (
    FaceHyperModel,
    GanHyperModel,
    InverterHyperModel,
)
from fer_keras.tuning.objectives import checked_objective
from fer_keras.tuning.plot import search_plot
from fer_keras.tuning.results import (
    best_row,
    failure_reason,
    results_table,
    trial_line,
    trial_rows,
    write_plot,
    write_results,
)
from fer_keras.tuning.tuner import ALGORITHMS, make_tuner

__all__ = [
    "ALGORITHMS",
    "FaceHyperModel",
    "GanHyperModel",
    "InverterHyperModel",
    "best_row",
    "checked_objective",
    "failure_reason",
    "make_tuner",
    "results_table",
    "search_plot",
    "trial_line",
    "trial_rows",
    "write_plot",
    "write_results",
]
