"""How many floating-point operations a training step and a transfer need.

Counted as is usual: two for each multiply-add of a convolution or a dense layer,
with the zeros of the padding multiplied too; nothing for the rest, which moves
memory more than it computes. Label planes are not counted (the package does not
multiply them), the label's part of dense layers is.
"""

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class NetworkSizes:
    """The sizes that the paper's networks follow from; the defaults are its own."""

    image_size: tuple[int, int] = (48, 48)
    channels: int = 1
    num_classes: int = 7
    latent_dim: int = 100
    width: int = 64
    depth: int = 4
    kernel_size: int = 5

    def convolutions(self, batch: int) -> list[int]:
        """Operations of one pass through each convolution of D, the first one first.

        Those of E are the same, and so are those of G, the last one first: a
        transposed convolution is the derivative of a convolution of its size.
        """
        size, channels, counts = self.image_size, self.channels, []
        for level in range(self.depth):
            size = tuple(math.ceil(side / 2) for side in size)
            filters = self.width * 2**level
            weights = self.kernel_size**2 * channels * filters
            counts.append(2 * batch * math.prod(size) * weights)
            channels = filters
        return counts

    def useful_convolutions(self, batch: int) -> list[int]:
        """As `convolutions`, without the products with the zeros of the padding."""
        size, counts = self.image_size, self.convolutions(batch)
        useful = []
        for count in counts:
            shares = [_share_inside(side, self.kernel_size) for side in size]
            useful.append(round(count * math.prod(shares)))
            size = tuple(math.ceil(side / 2) for side in size)
        return useful

    @property
    def flat_size(self) -> int:
        """Features of D's last map, and of G's first."""
        last = [math.ceil(side / 2**self.depth) for side in self.image_size]
        return math.prod(last) * self.width * 2 ** (self.depth - 1)


def gan_step_operations(
    sizes: NetworkSizes = NetworkSizes(), batch: int = 64, useful: bool = False
) -> int:
    """Operations of a step of `ConditionalDCGAN`: one update of D and one of G.

    G runs once. D runs on faces from the data and on generated ones, and once more
    on these after its update, for G. A convolution's gradient by its input and by
    its kernel are each a pass of the convolution's size:

    | | forward | by kernel | by input |
    |---|---|---|---|
    | D's first convolution | 3 | 2 | 1 (the update of D needs none) |
    | D's others | 3 | 2 | 3 |
    | G's | 1 | 1 | 1 |

    Args:
        sizes: Of the networks.
        batch: Images of a step.
        useful: Whether to leave out the products with the padding's zeros.
    """
    count = sizes.useful_convolutions if useful else sizes.convolutions
    first, *others = count(batch)
    discriminator = (3 + 2 + 1) * first + (3 + 2 + 3) * sum(others)
    generator = (1 + 1 + 1) * (first + sum(others))
    # To the latents no gradient is needed; to D's features it is, three times.
    project = (sizes.latent_dim + sizes.num_classes) * sizes.flat_size
    decide = sizes.flat_size + sizes.num_classes
    dense = (1 + 1) * project + (3 + 2 + 3) * decide
    return discriminator + generator + 2 * batch * dense


def transfer_operations(
    sizes: NetworkSizes = NetworkSizes(), batch: int = 256, useful: bool = False
) -> int:
    """Operations of `G(E(x)|y)`: one pass through each of both networks.

    Args:
        sizes: Of the networks.
        batch: Number of faces.
        useful: Whether to leave out the products with the padding's zeros.
    """
    count = sizes.useful_convolutions if useful else sizes.convolutions
    to_latent = sizes.flat_size * sizes.latent_dim
    project = (sizes.latent_dim + sizes.num_classes) * sizes.flat_size
    return 2 * sum(count(batch)) + 2 * batch * (to_latent + project)


def _share_inside(size, kernel_size, stride=2):
    """Share of the kernel's taps, over all positions of an axis, inside the image."""
    results = math.ceil(size / stride)
    padding = max((results - 1) * stride + kernel_size - size, 0) // 2
    inside = sum(
        0 <= result * stride - padding + tap < size
        for result in range(results)
        for tap in range(kernel_size)
    )
    return inside / (results * kernel_size)
