"""The same networks and the same step in PyTorch.

PyTorch pads a convolution of stride 2 alike on both sides, TensorFlow one pixel less
before than after. Both see the same when one sees the images upside down and
mirrored, so that no padding has to be added or cut by hand: `take_weights` turns
the kernels.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.candidates.keras_twin import layers_in_order


def _joined(features, labels):
    """Features with the label, `(batch, classes)`, behind their channels."""
    if features.ndim == 4:
        labels = labels[:, :, None, None].expand(-1, -1, *features.shape[2:])
    return torch.cat([features, labels.to(features.dtype)], 1)


class TorchGenerator(nn.Module):
    """G; images are `(batch, channels, height, width)`, turned by 180 degrees."""

    def __init__(self, channels, num_classes, latent_dim, width, depth, base_size):
        super().__init__()
        self.base_size = base_size
        filters = [width * 2**level for level in reversed(range(depth))]
        self.project = nn.Linear(
            latent_dim + num_classes, filters[0] * base_size[0] * base_size[1]
        )
        self.project_norm = nn.BatchNorm1d(self.project.out_features)
        self.deconvolutions = nn.ModuleList(
            nn.ConvTranspose2d(before + num_classes, after, 5, 2, 2, output_padding=1)
            for before, after in zip(filters, [*filters[1:], channels], strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(count) for count in filters[1:])

    def forward(self, latents, labels):
        features = self.project(_joined(latents, labels))
        features = functional.relu(self.project_norm(features))
        features = features.unflatten(1, (-1, *self.base_size))
        for deconvolution, norm in zip(
            self.deconvolutions[:-1], self.norms, strict=True
        ):
            features = functional.relu(norm(deconvolution(_joined(features, labels))))
        images = self.deconvolutions[-1](_joined(features, labels))
        return torch.tanh(images.float())


class TorchDiscriminator(nn.Module):
    """D, of images as `TorchGenerator` makes them."""

    def __init__(self, channels, num_classes, width, depth, base_size):
        super().__init__()
        filters = [width * 2**level for level in range(depth)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before + num_classes, after, 5, 2, 2)
            for before, after in zip([channels, *filters], filters, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(count) for count in filters[1:])
        self.decide = nn.Linear(
            filters[-1] * base_size[0] * base_size[1] + num_classes, 1
        )

    def forward(self, images, labels):
        features = functional.leaky_relu(
            self.convolutions[0](_joined(images, labels)), 0.2
        )
        for convolution, norm in zip(self.convolutions[1:], self.norms, strict=True):
            features = norm(convolution(_joined(features, labels)))
            features = functional.leaky_relu(features, 0.2)
        return self.decide(_joined(features.flatten(1), labels)).float()[:, 0]


class TorchTwin:
    """The step of `ConditionalDCGAN`, with noise that the caller draws.

    Args:
        image_shape: Height, width and channels.
        num_classes: Number of classes.
        latent_dim: Length of a latent vector.
        width: Filters of the widest map's layer.
        depth: Convolutions in each network.
        channels_last: The memory format; else PyTorch's default, contiguous.
        bfloat16: Whether to compute in bfloat16 where PyTorch's autocast does.
    """

    def __init__(
        self,
        image_shape=(48, 48, 1),
        num_classes=7,
        latent_dim=100,
        width=64,
        depth=4,
        channels_last=False,
        bfloat16=False,
    ):
        height, image_width, channels = image_shape
        base_size = (height >> depth, image_width >> depth)
        self.generator = TorchGenerator(
            channels, num_classes, latent_dim, width, depth, base_size
        )
        self.discriminator = TorchDiscriminator(
            channels, num_classes, width, depth, base_size
        )
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        for network in (self.generator, self.discriminator):
            network.to(memory_format=self._format)
        self._bfloat16 = bfloat16
        options = {"lr": 2e-4, "betas": (0.5, 0.999), "eps": 1e-7, "fused": True}
        self._generator_optimizer = torch.optim.Adam(
            self.generator.parameters(), **options
        )
        self._discriminator_optimizer = torch.optim.Adam(
            self.discriminator.parameters(), **options
        )

    def take_weights(self, gan):
        """Copies the weights of a `ConditionalDCGAN` of the same sizes."""
        for ours, theirs in (
            (gan.generator, self.generator),
            (gan.discriminator, self.discriminator),
        ):
            kernels, norms = layers_in_order(ours)
            first = [theirs.project] if hasattr(theirs, "project") else []
            last = [theirs.decide] if hasattr(theirs, "decide") else []
            maps = getattr(theirs, "convolutions", None) or theirs.deconvolutions
            for layer, source in zip([*first, *maps, *last], kernels, strict=True):
                kernel = np.asarray(source.concatenated_kernel())
                _assign(layer.weight, self._kernel(kernel, layer, theirs))
                _assign(layer.bias, self._vector(source.bias, layer, theirs))
            first = [theirs.project_norm] if first else []
            for norm, source in zip([*first, *theirs.norms], norms, strict=True):
                for name, value in (
                    ("weight", source.gamma),
                    ("bias", source.beta),
                    ("running_mean", source.moving_mean),
                    ("running_var", source.moving_variance),
                ):
                    _assign(getattr(norm, name), self._vector(value, norm, theirs))

    def _kernel(self, kernel, layer, network):
        if not isinstance(layer, nn.Linear):
            return kernel.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]
        if layer is getattr(network, "project", None):
            return self._vector(kernel, layer, network).T
        maps, labels = np.split(kernel, [len(kernel) - self._classes(network)])
        return np.concatenate([self._to_channels_first(maps.T), labels.T], 1)

    def _vector(self, values, layer, network):
        """Values of a dense layer's outputs in this network's order of features."""
        values = np.asarray(values)
        if isinstance(layer, nn.BatchNorm1d) or layer is getattr(
            network, "project", None
        ):
            return self._to_channels_first(values)
        return values

    def _classes(self, network):
        height, width = self.generator.base_size
        filters = network.convolutions[-1].out_channels
        return network.decide.in_features - filters * height * width

    def _to_channels_first(self, values):
        """(…, height * width * channels) to (…, channels * height * width), turned."""
        maps = values.reshape(*values.shape[:-1], *self.generator.base_size, -1)
        maps = np.moveaxis(maps[..., ::-1, ::-1, :], -1, -3)
        return maps.reshape(*values.shape)

    def images(self, images):
        """Images `(batch, height, width, channels)` as this network sees them."""
        turned = np.asarray(images)[:, ::-1, ::-1].transpose(0, 3, 1, 2)
        tensor = torch.from_numpy(turned.copy())
        return tensor.contiguous(memory_format=self._format)

    def train_step(self, images, labels, latents):
        """One update of D and one of G from one forward pass of G.

        Args:
            images: What `images` returns.
            labels: One-hot, float `(batch, classes)`.
            latents: float `(batch, latent_dim)`.

        Returns:
            The losses by name.
        """
        entropy = functional.binary_cross_entropy_with_logits
        ones, zeros = torch.ones(len(images)), torch.zeros(len(images))
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            generated = self.generator(latents, labels)
            seen = generated.detach()
            real_logits = self.discriminator(images, labels)
            logits = self.discriminator(seen, labels)
        loss = entropy(real_logits, ones) + entropy(logits, zeros)
        self._discriminator_optimizer.zero_grad()
        loss.backward()
        self._discriminator_optimizer.step()
        seen.requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            logits = self.discriminator(seen, labels)
        generator_loss = entropy(logits, ones)
        # By the images alone: D's own gradients are not computed.
        (image_gradient,) = torch.autograd.grad(generator_loss, seen)
        self._generator_optimizer.zero_grad()
        generated.backward(image_gradient)
        self._generator_optimizer.step()
        return {
            "discriminator_loss": loss.item(),
            "generator_loss": generator_loss.item(),
        }


def _assign(parameter, values):
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))
