"""A formula over a row of numbers, beside NumPy."""

import numpy as np
import pytest

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.elementwise import evaluate
from pellucid.passes.untraceable import Untraceable


@pytest.mark.parametrize("n", [1, 7, 8, 100])
@pytest.mark.parametrize("width", [4, 8, 16])
def test_beside_numpy(n, width):
    def formula(x, rate, end):
        return rate * np.where(x < 0.5 * end, 1 - x / end, 0.9**x)

    steps, numbers = np.arange(n, dtype=np.float64), {"rate": 0.3, "end": 40.0}
    found = evaluate(formula, steps, numbers, this_machine(width))
    assert found.shape == (n,)
    np.testing.assert_allclose(found, formula(steps, **numbers), rtol=1e-14)


def test_one_number_for_all():
    found = evaluate(lambda x, rate: rate, np.arange(3.0), {"rate": 0.25}, this_machine())
    assert found.tolist() == [0.25] * 3


def test_what_cannot_be_compiled():
    with pytest.raises(Untraceable, match="an if"):
        evaluate(lambda x: 1.0 if x > 0 else 0.0, np.arange(3.0), {}, this_machine())


def test_a_formula_with_a_key_is_found_again():
    traced = []

    def formula(x):
        traced.append(x)
        return 2 * x

    for width in (4, 4, 8):
        found = evaluate(formula, np.arange(3.0), {}, this_machine(width), key=("test", "twice"))
        assert found.tolist() == [0.0, 2.0, 4.0]
    assert len(traced) == 2  # once for each machine
