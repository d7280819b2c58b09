"""Medians, ratios and units."""

import doctest
import json
import math

import pytest
from benchmarks.figures import Figure, Unit, ratio

from benchmarks import figures


def figure(*runs, **settings):
    return Figure("subject", "work", "contestant", runs=list(runs), **settings)


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(figures).attempted > 0
    assert doctest.testmod(figures).failed == 0


def test_the_median_of_an_even_number_of_runs_lies_between():
    assert figure(4.0, 1.0, 2.0, 3.0).median == 2.5


def test_a_ratio_is_of_runs_side_by_side():
    # The machine was three times as slow during the last two turns: 2, 2, 2 and not 6/1 or 2/3.
    assert ratio(figure(2.0, 6.0, 6.0), figure(1.0, 3.0, 3.0)) == 2.0
    # The ratio of the medians would be 10 / 3.
    assert ratio(figure(1.0, 10.0, 12.0), figure(1.0, 4.0, 3.0)) == 2.5


def test_there_is_no_ratio_without_figures():
    refused = figure(1.0, out="refused")
    assert ratio(refused, figure(1.0)) is None
    assert ratio(figure(1.0), figure()) is None
    assert ratio(figure(1.0), figure(math.inf)) is None


def test_what_never_came_makes_an_infinite_ratio_and_no_number_in_json():
    never = figure(math.inf, math.inf, 1.0)
    assert ratio(never, figure(1.0, 1.0, 1.0)) == math.inf
    plain = json.loads(json.dumps(never.to_dict(), allow_nan=False))
    assert plain["runs"] == [None, None, 1.0]
    assert plain["median"] is None


def test_operations_a_second():
    assert figure(2e-9, flops=6.0).gigaflops == pytest.approx(3.0)
    assert figure(2e-9).gigaflops is None
    assert figure(flops=6.0).gigaflops is None


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (Unit("s"), 0.0, "0"),
        (Unit("s"), 0.00123456, "0.00123"),
        (Unit("ms", 1e3), 0.0123456, "12.3"),
        (Unit("s an epoch", 60_000), 1e-5, "0.600"),
        (Unit("MiB"), 1234.5, "1,234"),
        (Unit("GFLOP/s", 1e-9, inverted=True), 1e-11, "100"),
        (Unit("s"), math.inf, "never"),
    ],
)
def test_three_figures(unit, value, shown):
    assert unit.show(value) == shown
