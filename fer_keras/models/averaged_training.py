"""What the trainings of the judges share: the average, the means, the saved state."""

import keras
import tensorflow as tf

from fer_keras.training.weight_average import WeightAverage


class AveragedTraining(keras.Model):
    """Trains a network and calls, evaluates and predicts with its running average.

    A subclass has `train_step` and `test_step`, names its metrics in `tracked` and
    its constructor's objects in `parts`. All weights exist once it is constructed.

    Args:
        network: The network to train.
        average_decay: Share of the `WeightAverage` that a step keeps.
    """

    tracked = ("loss",)
    parts = ()

    def __init__(self, network, average_decay, **kwargs):
        super().__init__(**kwargs)
        self.average_decay = average_decay
        self.average = WeightAverage(network, decay=average_decay)
        self._trained = network
        self.built = True

    def compile(self, optimizer=None, **options):
        """Sets the optimizer (default: AdamW, 2e-3); see `keras.Model.compile`."""
        self._compile_arguments = {"optimizer": optimizer, **options}
        super().compile(optimizer=optimizer or keras.optimizers.AdamW(2e-3), **options)
        # Restoring skips the moments of an optimizer that is not built.
        self.optimizer.build(self._trained.trainable_variables)
        self._means = {name: keras.metrics.Mean(name=name) for name in self.tracked}

    def get_compile_config(self):
        return keras.saving.serialize_keras_object(self._compile_arguments)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    @property
    def metrics(self):
        return list(self._means.values()) if self.compiled else []

    def call(self, inputs, training=False):
        return self.average.network(inputs, training=False)

    def descend(self, tape: tf.GradientTape, loss):
        """Takes one step down the loss and moves the average."""
        variables = self._trained.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        self.average.update(self._trained)

    def track(self, **values):
        """Adds each image's values to the running means and returns these."""
        for name, value in values.items():
            self._means[name].update_state(value)
        return {name: mean.result() for name, mean in self._means.items()}

    def save_own_variables(self, store):
        # Keras leaves the states of random numbers out, and a resumed training
        # would draw the first epoch's again.
        for index, state in enumerate(self._random_states()):
            store[str(index)] = state.numpy()

    def load_own_variables(self, store):
        for index, state in enumerate(self._random_states()):
            state.assign(store[str(index)])

    def _random_states(self):
        return [v for v in self.variables if v.path.endswith("seed_generator_state")]

    def get_config(self):
        objects = {name: getattr(self, name) for name in self.parts}
        return {
            **super().get_config(),
            **{k: keras.saving.serialize_keras_object(v) for k, v in objects.items()},
            "average_decay": self.average_decay,
        }

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        return cls(**{**config, **{k: deserialize(config[k]) for k in cls.parts}})
