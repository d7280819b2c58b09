"""What a loop over batches is asked for beside learning: divisors of gradients, norms of weights."""

import itertools

import numpy as np
import pytest

from pellucid.network import Network, Objective, activations, costs
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running import batch_memory
from pellucid.passes.compiled.running.batch_loop import BatchLoop
from pellucid.passes.compiled.running.online_loop import OnlineLoop
from pellucid.passes.flags import Flags
from pellucid.passes.reference import backward, forward
from pellucid.passes.rule import Rule

OBJECTIVE = Objective(activations.get("identity"), costs.get("mean_squared_error"))
N, BATCH = 30, 8  # the last batch is of six
ROUNDING = {"float32": 1e-5, "float64": 1e-12}


def by_gradient(gradient, numbers, kept):
    return {"weights": kept["weights"] - numbers["rate"] * gradient}


# Gradients that go straight into the weights, and gradients that go through a formula.
RULES = {
    "direct": lambda layers: Rule(),
    "formula": lambda layers: Rule(by_gradient, numbers=[{"W": {}, "b": {}}] * layers),
}


@pytest.fixture(params=ROUNDING)
def dtype(request):
    return request.param


@pytest.fixture
def examples(dtype):
    random = np.random.default_rng(0)
    inputs, targets = random.standard_normal((N, 20)), random.standard_normal((N, 5))
    return inputs.astype(dtype), targets.astype(dtype), random.uniform(0.2, 3, N)


def network_of(dtype, sizes=(20, 17, 5)):
    return Network(list(sizes), "tanh", output="identity", dtype=dtype)


def batches(order, batch=BATCH):
    return [order[first : first + batch] for first in range(0, len(order), batch)]


def loop_of(network, examples, rule="direct", *, threads=1, width=None, batch=BATCH, **how):
    inputs, targets, weights = examples
    rule = RULES[rule](len(network.layers))
    loop = BatchLoop(network, OBJECTIVE, batch, rule, threads, this_machine(width), Flags(), **how)
    loop.examples(inputs, 1.0, targets, weights)
    return loop


def expected(network, examples, order, rates, divisors, batch=BATCH):
    """Give the weights before each update and after the last, by the reference."""
    network, (inputs, targets, weights), seen = network.copy(), examples, []
    for rows, rate, divisor in zip(batches(order, batch), rates, divisors, strict=True):
        seen.append(network.copy())
        trace = backward(forward(network, inputs[rows]), targets[rows], OBJECTIVE, weights[rows])
        for layer, gradients in zip(network.layers, trace.gradients, strict=True):
            layer.weights -= rate * len(rows) / divisor * gradients["W"]
            layer.biases -= rate * len(rows) / divisor * gradients["b"]
    return [*seen, network]


def assert_alike(first, second, dtype):
    for name, array in second.arrays.items():
        np.testing.assert_allclose(first.arrays[name], array, rtol=0, atol=ROUNDING[dtype])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("divided", ["by the number of rows", "by the sum of weights"])
def test_a_gradient_is_divided(divided, threads, rule, examples, dtype):
    order, rates = np.random.default_rng(1).permutation(N), np.array([0.1, 0.05, 0.2, 0.1])
    sums = [examples[2][rows].sum() for rows in batches(order)]
    divisors = np.array(sums) if divided == "by the sum of weights" else None
    network = network_of(dtype)
    rows = [len(rows) for rows in batches(order)]
    *_, wanted = expected(network, examples, order, rates, rows if divisors is None else divisors)
    loop = loop_of(network, examples, rule, threads=threads)
    loop.begin(order, rates, 0, divisors)
    assert loop.learn(0, 4) == 4
    loop.give()
    assert_alike(network, wanted, dtype)


@pytest.mark.parametrize("rule", RULES)
def test_to_divide_by_the_number_of_rows_is_what_is_done_by_default(rule, examples, dtype):
    found, order = [], np.arange(N)
    for divisors in (None, np.array([8.0, 8, 8, 6])):
        network = network_of(dtype)
        loop = loop_of(network, examples, rule)
        loop.begin(order, np.full(4, 0.1), 0, divisors)
        assert loop.learn(0, 4) == 4
        loop.give()
        found.append([array.tobytes() for array in network.arrays.values()])
    assert found[0] == found[1]


def test_a_batch_in_parts_has_one_divisor(dtype):
    random, n = np.random.default_rng(2), 600
    examples = (
        *(random.standard_normal((n, k)).astype(dtype) for k in (20, 5)),
        random.uniform(0.2, 3, n),
    )
    network, order = network_of(dtype), random.permutation(n)
    divisors = np.array([examples[2].sum()])
    _, wanted = expected(network, examples, order, [0.1], divisors, batch=n)
    loop = loop_of(network, examples, batch=n)
    loop.begin(order, np.array([0.1]), 0, divisors)
    assert loop.learn(0, 1) == 1
    loop.give()
    assert_alike(network, wanted, dtype)


def test_one_example_at_a_time_is_divided_too(examples, dtype):
    inputs, targets, weights = examples
    found = []
    for divisors in (None, weights):
        network = network_of(dtype)
        loop = OnlineLoop(network, OBJECTIVE, this_machine(), Flags())
        loop.examples(inputs, 1.0, targets, None if divisors is None else weights)
        loop.begin(np.arange(N), np.full(N, 0.1), 0, divisors)
        assert loop.learn(0, N) == N
        loop.give()
        found.append(network)
    assert_alike(*found, dtype)  # a weight over itself counts like no weight


@pytest.mark.parametrize("rule", RULES)
def test_squared_norms_are_those_before_each_update(rule, examples, dtype):
    order, rates = np.random.default_rng(1).permutation(N), np.array([0.1, 0.05, 0.2, 0.1])
    network = network_of(dtype)
    *before, _ = expected(network, examples, order, rates, [8, 8, 8, 6])
    loop = loop_of(network, examples, rule, squared_norms=True)
    loop.begin(order, rates, 0)
    assert loop.learn(0, 3) == 3
    assert loop.learn(3, 4) == 4
    wanted = [[np.square(layer.weights.astype(float)).sum() for layer in each.layers] for each in before]
    assert loop.seen_squared_norms.dtype == np.float64
    np.testing.assert_allclose(loop.seen_squared_norms, wanted, rtol=ROUNDING[dtype])
    # Of the first update, the weights are known exactly.
    np.testing.assert_allclose(loop.seen_squared_norms[0], wanted[0], rtol=1e-14)


@pytest.mark.parametrize("sizes", [(20, 17, 5), (20, 250, 5), (20, 1, 1, 5)])
def test_squared_norms_have_the_same_bits_on_any_threads_and_widths(sizes, examples, dtype):
    seen = set()
    for threads, width in itertools.product((1, 2, 3, 4), (4, 16)):
        network = network_of(dtype, sizes)
        loop = loop_of(network, examples, threads=threads, width=width, squared_norms=True)
        loop.begin(np.arange(N), np.full(4, 0.01), 0)
        assert loop.learn(0, 4) == 4
        seen.add(loop.seen_squared_norms.tobytes())
    assert len(seen) == 1


def test_to_ask_for_squared_norms_changes_no_weight(examples, dtype):
    found = []
    for asked in (False, True):
        network = network_of(dtype)
        loop = loop_of(network, examples, threads=2, squared_norms=asked)
        loop.begin(np.arange(N), np.full(4, 0.1), 0)
        assert loop.learn(0, 4) == 4
        loop.give()
        found.append([array.tobytes() for array in network.arrays.values()])
    assert found[0] == found[1]


@pytest.mark.parametrize("rule", RULES)
def test_gradients_that_are_added_up_first_are_divided_alike(rule, examples, dtype, monkeypatch):
    found, order, divisors = [], np.arange(N), np.array([3.0, 7.0, 2.0, 5.0])
    for long in (batch_memory._LONG, 0):
        monkeypatch.setattr(batch_memory, "_LONG", long)
        network = network_of(dtype)
        loop = loop_of(network, examples, rule, squared_norms=True)
        loop.begin(order, np.full(4, 0.1), 0, divisors)
        assert loop.learn(0, 4) == 4
        loop.give()
        found.append([loop.seen_squared_norms.tobytes(), *(a.tobytes() for a in network.arrays.values())])
    assert found[0] == found[1]
