"""Recipes: sets of options under a name."""

# What an option is not named in has that option's default, which is the paper's.
RECIPES = {
    "paper": {},
    # Measured on `validation`: docs/recipe.md.
    "plus": {
        "epochs": 36,
        "kernel_size": 4,
        "latent_dim": 256,
        "conditioning": "normalization",
        "projection": True,
        "classifier_weight": 1.0,
        "augment": True,
        "average_decay": 0.999,
        "balance": 0.5,
        "encoder_epochs": 3,
        # Found by a search: docs/search.
        "encoder_learning_rate": 3.5e-4,
        "encoder_beta_1": 0.7,
        "objective": "both",
        "feature_weight": 100.0,
        "finish_epochs": 5,
        "finish_decay": True,
        "transfer_classifier_weight": 2.5,
        "anchor_weight": 10.0,
    },
}
