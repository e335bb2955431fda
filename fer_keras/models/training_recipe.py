"""What the classifiers and the identity encoder are trained with."""

import math

import keras


def one_cycle_adamw(
    images: int, batch_size: int, epochs: int, learning_rate: float, weight_decay: float
) -> keras.optimizers.Optimizer:
    """Returns AdamW whose rate rises over the first tenth and falls to 0 as a cosine.

    Args:
        images: Training images of an epoch.
        batch_size: Images of a step.
        epochs: Number of epochs; the rate reaches 0 at the end of the last.
        learning_rate: The largest rate.
        weight_decay: Decoupled, of kernels only: not of biases and normalisation.

    Reference:
        Loshchilov and Hutter 2017 (cosine), 2019 (decoupled weight decay).
    """
    steps = math.ceil(images / batch_size) * epochs
    rise = max(1, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 20,
        decay_steps=max(1, steps - rise),
        warmup_target=learning_rate,
        warmup_steps=rise,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    return optimizer
