"""Compiling and tracking of models that hold one optimizer or several."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from fer_keras.training.optimizer import FusedAdam
from fer_keras.training.replicas import GlobalBatch, all_sum

_COMPILE_OPTIONS = ("run_eagerly", "steps_per_execution", "jit_compile", "scores")


def paper_optimizer() -> keras.optimizers.Optimizer:
    """Adam with learning rate 2e-4 and beta_1 0.5 (the paper, section 2.3)."""
    return FusedAdam(learning_rate=2e-4, beta_1=0.5)


class MultiOptimizerModel(keras.Model):
    """A `keras.Model` whose training steps use optimizers and metrics of its own.

    Its optimizers' state and its `compile` arguments are saved with it. A subclass'
    `compile` calls `compile_training`, then `start_tracking`. All its weights exist
    once it is constructed.
    """

    scores = None
    optimizer_names: tuple[str, ...] = ()

    def compile_training(
        self,
        optimizers: dict[str, keras.optimizers.Optimizer],
        options: Any,
        **arguments: Any,
    ) -> None:
        """Compiles the model; the first thing that a subclass' `compile` calls.

        Args:
            optimizers: By the name of the attribute to set: what `compile` was given
                (an `Optimizer`, a name, or None for the paper's Adam) and the
                variables that it trains.
            options: The options of `keras.Model.compile` and `scores`.
            **arguments: The other arguments of `compile`, saved with the model.

        Raises:
            ValueError: An option is unknown, two networks got one optimizer, or a
                weight was made outside of the strategy's scope.
        """
        unknown = set(options) - set(_COMPILE_OPTIONS)
        if unknown:
            raise ValueError(
                f"compile() does not take {', '.join(sorted(unknown))}: losses and "
                "metrics are the paper's. Expected optimizers of this model and "
                f"{', '.join(_COMPILE_OPTIONS)}."
            )
        self._refuse_shared_optimizers(optimizers)
        self._check_scope()
        self.scores = options.get("scores")
        keras_options = {name: options[name] for name in options if name != "scores"}
        # Without `optimizer=None` Keras makes an rmsprop that nothing uses.
        super().compile(optimizer=None, **keras_options)
        self.optimizer_names = tuple(optimizers)
        for name, (given, variables) in optimizers.items():
            optimizer = self._scaled_for_float16(given or paper_optimizer())
            # Slots are made now: an optimizer without them is skipped on restoring.
            optimizer.build(variables)
            setattr(self, name, optimizer)
        self._compile_arguments = {
            **{name: getattr(self, name) for name in optimizers},
            **arguments,
            **options,
        }

    def _refuse_shared_optimizers(self, optimizers):
        given = [optimizer for optimizer, _ in optimizers.values()]
        objects = [one for one in given if isinstance(one, keras.optimizers.Optimizer)]
        if len({id(one) for one in objects}) < len(objects):
            raise ValueError(
                f"{' and '.join(optimizers)} are the same optimizer: expected one for "
                "each, since its moments belong to the weights that it was built for."
            )

    def _scaled_for_float16(self, optimizer):
        """Wraps an optimizer for loss scaling where float16 needs it."""
        optimizer = keras.optimizers.get(optimizer)
        wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        if self.compute_dtype == "float16" and not wrapped:
            return keras.optimizers.LossScaleOptimizer(optimizer)
        return optimizer

    def _check_scope(self):
        """Refuses weights that every replica would change for itself."""
        strategy = self.distribute_strategy
        if strategy.num_replicas_in_sync == 1:
            return
        outside = [
            variable.path
            for variable in self.variables
            if not strategy.extended.variable_created_in_scope(variable.value)
        ]
        if outside:
            raise ValueError(
                f"{len(outside)} of the model's weights ({outside[0]}, ...) were made "
                "outside of the strategy under which it was constructed: expected "
                "networks, augmentation and model made within one strategy.scope()."
            )

    def start_tracking(self, names: Sequence[str]) -> None:
        """Makes one running mean per metric."""
        self._trackers = {name: keras.metrics.Mean(name=name) for name in names}
        score_names = self.scores.names if self.scores else ()
        self._score_trackers = {
            name: keras.metrics.Mean(name=name) for name in score_names
        }

    @property
    def metrics(self) -> list:
        if not self.compiled:
            return []
        return [*self._trackers.values(), *self._score_trackers.values()]

    def track(
        self, logs: dict[str, tf.Tensor], batch: GlobalBatch
    ) -> dict[str, tf.Tensor]:
        """Adds each replica's shares up and returns the running means per example."""
        return _updated(self._trackers, logs, batch)

    def track_scores(
        self, images: tf.Tensor, made: tf.Tensor, labels: tf.Tensor, batch: GlobalBatch
    ) -> dict[str, tf.Tensor]:
        """Does the same for what `compile(scores=...)` asked for."""
        if not self._score_trackers:
            return {}
        shares = self.scores(images, made, labels, batch)
        return _updated(self._score_trackers, shares, batch)

    def get_compile_config(self) -> dict | None:
        if not self.compiled:
            return None
        return keras.saving.serialize_keras_object(self._compile_arguments)

    def compile_from_config(self, config: dict) -> None:
        config = keras.saving.deserialize_keras_object(config)
        self.compile(**config)


def _updated(trackers, logs, batch):
    # One sum over the replicas for all of them; every replica then tracks the same
    # values, so that any reduction of the results is right.
    values = tf.unstack(all_sum(tf.stack([logs[name] for name in trackers])))
    for tracker, value in zip(trackers.values(), values, strict=True):
        tracker.update_state(value, sample_weight=tf.cast(batch.size, tf.float32))
    return {name: tracker.result() for name, tracker in trackers.items()}


def descend(
    optimizer: keras.optimizers.Optimizer,
    tape: tf.GradientTape,
    loss: tf.Tensor,
    variables: list,
) -> None:
    """Takes one step of an optimizer down a loss that a tape has recorded.

    Args:
        optimizer: May scale the loss, as float16 needs it.
        tape: The `tf.GradientTape`, still recording.
        loss: A scalar.
        variables: What the optimizer was built for.
    """
    with tape:
        scaled_loss = optimizer.scale_loss(loss)
    optimizer.apply(tape.gradient(scaled_loss, variables), variables)
