"""Functions for Numba take and return what their annotations say."""

import numba
import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import address
from pellucid.passes.compiled.primitives.written import Doubles, Indices, Integers, written


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(Doubles, np.float64), (Integers, np.int64), (Indices, np.int32)],
    ids=lambda each: each.__name__,
)
def test_an_address_is_a_pointer_to_what_is_annotated(kind, dtype):
    def copied(code, to: kind, place, source: kind):
        code.builder.store(code.builder.load(source), code.builder.gep(to, [place]))

    function, numbers = written(copied), np.array([7, 8, 9], dtype)
    numba.njit(lambda at, place: function(at, place, at))(address(numbers), 2)
    assert numbers.tolist() == [7, 8, 7]


def test_a_result_has_the_kind_that_is_annotated():
    def halved(code, x: float) -> float:
        return code.builder.fmul(x, x.type(0.5))

    def is_less(code, a, b) -> bool:
        return code.builder.icmp_signed("<", a, b)

    half, less = written(halved), written(is_less)
    assert numba.njit(lambda x: half(x))(3.0) == 1.5
    assert numba.njit(lambda a, b: less(a, b))(-1, 2) is True
