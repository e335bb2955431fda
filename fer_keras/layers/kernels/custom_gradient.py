"""`tf.custom_gradient`, left out where nobody will ask for a gradient."""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator

import tensorflow as tf

_left_out = contextvars.ContextVar("custom_gradients_left_out", default=False)


@contextlib.contextmanager
def without_custom_gradients() -> Iterator[None]:
    """Traces what follows with TensorFlow's gradients instead of custom ones.

    A SavedModel keeps custom gradients as functions by a name that only this program
    knows: whoever loads it is warned of each.
    """
    token = _left_out.set(True)
    try:
        yield
    finally:
        _left_out.reset(token)


def custom_gradient(function: Callable) -> Callable:
    """As `tf.custom_gradient`, but for what `without_custom_gradients` encloses.

    Args:
        function: Returns its result and the function of its gradient.
    """
    differentiable = tf.custom_gradient(function)

    @functools.wraps(function)
    def call(*arguments):
        if _left_out.get():
            result, _ = function(*arguments)
            return result
        return differentiable(*arguments)

    return call
