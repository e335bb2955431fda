"""The options of a training run: their defaults, their help, their record."""

import argparse

from fer_keras.cli.recipes import RECIPES

# name -> (default, type, help). The defaults are the paper's.
OPTIONS = {
    "data": (
        "synthetic",
        str,
        "the Kaggle archive, its CSV, a folder with one, a TFDS data directory, or "
        "synthetic for drawn faces",
    ),
    "limit": (0, int, "train on the first so many faces only, to try things; 0: all"),
    "epochs": (50, int, "epochs of G and D"),
    "encoder_epochs": (20, int, "epochs of E"),
    "batch_size": (64, int, "faces in a step, over all devices"),
    "width": (64, int, "filters of the first convolution"),
    "latent_dim": (100, int, "length of z"),
    "kernel_size": (5, int, "side of the kernels"),
    "generator_steps": (1, int, "updates of G per update of D"),
    "learning_rate": (2e-4, float, "Adam's learning rate"),
    "beta_1": (0.5, float, "Adam's first decay rate"),
    "discriminator_learning_rate": (0.0, float, "of D alone; 0: learning_rate"),
    "conditioning": ("planes", str, "how G is told the label: planes or normalization"),
    "projection": (False, bool, "tell D the label by projection"),
    "classifier_weight": (
        0.0,
        float,
        "have D name the emotion, with this weight, and G be recognised (in the finish "
        "with weights of its own); needs --projection",
    ),
    "augment": (False, bool, "flip, shift and light all that D sees"),
    "average_decay": (
        0.0,
        float,
        "use an average of G's weights, in the finish of E's too; 0: the last ones",
    ),
    "balance": (0.0, float, "0: the data's emotions, 1: all equally often"),
    "encoder_learning_rate": (0.0, float, "of E alone; 0: learning_rate"),
    "encoder_beta_1": (-1.0, float, "of E alone; -1: beta_1"),
    "objective": ("image", str, "of E: image, latent or both"),
    "latent_weight": (1.0, float, "weight of the latent term in both"),
    "feature_weight": (0.0, float, "of E's loss in D's features"),
    "finish_epochs": (
        0,
        int,
        "epochs of the finish: E, G and D together, on the transfer",
    ),
    "finish_batch_size": (32, int, "faces in a step of the finish"),
    "transfer_classifier_weight": (
        1.0,
        float,
        "in the finish, of changed faces being recognised as their new emotion",
    ),
    "noise_classifier_weight": (
        1.0,
        float,
        "in the finish, of faces drawn from noise being recognised",
    ),
    "anchor_weight": (
        0.0,
        float,
        "in the finish, of faces from noise staying as they were",
    ),
    "finish_decay": (False, bool, "let the learning rate fall to 0 over the finish"),
    "precision": ("float32", str, "float32, mixed_bfloat16 or mixed_float16"),
    "strategy": ("auto", str, "auto, mirrored, multiworker or none"),
    "seed": (0, int, "for weights, noise and the order of the data"),
    "sample_every": (100, int, "batches between two grids of samples"),
    "export_every": (10, int, "epochs between two SavedModels"),
    "checkpoint_every": (200, int, "batches between two checkpoints"),
}
CHOICES = {
    "conditioning": ("planes", "normalization"),
    "objective": ("image", "latent", "both"),
    "precision": ("float32", "mixed_bfloat16", "mixed_float16"),
    "strategy": ("auto", "mirrored", "multiworker", "none"),
}
# A run may be made longer, but for a finish whose rate has fallen to 0; anything else
# would make it another run.
LENGTHS = ("epochs", "encoder_epochs", "finish_epochs")
# What only E, G and D together have.
FINISH = (
    "finish_epochs",
    "finish_batch_size",
    "transfer_classifier_weight",
    "noise_classifier_weight",
    "anchor_weight",
    "finish_decay",
)
_POSITIVE = (
    "batch_size",
    "finish_batch_size",
    "width",
    "latent_dim",
    "kernel_size",
    "generator_steps",
    "learning_rate",
    "sample_every",
    "export_every",
    "checkpoint_every",
)
_NOT_NEGATIVE = (
    "epochs",
    "encoder_epochs",
    "finish_epochs",
    "limit",
    "seed",
    "discriminator_learning_rate",
    "encoder_learning_rate",
    "classifier_weight",
    "latent_weight",
    "feature_weight",
    "transfer_classifier_weight",
    "noise_classifier_weight",
    "anchor_weight",
)


def add_run_options(parser):
    """Adds every option; what is not given stays None, so that a record can fill it."""
    parser.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
        help="whose options to take where none are given (default paper)",
    )
    for name, (default, kind, text) in OPTIONS.items():
        flag = _flag(name)
        if kind is bool:
            # No default, so that a recipe or a record can fill it.
            parser.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=None, help=text
            )
            continue
        parser.add_argument(
            flag,
            type=kind,
            choices=CHOICES.get(name),
            metavar=None if name in CHOICES else kind.__name__.upper(),
            help=f"{text} (default {default})",
        )


def given(arguments) -> dict:
    """Returns the options that the user named."""
    values = {name: getattr(arguments, name) for name in OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def complete(options: dict, recipe: str = "paper") -> dict:
    """Fills in the recipe's options and the defaults, and checks the numbers.

    Raises:
        ValueError: A number is out of its range.
    """
    defaults = {name: default for name, (default, *_) in OPTIONS.items()}
    options = defaults | RECIPES[recipe] | options
    for name in _POSITIVE:
        if not options[name] > 0:
            raise ValueError(f"{_flag(name)} must be above 0, got {options[name]}.")
    for name in _NOT_NEGATIVE:
        # Not `< 0`, which NaN is not either.
        if not options[name] >= 0:
            raise ValueError(f"{_flag(name)} must be 0 or more, got {options[name]}.")
    for name in ("beta_1", "average_decay"):
        if not 0 <= options[name] < 1:
            raise ValueError(f"{_flag(name)} must be in [0, 1), got {options[name]}.")
    if options["encoder_beta_1"] != -1 and not 0 <= options["encoder_beta_1"] < 1:
        raise ValueError(
            "--encoder-beta-1 must be in [0, 1), or -1 for that of G and D, got "
            f"{options['encoder_beta_1']}."
        )
    if not 0 <= options["balance"] <= 1:
        raise ValueError(f"--balance must be in [0, 1], got {options['balance']}.")
    return options


def check_models(options: dict):
    """Refuses options that would fail only after hours, when a later model is made.

    Args:
        options: Complete ones of a run that trains G and D, or E.

    Raises:
        ValueError: Two options exclude each other.
    """
    if options["classifier_weight"] and not options["projection"]:
        raise ValueError(
            "--classifier-weight needs a D that is told the label by projection: give "
            "--projection too, or --classifier-weight 0."
        )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
