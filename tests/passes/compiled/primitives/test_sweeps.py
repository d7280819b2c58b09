"""Work shared among threads: all of it, nothing twice, in whole units."""

from itertools import pairwise

import numba
import pytest

from pellucid.passes.compiled.primitives import sweeps


@pytest.fixture(scope="module")
def share():
    return numba.njit(lambda n, unit, thread, threads: sweeps.share(n, unit, thread, threads))


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("unit", [1, 8, 16])
def test_shares_follow_each_other(unit, threads, share):
    for n in (0, 1, 7, 8, 9, 100):
        shares = [share(n, unit, thread, threads) for thread in range(threads)]
        assert (shares[0][0], shares[-1][1]) == (0, n)
        assert all(before[1] == after[0] for before, after in pairwise(shares))
        assert all(first <= last and (last % unit == 0 or last == n) for first, last in shares)
        sizes = [-(-last // unit) - first // unit for first, last in shares]
        assert max(sizes) - min(sizes) <= 1
