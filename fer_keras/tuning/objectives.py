"""What a search may compare: the evaluation's scores, never a GAN's loss."""

import keras_tuner


def checked_objective(hypermodel, objective=None) -> keras_tuner.Objective:
    """Returns what a search compares, with its direction.

    Args:
        hypermodel: A `FaceHyperModel`.
        objective: A name such as `"val_kernel_distance"`, a `keras_tuner.Objective`
            (for scores of your own, whose direction is not known), or None for the
            hypermodel's default.

    Raises:
        ValueError: It is not one of the hypermodel's scores on validation data (a
            GAN's losses and D's accuracies are not), or is turned the wrong way.

    Example:
        >>> checked_objective(GanHyperModel(), "val_label_accuracy").direction
        'max'
    """
    objective = objective or hypermodel.default_objective
    given = None
    if isinstance(objective, keras_tuner.Objective):
        given, objective = objective.direction, objective.name
    allowed = [f"val_{name}" for name in hypermodel.score_names]
    if objective not in allowed:
        raise ValueError(
            f"The objective {objective!r} does not rank models: losses and "
            "accuracies of a GAN say how G and D stand to each other, not how good "
            f"faces are. Expected one of {', '.join(allowed)}."
        )
    known = hypermodel.directions.get(objective.removeprefix("val_"))
    if not (known or given):
        raise ValueError(
            f"Whether more or less of {objective} is better is not known: pass "
            f'keras_tuner.Objective("{objective}", "min") or "max".'
        )
    if known and given and known != given:
        raise ValueError(f"{objective} is better at its {known}, not its {given}.")
    return keras_tuner.Objective(objective, known or given)
