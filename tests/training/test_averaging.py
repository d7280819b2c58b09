"""The average of the weights: against its sum written out."""

import numpy as np
import pytest

from pellucid.network import Network
from pellucid.training.averaging import Average


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_against_the_sum(keep, n):
    random = np.random.default_rng(0)
    network = Network([3, 4, 2], dtype="float64")
    average = Average(network, keep)
    seen = []
    for _ in range(n):
        for array in network.parameters.values():
            array[...] = random.normal(size=array.shape)
        seen.append(network.copy())
        average.update()
    shares = np.array([keep ** (n - k) for k in range(1, n + 1)]) * (1 - keep) / (1 - keep**n)
    assert shares.sum() == pytest.approx(1)
    for name, found in average.network.parameters.items():
        expected = sum(share * then.parameters[name] for share, then in zip(shares, seen, strict=True))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_network_itself_is_not_changed():
    network = Network([3, 2])
    before = network.copy()
    average = Average(network, 0.5)
    average.update()
    assert network == before == average.network
    assert average.network.dtype == network.dtype
