"""Measures of generation, inversion and transfer: pure functions of arrays."""

from fer_keras.metrics.bootstrap import (
    BootstrapInterval,
    bootstrap_difference,
    bootstrap_mean,
    bootstrap_statistic,
)
from fer_keras.metrics.classification import (
    accuracy,
    class_hit_rates,
    confusion_matrix,
)
from fer_keras.metrics.controls import (
    ClassMeanFaces,
    best_blend_weight,
    blend_with_mean_face,
    mean_face_of_target,
    random_latent_faces,
    unchanged_face,
)
from fer_keras.metrics.density_and_coverage import (
    BallCounts,
    DensityAndCoverage,
    ball_counts,
    density_and_coverage,
)
from fer_keras.metrics.face_regions import mouth_and_brows
from fer_keras.metrics.feature_cosine import feature_cosine
from fer_keras.metrics.feature_statistics import FeatureStatistics
from fer_keras.metrics.frechet_distance import (
    frechet_distance,
    frechet_distance_from_statistics,
)
from fer_keras.metrics.kernel_distance import (
    KernelDistance,
    kernel_distance,
    kernel_distance_over_subsets,
)
from fer_keras.metrics.linear_probe import (
    LinearProbe,
    fit_linear_probe,
    linear_probe,
)
from fer_keras.metrics.nearest_neighbours import (
    MemorisationScore,
    NearestNeighbours,
    memorisation_score,
    nearest_neighbour_distances,
    nearest_neighbours,
)
from fer_keras.metrics.pixel_error import (
    mean_squared_error,
    peak_signal_to_noise_ratio,
)
from fer_keras.metrics.principal_components import PrincipalComponents
from fer_keras.metrics.retrieval import rank_k, retrieval_ranks
from fer_keras.metrics.structural_similarity import structural_similarity
from fer_keras.metrics.transfer_scores import (
    harmonic_mean,
    judged_as,
    relative_hit,
    source_kept,
    transfer_matrix,
    transfer_pairs,
)

__all__ = [
    "BallCounts",
    "BootstrapInterval",
    "ClassMeanFaces",
    "DensityAndCoverage",
    "FeatureStatistics",
    "KernelDistance",
    "LinearProbe",
    "MemorisationScore",
    "NearestNeighbours",
    "PrincipalComponents",
    "accuracy",
    "ball_counts",
    "best_blend_weight",
    "blend_with_mean_face",
    "bootstrap_difference",
    "bootstrap_mean",
    "bootstrap_statistic",
    "class_hit_rates",
    "confusion_matrix",
    "density_and_coverage",
    "feature_cosine",
    "fit_linear_probe",
    "frechet_distance",
    "frechet_distance_from_statistics",
    "harmonic_mean",
    "judged_as",
    "kernel_distance",
    "kernel_distance_over_subsets",
    "linear_probe",
    "mean_face_of_target",
    "mean_squared_error",
    "memorisation_score",
    "mouth_and_brows",
    "nearest_neighbour_distances",
    "nearest_neighbours",
    "peak_signal_to_noise_ratio",
    "random_latent_faces",
    "rank_k",
    "relative_hit",
    "retrieval_ranks",
    "source_kept",
    "structural_similarity",
    "transfer_matrix",
    "transfer_pairs",
    "unchanged_face",
]
