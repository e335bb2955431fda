"""The options of a training run: their defaults, their help, their record."""

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
    "objective": ("image", str, "of E: image, latent or both"),
    "latent_weight": (1.0, float, "weight of the latent term in both"),
    "conditional_encoder": (False, bool, "give E the label too, as the authors' code"),
    "precision": ("float32", str, "float32, mixed_bfloat16 or mixed_float16"),
    "strategy": ("auto", str, "auto, mirrored, multiworker or none"),
    "seed": (0, int, "for weights, noise and the order of the data"),
    "sample_every": (100, int, "batches between two grids of samples"),
    "export_every": (10, int, "epochs between two SavedModels"),
    "checkpoint_every": (200, int, "batches between two checkpoints"),
}
CHOICES = {
    "objective": ("image", "latent", "both"),
    "precision": ("float32", "mixed_bfloat16", "mixed_float16"),
    "strategy": ("auto", "mirrored", "multiworker", "none"),
}
_POSITIVE = (
    "batch_size",
    "width",
    "latent_dim",
    "kernel_size",
    "generator_steps",
    "learning_rate",
    "sample_every",
    "export_every",
    "checkpoint_every",
)


def add_run_options(parser):
    """Adds every option; what is not given stays None, so that a record can fill it."""
    for name, (default, kind, text) in OPTIONS.items():
        flag = f"--{name.replace('_', '-')}"
        if kind is bool:
            parser.add_argument(flag, action="store_true", default=None, help=text)
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


def complete(options: dict) -> dict:
    """Fills in the defaults and checks the numbers.

    Raises:
        ValueError: A number is out of its range.
    """
    options = {name: default for name, (default, *_) in OPTIONS.items()} | options
    for name in _POSITIVE:
        if not options[name] > 0:
            raise ValueError(
                f"--{name.replace('_', '-')} must be above 0, got {options[name]}."
            )
    for name in ("epochs", "encoder_epochs", "limit", "seed"):
        if options[name] < 0:
            raise ValueError(
                f"--{name.replace('_', '-')} must be 0 or more, got {options[name]}."
            )
    if not 0 <= options["beta_1"] < 1:
        raise ValueError(f"--beta-1 must be in [0, 1), got {options['beta_1']}.")
    return options
