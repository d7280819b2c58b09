import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.errors import DataError
from pellucid.network import Network
from pellucid.passes.reference import forward, predict


@pytest.fixture
def network():
    return Network([4, 3, 2], "tanh", dtype="float64", seed=1)


def test_each_step_is_a_weighted_sum_and_an_activation(network):
    x = np.random.default_rng(0).normal(size=(5, 4))
    trace = forward(network, x)
    first, last = network.layers
    for row in range(5):  # neuron by neuron, sum by sum
        z1 = [sum(first.W[n, i] * x[row, i] for i in range(4)) + first.b[n] for n in range(3)]
        a1 = np.tanh(z1)
        z2 = [sum(last.W[n, i] * a1[i] for i in range(3)) + last.b[n] for n in range(2)]
        np.testing.assert_allclose(trace["z1"][row], z1, rtol=1e-14)
        np.testing.assert_allclose(trace["a1"][row], a1, rtol=1e-14)
        np.testing.assert_allclose(trace["z2"][row], z2, rtol=1e-13)
        np.testing.assert_allclose(trace["a2"][row], np.exp(z2) / np.exp(z2).sum(), rtol=1e-13)


def test_biases_are_added(network):
    network.layers[0].biases[:] = [1, -2, 3]
    np.testing.assert_array_equal(forward(network, np.zeros(4))["z1"], [[1, -2, 3]])


def test_one_example_may_come_alone(network):
    x = np.array([1.0, 2, 3, 4])
    np.testing.assert_array_equal(forward(network, x)["a2"], forward(network, x[None])["a2"])
    assert predict(network, x).shape == (1, 2)


def test_the_examples_stay_as_they_are(network):
    x = np.ones((2, 4))
    forward(network, x)
    np.testing.assert_array_equal(x, 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.float64])
def test_everything_is_kept_in_the_networks_dtype(dtype, kind):
    trace = forward(Network([4, 3, 2], "gelu", dtype=dtype), np.ones((2, 4), kind))
    assert {numbers.dtype for _, numbers in trace.items()} == {np.dtype(dtype)}


@pytest.mark.parametrize("give", [forward, predict])
@pytest.mark.parametrize("x", [np.ones(3), np.ones((2, 5)), np.ones((4, 1)), np.ones((2, 2, 2))])
def test_a_wrong_width_is_refused(network, give, x):
    with pytest.raises(DataError, match="the examples do not fit the network") as caught:
        give(network, x)
    assert caught.value.expected == "4 numbers per example"
    assert caught.value.received == str(8 if x.ndim == 3 else x.shape[-1])


@pytest.mark.parametrize("n_examples", [1, 4095, 4096, 4097, 10_000])
def test_predictions_in_chunks_are_those_of_the_forward_pass(network, n_examples):
    x = np.random.default_rng(n_examples).normal(size=(n_examples, 4))
    outputs = predict(network, x)
    assert outputs.shape == (n_examples, 2)
    np.testing.assert_allclose(outputs, forward(network, x).a[-1], rtol=1e-12)


def test_no_examples_give_no_predictions(network):
    assert predict(network, np.ones((0, 4))).shape == (0, 2)


@settings(deadline=None, max_examples=50)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    n_examples=st.integers(1, 5),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_shapes_of_any_network(sizes, n_examples, dtype):
    network = Network(sizes, output="sigmoid", dtype=dtype)
    shapes = forward(network, np.ones((n_examples, sizes[0]))).shapes()
    assert shapes["x"] == (n_examples, sizes[0])
    for number, size in enumerate(sizes[1:], start=1):
        assert shapes[f"z{number}"] == shapes[f"a{number}"] == (n_examples, size)


def test_lists_of_numbers_are_examples_too():
    network = Network([2, 3], output="tanh")
    assert (
        forward(network, [[1, 2], [3, 4]]).a[-1] == forward(network, np.array([[1, 2], [3, 4]])).a[-1]
    ).all()
    assert (predict(network, [1.0, 2.0]) == predict(network, np.array([1.0, 2.0]))).all()


@pytest.mark.parametrize("x", [[["a", "b"]], [[1, 2], [3]], None, {"x": 1}])
def test_what_are_no_numbers(x):
    with pytest.raises(DataError):
        forward(Network([2, 3]), x)
