"""Powers by products alone: against exact fractions, and the same bits in machine code."""

from fractions import Fraction

import numpy as np
import pytest

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.elementwise import evaluate
from pellucid.training.power import power

BASES = [0.0, 0.5, 0.9, 0.99, 0.999, 1 - 1e-9]
POWERS = [0, 1, 2, 3, 7, 10, 255, 1000, 12345]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("n", POWERS)
def test_against_exact_fractions(base, n):
    # A product and a square for each bit: an error of each counts as often as it is squared on.
    exact = Fraction(base) ** n
    rounding = exact * (n + 1) * Fraction(2) ** -52
    assert abs(Fraction(power(base, n)) - exact) <= rounding + Fraction(2) ** -1022


def test_products_in_one_order():
    """11 is 1 + 2 + 8: the squares of squares are multiplied from the smallest on."""
    for base in BASES:
        second = base * base
        fourth = second * second
        assert power(base, 11) == (base * second) * (fourth * fourth)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("kind", [int, float, np.int64, np.float64])
def test_machine_code_gives_the_same_bits(base, kind):
    said = [power(base, kind(n)) for n in POWERS]
    assert all(isinstance(each, float) for each in said)
    found = evaluate(lambda n: power(base, n), np.array(POWERS, float), {}, this_machine())
    assert found.tolist() == said


def test_more_updates_than_anybody_makes_are_no_few():
    for n in (2**32, 2**40 + 1, 2**53):
        assert power(1 - 1e-9, n) == power(1 - 1e-9, 2**32 - 1) < 0.02
        found = evaluate(lambda n: power(1 - 1e-9, n), np.array([float(n)]), {}, this_machine())
        assert found[0] == power(1 - 1e-9, n)
