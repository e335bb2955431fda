"""What the models that are trained on labelled images share."""

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
from fer_keras.models.multi_optimizer_model import MultiOptimizerModel
from fer_keras.training.distribution import worker_count


class LabeledImageModel(MultiOptimizerModel):
    """A `keras.Model` that trains on batches of (images, labels).

    It checks the data, trains on several replicas as on one, and goes on exactly where
    an interrupted run stopped. A subclass has `image_shape`, `num_classes`, `noise` and
    `evaluation_noise`.
    """

    fits_begun = 0
    resumed_step = 0

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

    def reset_metrics(self) -> None:
        super().reset_metrics()
        # `evaluate` draws the same noise each time and leaves training's alone.
        self.evaluation_noise.reset()
