"""A search's fixed options, and the command that trains with what it found."""

import json
import shlex

from fer_keras.cli.recipes import RECIPES
from fer_keras.cli.run_options import FINISH
from fer_keras.cli.run_options import OPTIONS as TRAINING
from fer_keras.cli.tune_options import parsed_value

# Options of `fer-keras train` for E alone, for all phases, and those of no search.
_OF_ENCODER = (
    "objective",
    "latent_weight",
    "feature_weight",
)
_OF_ALL = ("balance",)
_LEFT_OUT = (
    "epochs",
    "encoder_epochs",
    "encoder_learning_rate",
    "encoder_beta_1",
    *FINISH,
)


def fixed_options(options: dict) -> dict:
    """Returns what all trials of a search share.

    Args:
        options: The search's, complete.

    Returns:
        Option names, those of `fer-keras train` among them, and values: the recipe's,
        then those of the search, then those of `--set`.
    """
    of_encoder = options["model"] == "encoder"
    recipe = {
        name: value
        for name, value in RECIPES[options["recipe"]].items()
        if ((name in _OF_ENCODER) == of_encoder and name not in _LEFT_OUT)
        or name in _OF_ALL
    }
    names = ["precision", "batch_size", "seed"] + ["width"] * (not of_encoder)
    named = {name: options[name] for name in names}
    return {**recipe, **named, **dict(parsed_value(text) for text in options["set"])}


def usual_options(recipe: str, model: str = "gan") -> dict:
    """Returns the options of `fer-keras train` where only the recipe is named.

    Args:
        recipe: Its name.
        model: "gan" or "encoder", whose learning rate and beta_1 those are to be.
    """
    usual = {name: default for name, (default, *_) in TRAINING.items()}
    usual |= RECIPES[recipe]
    if model == "encoder":
        usual["learning_rate"] = (
            usual["encoder_learning_rate"] or usual["learning_rate"]
        )
        if usual["encoder_beta_1"] >= 0:
            usual["beta_1"] = usual["encoder_beta_1"]
    return usual


def training_command(options: dict, values: dict) -> str:
    """Returns the command that trains with a trial's values.

    Args:
        options: The search's, complete.
        values: The trial's hyperparameters.
    """
    named = {"data": options["data"], **fixed_options(options)}
    named |= {n: v for n, v in values.items() if not n.startswith("tuner/")}
    if "discriminator_learning_rate" in named:
        # `train` has one rate for both, which D's own overrides.
        rate = named.pop("generator_learning_rate", None)
        named |= {} if rate is None else {"learning_rate": rate}
    if options["model"] == "encoder":
        # A recipe may have its own for E, which these are to override.
        for name in ("learning_rate", "beta_1"):
            if name in named:
                named[f"encoder_{name}"] = named.pop(name)
    words = ["fer-keras", "train", "--run", "runs/NAME", "--phase", options["model"]]
    if options["gan"]:
        words += ["--gan", options["gan"]]
    if options["recipe"] != "paper":
        words += ["--recipe", options["recipe"]]
    usual = usual_options(options["recipe"])
    others = {}
    for name, value in named.items():
        if name not in TRAINING:
            others[name] = value
        elif value != usual[name]:
            words += _words(name, value)
    command = shlex.join(words)
    if others:
        command += (
            "\nIt has no option for these, which are arguments of the model or of its "
            f"optimizers in Python:\n{json.dumps(others)}"
        )
    return command


def _words(name, value):
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    return [flag, f"{value:.4g}" if isinstance(value, float) else str(value)]
