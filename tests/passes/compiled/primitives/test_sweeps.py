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
        ends = [share(n, unit, thread, threads) for thread in range(threads + 1)]
        assert (ends[0], ends[-1]) == (0, n)
        assert ends == sorted(ends)
        assert all(end % unit == 0 or end == n for end in ends)
        sizes = [-(-last // unit) - first // unit for first, last in pairwise(ends)]
        assert max(sizes) - min(sizes) <= 1
