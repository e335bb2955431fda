from benchmarks.measuring import Spread
from benchmarks.parts import gpu


def test_the_gpus_figures_are_told_in_their_units():
    found = {
        "seconds_a_step": Spread.of([0.009]),
        "images_a_second": Spread.of([7111.0]),
        "fifty_epochs_minutes": Spread.of([3.4]),
    }
    assert gpu.report({"float32": found})[-1] == (
        "| float32 | 9.00 (9.00 to 9.00) | 7111 (7111 to 7111) | 3.4 (3.4 to 3.4) |"
    )
