"""What the models that are trained on labelled images share."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from fer_keras.data.array_batches import split_arrays
from fer_keras.data.epoch_batches import (
    EpochBatches,
    quiet_end_of_pass,
    resumed,
)
from fer_keras.data.fit_inputs import BatchChecker, readable_errors
from fer_keras.layers import pixels
from fer_keras.layers.labels import class_weights
from fer_keras.training.distribution import worker_count
from fer_keras.training.optimizer import FusedAdam
from fer_keras.training.replicas import GlobalBatch, all_sum

_COMPILE_OPTIONS = ("run_eagerly", "steps_per_execution", "jit_compile", "scores")


def paper_optimizer() -> keras.optimizers.Optimizer:
    """Adam with learning rate 2e-4 and beta_1 0.5 (the paper, section 2.3)."""
    return FusedAdam(learning_rate=2e-4, beta_1=0.5)


class LabeledImageModel(keras.Model):
    """A `keras.Model` that trains on batches of (images, labels).

    It checks the data, trains on several replicas as on one, goes on exactly where an
    interrupted run stopped, and saves its optimizers' state.

    A subclass has `image_shape`, `num_classes`, `noise` and `evaluation_noise`. Its
    `compile` calls `compile_training`. All its weights exist once it is constructed.
    """

    fits_begun = 0
    resumed_step = 0
    scores = None
    optimizer_names: tuple[str, ...] = ()

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        shuffle: bool = True,
        balance: float = 0.0,
        validation_data: Any = None,
        validation_split: float = 0.0,
        **options: Any,
    ) -> keras.callbacks.History:
        """Trains; see `keras.Model.fit`.

        Args:
            x: A batched `tf.data.Dataset` of (images, labels), as TFDS yields it,
                or an array of images: uint8 0..255 or float -1..1.
            y: The labels when `x` is an array: ids, or one-hot or soft weights.
            batch_size: For arrays; the global batch. Default 64.
            epochs: Number of epochs.
            shuffle: Whether to shuffle arrays anew in each epoch.
            balance: For arrays: from 0, every face once an epoch, to 1, every emotion
                equally often; see `fer_keras.data.batches.make_batches`.
            validation_data: As `x`, or a pair of arrays.
            validation_split: For arrays: the share of examples, the last ones, that
                is left out of the training and validated on.
            **options: The other arguments of `keras.Model.fit`. Weights of examples
                or classes are refused; `balance` does for classes what they would.

        Raises:
            ValueError: The data has another form, or holds bad values; or an argument
                or callback asks for what this model does not do.
        """
        self._refuse_unsupported(options)
        if validation_split:
            if validation_data is not None:
                raise ValueError("Give validation_data or validation_split, not both.")
            x, y, validation_data = split_arrays(x, y, validation_split)
        first_epoch = options.pop("initial_epoch", 0)
        steps_per_epoch = options.pop("steps_per_epoch", None)
        if validation_data is not None:
            validation_data = self._from_position(self._checked(validation_data))
        with (
            readable_errors(),
            resumed(self, options.get("callbacks"), first_epoch) as (epoch, step),
            quiet_end_of_pass(options.get("validation_steps")),
        ):
            # One order for all epochs of one `fit`, another one for the next; after
            # resuming, since it follows from what was restored.
            seed = int(self.noise.state[0]) + (self.fits_begun << 32)
            self.fits_begun += 1
            # For callbacks that count steps.
            self.resumed_step = step
            train = self._checked(x, y, batch_size, seed if shuffle else None, balance)
            train = self._from_position(
                train, epoch - first_epoch, step, steps_per_epoch
            )
            return super().fit(
                train,
                epochs=epochs,
                initial_epoch=epoch,
                # The dataset is shuffled already, or in the order its user wants.
                shuffle=False,
                validation_data=validation_data,
                **options,
            )

    def _refuse_unsupported(self, options: dict[str, Any]) -> None:
        """Refuses what Keras would ignore, or answer with an error about itself."""
        for name in ("class_weight", "sample_weight"):
            if options.pop(name, None) is not None:
                raise ValueError(
                    f"{type(self).__name__} takes no {name}: to see rare emotions more "
                    "often, give fit(balance=...), from 0 to 1."
                )
        rate_callbacks = (
            keras.callbacks.LearningRateScheduler,
            keras.callbacks.ReduceLROnPlateau,
        )
        for callback in keras.tree.flatten(options.get("callbacks")):
            if isinstance(callback, rate_callbacks) and len(self.optimizer_names) > 1:
                raise ValueError(
                    f"{type(callback).__name__} sets the rate of one optimizer, and "
                    f"{type(self).__name__} has {' and '.join(self.optimizer_names)}: "
                    "compile them with a keras.optimizers.schedules schedule each."
                )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        **options: Any,
    ) -> list[float] | dict[str, float]:
        """Computes the metrics; see `keras.Model.evaluate` and `fit` for the data."""
        # Inside `fit` Keras hands over the iterator that it has made already.
        if not options.get("_use_cached_eval_dataset"):
            x = self._from_position(self._checked(x, y, batch_size))
        with readable_errors(), quiet_end_of_pass(options.get("steps")):
            return super().evaluate(x, **options)

    def _checked(self, x, y=None, batch_size=None, shuffle_seed=None, balance=0.0):
        checker = BatchChecker(self.image_shape, self.num_classes)
        return checker.dataset(x, y, batch_size, shuffle_seed, balance)

    def _from_position(self, dataset, epochs=0, steps=0, steps_per_epoch=None):
        """Returns what is left of a dataset after whole epochs and some steps."""
        return EpochBatches(
            dataset, self.distribute_strategy, epochs, steps, steps_per_epoch
        )

    def prepare(self, data: tuple) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns a batch as float32 images in [-1, 1] and float32 class weights."""
        # `train_on_batch` adds the weights of the examples, usually none.
        images, labels, *weights = data
        if any(weight is not None for weight in weights):
            raise ValueError("These models take no weights of examples.")
        return pixels.from_uint8(images), class_weights(labels, self.num_classes)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing: the model is built, and no batch may be taken.

        Keras would draw one under a strategy (which moves a seeded order on) and
        average it over the replicas, which is rejected on several workers.
        """

    def _make_function(self, step_function):
        """Mends what Keras' loop makes of a step, in two places.

        Keras learns that an epoch is over by running a step without a batch: what
        needs no batch, such as counting steps, would be done once more. So a step
        waits for its batch.

        On several workers Keras averages each result along its first axis, which a
        metric's number has not. Every replica tracks the same values, so that the
        average over one number of each replica is that number.
        """
        several_workers = worker_count(self.distribute_strategy) > 1

        def step(data):
            with tf.control_dependencies(tf.nest.flatten(data)):
                results = step_function(data)
            if several_workers:
                return tf.nest.map_structure(lambda x: x[tf.newaxis], results)
            return results

        return super()._make_function(step)

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

    def reset_metrics(self) -> None:
        super().reset_metrics()
        # `evaluate` draws the same noise each time and leaves training's alone.
        self.evaluation_noise.reset()

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
