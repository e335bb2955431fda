"""The peers that `make bench` compares with compute what the package computes.

The same weights give the same images and logits, and one step the same losses and
the same gradients, which are read from Adam's first moments: half of a gradient
after one step with beta_1 = 0.5.
"""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.candidates.keras_twin import KerasTwin, layers_in_order
from fer_keras import ConditionalDCGAN

SIZES = {"width": 4, "latent_dim": 6, "num_classes": 3, "image_shape": (32, 48, 1)}
BATCH = 8


@pytest.fixture(scope="module")
def batch():
    generator = np.random.default_rng(0)
    images = generator.uniform(-1, 1, (BATCH, *SIZES["image_shape"]))
    labels = np.eye(SIZES["num_classes"])[generator.integers(0, 3, BATCH)]
    latents = generator.uniform(-1, 1, (BATCH, SIZES["latent_dim"]))
    return tuple(tf.constant(array, tf.float32) for array in (images, labels, latents))


@pytest.fixture
def gan(monkeypatch, batch):
    """With larger weights than at the start, norms and biases that matter."""
    gan = ConditionalDCGAN(seed=0, **SIZES)
    gan.compile()
    generator = np.random.default_rng(1)
    for variable in gan.trainable_variables:
        scale = 0.1 if "kernel" in variable.path else 0.5
        variable.assign(variable + scale * generator.normal(size=variable.shape))
    monkeypatch.setattr(type(gan.noise), "draw", lambda *_: batch[2])
    return gan


def gradients_of(gan):
    """Each conditional layer's gradient of its concatenated kernel, by network."""
    moments = {}
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        for variable, moment in zip(
            optimizer._trainable_variables, optimizer._momentums, strict=True
        ):
            moments[id(variable)] = np.asarray(moment)
    return [
        [
            np.concatenate(
                [moments[id(layer.kernel)], moments[id(layer.label_kernel)]],
                layer.input_axis,
            )
            for layer in layers_in_order(network)[0]
        ]
        for network in (gan.generator, gan.discriminator)
    ]


def assert_close(found, expected, tolerance=1e-4):
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found / scale, expected / scale, atol=tolerance)


def test_plain_keras_is_the_same_function_and_step(gan, batch):
    images, labels, latents = batch
    twin = KerasTwin(**SIZES)
    twin.take_weights(gan)
    for training in (False, True):
        assert_close(
            twin.generator([latents, labels], training=training),
            gan.generator((latents, labels), training=training),
        )
        assert_close(
            twin.discriminator([images, labels], training=training)[:, 0],
            gan.discriminator((images, labels), training=training),
        )
    losses = twin.train_step((images, labels, latents))
    assert_losses(losses, gan.train_step((images, labels)))
    for optimizer, expected in zip(
        (twin.generator_optimizer, twin.discriminator_optimizer),
        gradients_of(gan),
        strict=True,
    ):
        kernels = [m for m in optimizer._momentums if len(m.shape) > 1]
        for moment, reference in zip(kernels, expected, strict=True):
            assert_close(moment, reference, 1e-3)


@pytest.mark.parametrize("channels_last", [False, True])
def test_pytorch_is_the_same_function_and_step(gan, batch, channels_last):
    torch = pytest.importorskip("torch")
    from benchmarks.candidates.torch_twin import TorchTwin

    images, labels, latents = batch
    twin = TorchTwin(channels_last=channels_last, **SIZES)
    twin.take_weights(gan)
    seen = (
        twin.images(images),
        torch.tensor(labels.numpy()),
        torch.tensor(latents.numpy()),
    )
    with torch.no_grad():
        for training in (False, True):
            twin.generator.train(training)
            twin.discriminator.train(training)
            turned = twin.generator(seen[2], seen[1]).numpy().transpose(0, 2, 3, 1)
            expected = gan.generator((latents, labels), training=training)
            assert_close(turned[:, ::-1, ::-1], expected)
            expected = gan.discriminator((images, labels), training=training)
            assert_close(twin.discriminator(*seen[:2]).numpy(), expected)
    losses = twin.train_step(*seen)
    assert_losses(losses, gan.train_step((images, labels)))
    generator, discriminator = gradients_of(gan)
    for layers, optimizer, expected in (
        (twin.generator.deconvolutions, twin._generator_optimizer, generator[1:]),
        (twin.discriminator.convolutions, twin._discriminator_optimizer, discriminator),
    ):
        for layer, reference in zip(layers, expected, strict=False):
            moment = optimizer.state[layer.weight]["exp_avg"].numpy()
            turned = moment[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
            assert_close(turned, reference, 1e-3)


def assert_losses(found, expected):
    for name, loss in found.items():
        np.testing.assert_allclose(loss, expected[name], rtol=1e-4)
