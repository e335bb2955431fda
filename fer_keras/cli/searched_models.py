"""The models of a search, with their options named as `fer-keras train` names them."""

from fer_keras.layers import SharedAugmentation
from fer_keras.tuning import GanHyperModel, InverterHyperModel

# With `train`, 0 is how to say that they are not used.
_UNUSED_AT_0 = ("average_decay", "discriminator_learning_rate")


class _NamedAsInTraining:
    """Mixed into a hypermodel.

    Args:
        *arguments: The hypermodel's.
        usual: What `fer-keras train` would take where an option is not given: the
            values of the search's first trial.
        **options: The hypermodel's.
    """

    model_names = {"precision": "dtype"}

    def __init__(self, *arguments, usual, **options):
        super().__init__(*arguments, **options)
        self._usual = usual

    def default(self, name):
        value = self._usual.get(name)
        unknown = value is None or (name in _UNUSED_AT_0 and not value)
        return super().default(name) if unknown else value

    def options(self, hp):
        return {
            self.model_names.get(name, name): value
            for name, value in super().options(hp).items()
            if not (name in _UNUSED_AT_0 and value == 0)
        }


class SearchedGan(_NamedAsInTraining, GanHyperModel):
    """A `GanHyperModel` that takes the options of `fer-keras train` too."""

    def options(self, hp):
        options = super().options(hp)
        if "augment" in options:
            seed = options.get("seed", self.seed)
            augment = options.pop("augment")
            options["augmentation"] = SharedAugmentation(seed=seed) if augment else None
        if "classifier_weight" in options:
            options.setdefault("classifier", options["classifier_weight"] > 0)
        return options


class SearchedInverter(_NamedAsInTraining, InverterHyperModel):
    """An `InverterHyperModel` that takes the options of `fer-keras train` too."""

    model_names = {"precision": "dtype"}
