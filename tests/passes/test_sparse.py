"""Sparse rows through both engines: the outputs and losses of the rows that they stand for."""

import numpy as np
import pytest

from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError
from pellucid.network import Network, Objective, costs
from pellucid.passes import engine, predict, predict_with_losses
from pellucid.passes.engines import ENGINES
from pellucid.passes.reference import forward


@pytest.mark.parametrize("scale", [1.0, 0.25])
@pytest.mark.parametrize("share", [0.05, 0.9])
@pytest.mark.parametrize("n", [1, 3, 50])
@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_as_the_rows_that_they_stand_for(dtype, name, n, share, scale):
    random = np.random.default_rng(n)
    dense = random.standard_normal((n + 2, 45)) * (random.random((n + 2, 45)) < share)
    rows, dense = SparseRows.of_dense(dense)[2:], dense[2:]
    network = Network([45, 40, 3], "tanh", dtype=dtype)
    objective = Objective(network.output, costs.get("categorical_cross_entropy"))
    target = np.eye(3)[random.integers(0, 3, n)]
    with engine(name):
        outputs, losses = predict_with_losses(network, rows, objective, target, scale=scale)
        alone = predict(network, rows, scale=scale)
    with engine("reference"):
        expected = predict_with_losses(network, dense, objective, target, scale=scale)
    near = {"rtol": 1e-5 if dtype == "float32" else 1e-12, "atol": 1e-6 if dtype == "float32" else 1e-13}
    np.testing.assert_allclose(outputs, expected[0], **near)
    np.testing.assert_allclose(losses, expected[1], **near)
    np.testing.assert_allclose(alone, outputs, **near)


@pytest.mark.parametrize("name", ENGINES)
def test_another_width_is_refused(name):
    with engine(name), pytest.raises(DataError, match="4 numbers per example"):
        predict(Network([4, 2]), SparseRows.of_dense(np.eye(5)))


def test_the_reference_writes_them_out():
    rows = np.array([[0.0, 2, 0, 1]])
    network = Network([4, 2])
    assert (forward(network, SparseRows.of_dense(rows)).a[0] == rows).all()
