"""The same command twice gives the same weights, bit for bit, on a CPU."""

import json

import pytest
import tensorflow as tf

from fer_keras.layers.kernels.strided_convolution import convolve, convolve_transposed

TINY = (
    "--data synthetic --width 4 --limit 70 --batch-size 32 --epochs 1 "
    "--encoder-epochs 1 --encoder-objective both --sample-every 1000"
).split()


@pytest.fixture
def command(training_server, tmp_path):
    """Returns a function that runs a training in a process of its own."""

    def run(name, *options):
        arguments = ["train", "--run", str(tmp_path / name), *TINY, *options]
        outcome = training_server.run(
            "helpers.training_command.train", arguments=arguments
        )
        assert outcome.startswith("{"), outcome
        return json.loads(outcome)

    return run


def test_the_same_command_twice(command):
    first = command("first", "--seed", "5")
    assert first["seed in run.json"] == 5
    assert command("again", "--seed", "5") == first


@pytest.mark.slow
def test_the_same_command_twice_in_bfloat16(command):
    bfloat16 = ("--precision", "mixed_bfloat16")
    first = command("first", *bfloat16)
    assert first["seed in run.json"] == 0
    assert command("again", *bfloat16) == first


@pytest.mark.parametrize("transposed", [False, True])
def test_no_sum_takes_an_order_that_the_threads_decide(transposed):
    """`AddN` begins with an input whose buffer it may overwrite.

    Of terms that share a buffer, as rows cut out of one tensor do, that is whichever
    is the last one in use. From three terms on, the rounding depends on it.
    """
    channels = 128
    kernel = tf.TensorSpec((5, 5, channels, channels))
    if transposed:
        images = tf.TensorSpec((2, 3, 3, channels))

        def function(images, kernel):
            return convolve_transposed(images, kernel, (6, 6), 2)
    else:
        images = tf.TensorSpec((2, 6, 6, channels))

        def function(images, kernel):
            return convolve(images, kernel, 2)

    graph = tf.function(function).get_concrete_function(images, kernel).graph
    types = {operation.type for operation in graph.get_operations()}
    assert "MatMul" in types, "the convolution is not made of row products"
    at_risk = [
        operation.name
        for operation in graph.get_operations()
        if operation.type == "AddN"
        and len(operation.inputs) > 2
        and any(term.op.type == "Unpack" for term in operation.inputs)
    ]
    assert not at_risk
