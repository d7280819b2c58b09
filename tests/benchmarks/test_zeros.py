"""Where lists of inputs pay off."""

import numpy as np
import pytest
from benchmarks.work import Work
from benchmarks.zeros import crossing


def test_between_two_shares_the_ratio_is_a_straight_line():
    # 3/4 at 0.2 and 5/4 at 0.4: as long as each other halfway.
    assert crossing([0.2, 0.4], [3.0, 5.0], [4.0, 4.0]) == pytest.approx(0.3)


@pytest.mark.parametrize(("listed", "expected"), [([9.0, 9.0], 0.0), ([1.0, 2.0], 1.0)])
def test_never_and_always(listed, expected):
    assert crossing([0.2, 0.4], listed, [4.0, 4.0]) == expected


def test_as_many_inputs_are_0_as_the_work_says():
    inputs = Work((50, 10, 3), 400, "normal", nonzero=0.3).data.train.inputs
    assert np.count_nonzero(inputs) / inputs.size == pytest.approx(0.3, abs=0.02)
