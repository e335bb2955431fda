"""The options of a training, each in one place, and the recipes made of them.

An option is a field of `TrainingOptions`: its default, its range and its help stand
there. The command line is built from the fields, `run.json` records them, and a model
is given those that its constructor, `compile` and `fit` name. To add one, add its field
and use it.
"""

import dataclasses
import inspect
from collections.abc import Callable

from fer_keras.option_fields import check_values, option

PHASES = ("gan", "encoder", "joint")
"""What may be trained: G and D; E for that G; or E, G and D together."""

LENGTHS = ("epochs", "encoder_epochs", "joint_epochs")
"""Options that a run may be given more of when it is resumed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """All options of a training. The defaults are the paper's.

    A name that begins with a phase's (`encoder_epochs`, `joint_vector_dim`) is for that
    phase alone, which knows it without the prefix (`epochs`, `vector_dim`).

    Raises:
        ValueError: A value has another type, is out of its range, or excludes another.

    Example:
        >>> options = TrainingOptions(width=32, encoder_epochs=8)
        >>> options.of_phase("encoder")["epochs"]
        8
    """

    phase: str = option(
        "all",
        "what to train: gan (G and D), encoder (E for a trained G), all (gan, then "
        "encoder: the paper's way), or joint (E, G and D together)",
        "phases",
        choices=("all", *PHASES),
    )
    start: str | None = option(
        None,
        "what to go on from: for --phase encoder a run or gan.keras whose G to invert; "
        "for --phase joint a run with a trained E; or a preset",
        "phases",
    )

    data: str = option(
        "synthetic",
        "FER2013 in any form, a folder with a folder of pictures per class, a TFDS "
        "data directory, or synthetic for drawn faces",
        "data",
    )
    labels: str = option(
        "fer2013",
        "FER2013's own labels, or those of fer2013new.csv beside it",
        "data",
        choices=("fer2013", "ferplus", "ferplus_soft"),
    )
    limit: int | None = option(
        None, "train on the first so many faces only, to try things", "data", above=0
    )
    balance: float = option(
        0.0, "0: the data's emotions, 1: all equally often", "data", least=0, most=1
    )

    width: int = option(
        64,
        "filters of the first convolution (joint: at a quarter of the size)",
        "networks",
        above=0,
    )
    latent_dim: int = option(100, "length of z", "networks", above=0)
    kernel_size: int = option(5, "side of the kernels", "networks", above=0)
    projection: bool = option(False, "tell D the label by projection", "networks")
    average_decay: float | None = option(
        None,
        "share of an average of the weights that a step keeps; the average then draws",
        "networks",
        above=0,
        below=1,
    )
    augment: bool = option(False, "flip, shift and light all that D sees", "networks")

    epochs: int = option(50, "epochs of G and D", "training", least=0)
    batch_size: int = option(
        64, "faces in a step, over all devices", "training", above=0
    )
    learning_rate: float = option(2e-4, "Adam's learning rate", "training", above=0)
    discriminator_learning_rate: float | None = option(
        None, "of D alone (default: --learning-rate)", "training", above=0
    )
    beta_1: float = option(
        0.5, "Adam's decay rate of the gradient's mean", "training", least=0, below=1
    )
    classifier_weight: float = option(
        0.0,
        "have D name the emotion, with this weight, and G be recognised; needs "
        "--projection",
        "training",
        least=0,
    )

    encoder_epochs: int = option(20, "epochs of E", "encoder", least=0)
    encoder_objective: str = option(
        "image",
        "image: G(E(x)|y) is to be x; latent: E(G(z|y)) is to be z; or both",
        "encoder",
        choices=("image", "latent", "both"),
    )

    joint_epochs: int = option(15, "epochs of E, G and D together", "joint", least=0)
    joint_decay: float = option(
        0.0,
        "share of the epochs, the last ones, in which the rate falls to 0",
        "joint",
        least=0,
        most=1,
    )
    joint_teacher_epochs: int = option(
        14,
        "epochs of the classifier that tells G how well edits show their emotion, "
        "trained first; 0: none",
        "joint",
        least=0,
    )
    joint_vector_dim: int = option(128, "length of z's vector", "joint", above=0)
    joint_map_channels: int = option(8, "channels of z's map", "joint", above=0)
    joint_discriminator_width: int = option(48, "D's --width", "joint", above=0)
    joint_likeness: float = option(
        1.0, "how much of its source's pixels an edit keeps", "joint", least=0
    )
    joint_image_weight: float = option(
        75.0, "of the reconstruction's error", "joint", least=0
    )
    joint_change_weight: float = option(
        6.0, "of the edit's difference to its source", "joint", least=0
    )
    joint_consistency_weight: float = option(
        0.5, "of E seeing the same z in the edit", "joint", least=0
    )
    joint_latent_weight: float = option(
        1.0, "of E seeing its z in a face from noise", "joint", least=0
    )
    joint_prior_weight: float = option(
        25.0, "of faces from noise having z as E has it", "joint", least=0
    )
    joint_teacher_weight: float = option(
        0.75, "of the teacher's judgement", "joint", least=0
    )

    precision: str = option(
        "float32",
        "of the arithmetic; the weights are float32. auto: mixed_bfloat16 where the "
        "processor has AMX, else float32",
        "run",
        choices=("float32", "mixed_bfloat16", "mixed_float16", "auto"),
    )
    strategy: str = option(
        "auto",
        "how the work is spread over devices",
        "run",
        choices=("auto", "mirrored", "multiworker", "none"),
    )
    seed: int = option(
        0, "for weights, noise and the order of the data", "run", least=0
    )
    sample_every: int = option(
        100, "batches between two grids of samples", "run", above=0
    )
    export_every: int = option(10, "epochs between two SavedModels", "run", above=0)
    checkpoint_every: int = option(
        200, "batches between two checkpoints", "run", above=0
    )

    def __post_init__(self):
        check_values(self)
        if self.classifier_weight and not self.projection:
            raise ValueError(
                "classifier_weight needs a D that is told the label by projection: "
                "give --projection too, or --classifier-weight 0."
            )
        if self.phase == "encoder" and not self.start:
            raise ValueError("--phase encoder needs --start PATH: whose G to invert.")
        if self.phase in ("all", "gan") and self.start:
            raise ValueError("--start PATH goes with --phase encoder or joint.")

    def of_phase(self, phase: str) -> dict:
        """Returns the options as a phase sees them, its own without their prefix.

        Args:
            phase: "gan", "encoder" or "joint".
        """
        values = dataclasses.asdict(self)
        own = {
            name.removeprefix(f"{phase}_"): value
            for name, value in values.items()
            if name.startswith(f"{phase}_") and value is not None
        }
        return {**values, **own}

    def with_phase_options(self, phase: str, values: dict) -> "TrainingOptions":
        """Returns options with other values for a phase.

        Args:
            phase: As for `of_phase`.
            values: Values by the names that `of_phase` gives, such as "learning_rate",
                of which another phase may have its own.

        Raises:
            ValueError: There is no such option, or a value does not fit it.
        """
        names = {field.name for field in dataclasses.fields(self)}
        own = {
            f"{phase}_{name}" if f"{phase}_{name}" in names else name: value
            for name, value in values.items()
        }
        unknown = sorted(set(own) - names)
        if unknown:
            raise ValueError(
                f"There is no option {unknown[0]!r} of a training: expected one of "
                f"{', '.join(sorted(names))}."
            )
        return dataclasses.replace(self, **own)

    def arguments_for(self, call: Callable, phase: str) -> dict:
        """Returns the options that a function names as parameters.

        Args:
            call: The function, such as `ConditionalDCGAN.compile`.
            phase: As for `of_phase`.
        """
        values = self.of_phase(phase)
        parameters = inspect.signature(call).parameters
        return {name: values[name] for name in parameters if name in values}


RECIPES = {
    "paper": TrainingOptions(),
    # What speaks for it, measured on `validation`: docs/recipe.md.
    "plus": TrainingOptions(
        phase="joint",
        kernel_size=4,
        projection=True,
        classifier_weight=1.0,
        augment=True,
        average_decay=0.999,
        balance=0.5,
        learning_rate=4e-4,
        discriminator_learning_rate=2e-4,
        joint_decay=0.3,
    ),
}
"""Options under a name, as `fer-keras train --recipe NAME` takes them."""
