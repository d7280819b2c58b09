import numpy as np
import pytest

from pellucid.errors import ConfigurationError, DataError
from pellucid.network import Network, Objective, activations, costs
from pellucid.passes.reference import backward, forward


def judged(network, cost="mean_squared_error"):
    return Objective(network.output, costs.get(cost))


@pytest.fixture
def network():
    return Network([4, 3, 2], "tanh", output="sigmoid", dtype="float64", seed=1)


def test_the_same_trace_comes_back_filled(network):
    trace = forward(network, np.ones((5, 4)))
    assert backward(trace, np.zeros((5, 2)), judged(network)) is trace
    assert [delta.shape for delta in trace.delta] == [(5, 3), (5, 2)]
    assert [g.shape for g in trace.weight_gradients] == [(4, 3), (3, 2)]
    assert [g.shape for g in trace.bias_gradients] == [(3,), (2,)]


def test_a_second_backward_pass_replaces_the_first(network):
    trace = backward(forward(network, np.ones(4)), [0, 1], judged(network))
    backward(trace, [1, 0], judged(network, "bce"))
    fresh = backward(forward(network, np.ones(4)), [1, 0], judged(network, "bce"))
    assert len(trace.delta) == len(trace.weight_gradients) == len(trace.bias_gradients) == 2
    for name, numbers in fresh.items():
        np.testing.assert_array_equal(trace[name], numbers)


def test_error_terms_are_each_examples_own_and_gradients_their_mean(network):
    x = np.random.default_rng(0).normal(size=(3, 4))
    trace = backward(forward(network, x), np.eye(2)[[0, 1, 1]], judged(network))
    by_example = [np.outer(delta, inputs) for delta, inputs in zip(trace["delta1"], x, strict=True)]
    np.testing.assert_allclose(trace["dL/dW1"], np.mean(by_example, axis=0), rtol=1e-13)
    np.testing.assert_allclose(trace["dL/db1"], trace["delta1"].mean(axis=0), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", [a.name for a in activations if a.trainable])
def test_everything_is_kept_in_the_networks_dtype(dtype, output):
    network = Network([4, 3, 2], output, output=output, dtype=dtype)
    for cost in costs:
        if cost.accepts(network.output):
            target = [1, 0] if cost.name.startswith("sparse") else [[1, 0], [0, 1]]
            trace = backward(forward(network, np.ones((2, 4))), target, judged(network, cost.name))
            kinds = {name: numbers.dtype for name, numbers in trace.items()}
            assert set(kinds.values()) == {np.dtype(dtype)}, (cost.name, kinds)


@pytest.mark.parametrize("refused", [a.name for a in activations if not a.trainable])
@pytest.mark.parametrize("place", ["hidden", "output"])
def test_no_error_passes_an_activation_without_a_slope(refused, place):
    chosen = {"activation": refused, "output": "sigmoid"} if place == "hidden" else {"output": refused}
    network = Network([4, 3, 2], **chosen)
    trace = forward(network, np.ones(4))
    forward_only = list(trace)
    with pytest.raises(ConfigurationError, match=f"a network with {refused} cannot be trained"):
        backward(trace, [1, 0], judged(network))
    assert list(trace) == forward_only  # as it was: nothing half done


def test_targets_that_do_not_match_are_refused(network):
    trace = forward(network, np.ones((3, 4)))
    with pytest.raises(DataError, match="the targets do not match the outputs"):
        backward(trace, np.zeros((2, 3)), judged(network))  # as many numbers, but transposed
    assert "loss" not in trace


def test_saturated_networks_give_finite_gradients():
    # Weighted sums of 1e30 everywhere, in the smaller dtype, with warnings as errors.
    for activation in activations:
        if not activation.trainable or activation.name == "exp":  # which no float can hold the value of
            continue
        network = Network([2, 2, 2], activation, output="softmax")
        network.layers[0].weights[...] = [[1e30, -1e30], [1e-30, 0]]
        network.layers[1].weights[...] = [[1, 1e-3], [0, 1]]
        trace = backward(forward(network, np.ones(2)), [[0, 1]], judged(network, "cce"))
        assert all(np.isfinite(numbers).all() for _, numbers in trace.items()), activation


@pytest.mark.parametrize("normalise", [None, "batch"])
def test_what_a_sum_is_divided_by(normalise):
    network = Network([4, 3, 2], "tanh", output="sigmoid", normalise=normalise, dtype="float64", seed=1)
    x, y = np.random.default_rng(0).normal(size=(3, 4)), np.eye(2)[[0, 1, 1]]
    mean, third, whole = (
        backward(forward(network, x, learning=True), y, judged(network), divisor=divisor)
        for divisor in (None, 3.0, 1.0)
    )
    for name, numbers in mean.items():
        np.testing.assert_array_equal(third[name], numbers)
        if name.startswith(("dL/dW", "dL/db", "dL/dgain", "dL/dshift")):
            np.testing.assert_allclose(whole[name], 3 * numbers, rtol=1e-12, atol=1e-15)
