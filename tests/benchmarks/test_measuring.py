"""The numbers that summarise timings, and the processes that take turns."""

import pytest

from benchmarks.measuring import Candidate, Spread, in_turns, ratios


def test_spread_is_the_median_with_quartiles():
    spread = Spread.of([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (spread.median, spread.lower, spread.upper, spread.count) == (3, 2, 4, 5)
    assert Spread.of([2.0]) == Spread(2.0, 2.0, 2.0, 1)
    assert spread.text(".1f", 2.0) == "6.0 (4.0 to 8.0)"


def test_ratios_are_taken_round_by_round():
    # The machine is twice as slow in the second round: the ratio does not see it.
    assert ratios([3.0, 6.0], [1.0, 2.0]).median == 3.0


def test_a_candidate_that_cannot_be_made():
    candidate = Candidate("benchmarks.measuring:Spread", unknown=1)
    with (
        candidate,
        pytest.raises(RuntimeError, match="measuring:Spread .* has failed") as e,
    ):
        candidate.run(1)
    # What it said is not on the screen.
    assert "unexpected keyword argument 'unknown'" in str(e.value)


def test_candidates_take_turns_in_processes_of_their_own():
    matrix = {
        "factory": "benchmarks.candidates.matrix_products:make_product",
        "size": 8,
    }
    with Candidate(**matrix, dtype="float32") as candidate:
        seconds = in_turns({"product": candidate}, rounds=3, steps=2)
        assert len(seconds["product"]) == 3
        assert all(0 < value < 60 for value in seconds["product"])
        assert candidate.peak_bytes > 10_000_000
