"""What `python -m benchmarks.run` was asked for."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Options:
    """Settings that the parts share.

    Attributes:
        quick: Whether to take few rounds and leave out the longest measurements.
        precisions: Keras' names of the precisions to train in.
        batch: Images of a training step.
    """

    quick: bool = False
    precisions: tuple[str, ...] = ("float32", "mixed_bfloat16")
    batch: int = 64

    @property
    def rounds(self) -> int:
        """Turns of each candidate."""
        return 3 if self.quick else 15
