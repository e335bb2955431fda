"""Descent on z after the encoder's guess."""

import numpy as np
import pytest

from fer_keras import EmotionTransfer, Encoder, Generator

SIZES = {"image_shape": (12, 12, 1), "width": 2, "depth": 2, "latent_dim": 4, "seed": 3}
RANDOM = np.random.default_rng(0)
LATENTS = RANDOM.uniform(-0.8, 0.8, (5, 4)).astype("float32")
LABELS = np.array([0, 3, 6, 1, 3])


@pytest.fixture(scope="module")
def transfer():
    generator = Generator(**SIZES)
    # With contrast, as training gives it.
    for variable in generator.trainable_variables:
        if variable.name.endswith("kernel"):
            variable.assign(variable * 15.0)
    return EmotionTransfer(Encoder(**SIZES), generator)


@pytest.fixture(scope="module")
def faces(transfer):
    return np.asarray(transfer.decode(LATENTS, LABELS))


def errors(transfer, faces, latents):
    rebuilt = np.asarray(transfer.decode(latents, LABELS))
    return ((faces - rebuilt) ** 2).mean((1, 2, 3))


def test_it_finds_latents_whose_faces_are_nearer(transfer, faces):
    plain = transfer.encode(faces)
    refined = transfer.encode(faces, refine=100)
    assert refined.shape == (5, 4)
    assert (np.abs(refined) < 1.0).all()
    # Up to what the label's weights took, which are found beside z.
    closer = errors(transfer, faces, refined) < errors(transfer, faces, plain)
    assert closer.mean() >= 0.8


def test_a_faces_result_does_not_depend_on_its_batch(transfer, faces):
    together = transfer.transfer(faces, "happy", refine=5)
    alone = transfer.transfer(faces[2], "happy", refine=5)
    np.testing.assert_allclose(alone[0], together[2], atol=1e-5)
    in_parts = transfer.transfer_all(faces, refine=5, batch_size=2)[:, 3]
    np.testing.assert_allclose(in_parts, together, atol=1e-5)


def test_no_steps_are_the_encoders_guess_and_bad_numbers_are_refused(transfer, faces):
    np.testing.assert_array_equal(
        transfer.encode(faces, refine=0), transfer.encode(faces)
    )
    with pytest.raises(ValueError, match="refine must be a whole number"):
        transfer.transfer(faces, 3, refine=-1)
