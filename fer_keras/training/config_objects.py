"""Constructor arguments that are Keras objects, kept in the configuration."""

from typing import Self

import keras


class ConfigObjectsMixin:
    """Serialises the constructor arguments that `config_objects` names.

    The other arguments are added by the subclass' `get_config`.
    """

    config_objects: tuple[str, ...] = ()

    def get_config(self) -> dict:
        objects = {name: getattr(self, name) for name in self.config_objects}
        return {
            **super().get_config(),
            **{k: keras.saving.serialize_keras_object(v) for k, v in objects.items()},
        }

    @classmethod
    def from_config(cls, config: dict) -> Self:
        objects = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in cls.config_objects
        }
        return cls(**{**config, **objects})
