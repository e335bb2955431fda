"""Tiny models with the statistics of trained ones, and their SavedModels."""

import numpy as np
import pytest

from fer_keras import ConditionalDCGAN, EmotionTransfer, Encoder


def with_statistics(network):
    """Gives batch normalisation what it has after training."""
    random = np.random.default_rng(5)
    for variable in network.variables:
        if variable.name in ("gamma", "moving_variance"):
            variable.assign(random.uniform(0.2, 3.0, variable.shape))
        elif variable.name in ("beta", "bias", "moving_mean"):
            variable.assign(random.normal(0.0, 0.3, variable.shape))
        else:
            variable.assign(variable * 3.0)
    return network


@pytest.fixture(scope="session")
def gan():
    gan = ConditionalDCGAN(width=2, latent_dim=8, seed=1)
    with_statistics(gan.generator)
    return gan


@pytest.fixture(scope="session")
def transfer(gan):
    encoder = with_statistics(Encoder(width=2, latent_dim=8, seed=2))
    return EmotionTransfer(encoder, gan.generator)


@pytest.fixture(scope="session")
def transfer_folder(transfer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "transfer"
    transfer.export(folder, metadata={"note": "für Tests"})
    return folder


@pytest.fixture(scope="session")
def gan_folder(gan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "gan"
    gan.export(folder)
    return folder


@pytest.fixture(scope="session")
def faces():
    return np.random.default_rng(7).integers(0, 256, (5, 48, 48, 1)).astype("uint8")
