"""Every gradient against two witnesses: central differences, and JAX through an independent forward pass.

Gradients are compared array by array, in the norm: |computed - witness| <= tolerance * |witness|. An entry
on its own may be 0 by cancellation or behind a ReLU at rest, where a relative error means nothing.
Central differences are no witness across a kink, so the points are drawn until every weighted sum and
every error is well away from all of them, and until no gradient is so small that rounding hides it.
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.network import Network, Objective, activations, costs
from pellucid.passes.reference import backward, forward

jax.config.update("jax_enable_x64", True)

STEP = 1e-5
KINKS_IN_Z = np.array([-3.0, 0.0, 3.0, 6.0])
MARGIN = 1e-3  # a step moves a weighted sum by a few hundred times STEP at most, mostly far less

JAX_ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "leaky_relu:alpha=0.2": lambda z: jax.nn.leaky_relu(z, 0.2),
    "elu": jax.nn.elu,
    "elu:alpha=0.5": lambda z: jax.nn.elu(z, 0.5),
    "selu": jax.nn.selu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
    "softplus": jax.nn.softplus,
    "exp": jnp.exp,
    "softsign": jax.nn.soft_sign,
    "swish": jax.nn.silu,
    "swish:beta=1.7": lambda z: z * jax.nn.sigmoid(1.7 * z),
    "mish": jax.nn.mish,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_swish": jax.nn.hard_swish,
    "relu6": jax.nn.relu6,
    "softmax": jax.nn.softmax,
}

JAX_COSTS = {
    "mean_squared_error": lambda a, y: ((y - a) ** 2).sum(axis=1) / 2,
    "mean_absolute_error": lambda a, y: jnp.abs(y - a).sum(axis=1),
    "quantile": lambda a, y: jnp.abs(y - a).sum(axis=1) / 2,
    "quantile:q=0.9": lambda a, y: (0.9 * jax.nn.relu(y - a) + 0.1 * jax.nn.relu(a - y)).sum(axis=1),
    "huber": lambda a, y: jnp.where(abs(y - a) <= 1, (y - a) ** 2 / 2, abs(y - a) - 0.5).sum(axis=1),
    "huber:delta=0.3": lambda a, y: jnp.where(
        abs(y - a) <= 0.3, (y - a) ** 2 / 2, 0.3 * (abs(y - a) - 0.15)
    ).sum(axis=1),
    "poisson": lambda a, y: (a - y * jnp.log(a)).sum(axis=1),
    "binary_cross_entropy": lambda a, y: -(y * jnp.log(a) + (1 - y) * jnp.log(1 - a)).sum(axis=1),
    "categorical_cross_entropy": lambda a, y: -(y * jnp.log(a)).sum(axis=1),
    "sparse_categorical_cross_entropy": lambda a, y: -jnp.log(a[jnp.arange(len(y)), y]),
    "hinge": lambda a, y: jnp.maximum(0, 1 - (2 * y - 1) * a).sum(axis=1),
}

TRAINABLE = [activation.name for activation in activations if activation.trainable]
WITH_PARAMETERS = [name for name in JAX_ACTIVATIONS if ":" in name]
# What is declared, whether or not JAX has a twin here: a new declaration meets central differences at once.
PAIRS = [
    (output, cost)
    for output in [*TRAINABLE, *WITH_PARAMETERS]
    for cost in [*costs.names, "huber:delta=0.3", "quantile:q=0.9"]
    if costs.get(cost).accepts(activations.get(output))
]
SMOOTH_HIDDEN = ("tanh", "gelu", "softplus")
SIZES = (4, 5, 2, 6)  # all different, so that no transposed product goes unnoticed


def draw_targets(cost, n_examples, n_out, random):
    kind = costs.get(cost).name
    if kind == "sparse_categorical_cross_entropy":
        return random.integers(0, n_out, n_examples)
    if kind == "categorical_cross_entropy":
        return np.eye(n_out)[random.integers(0, n_out, n_examples)]
    if kind in ("binary_cross_entropy", "hinge"):
        return random.integers(0, 2, (n_examples, n_out)).astype(float)
    if kind == "poisson":
        return random.poisson(2.0, (n_examples, n_out)).astype(float)
    return random.normal(size=(n_examples, n_out))


def distance_to_kinks(trace, target):
    sums = np.concatenate([z.ravel() for z in trace.z])
    outputs = trace.a[-1].ravel()
    distances = [np.abs(sums[:, None] - KINKS_IN_Z).min(), np.abs(np.abs(outputs) - 1).min()]  # hinge: at 1
    if np.shape(target) == trace.a[-1].shape:
        size = np.abs(outputs - np.ravel(target))
        distances += [np.abs(size - kink).min() for kink in (0, 0.3, 1)]  # absolute error, and Huber's deltas
    return min(distances)


@cache
def passed(hidden, output, cost, n_examples):
    """Give a network with its trace, forward and back, at a point without kinks."""
    sizes = [*SIZES[: len(hidden) + 1], 3]
    network = Network(sizes, hidden, output=output, dtype="float64")
    objective = Objective(network.output, costs.get(cost))
    random = np.random.default_rng([len(hidden), n_examples])
    size = (
        0.5 if "exp" in hidden else 1.5
    )  # exponentials of exponentials: no step is small for those of large sums
    for _ in range(3000):
        for layer in network.layers:
            layer.weights[...] = random.normal(size=layer.weights.shape) * (size / np.sqrt(layer.n_in))
            layer.biases[...] = random.normal(size=layer.n_out) * 0.5
        x = random.normal(size=(n_examples, sizes[0]))
        target = draw_targets(cost, n_examples, 3, random)
        trace = backward(forward(network, x), target, objective)
        least = min(np.linalg.norm(g) for g in (*trace.weight_gradients, *trace.bias_gradients))
        if least > 1e-3 and distance_to_kinks(trace, target) > MARGIN:
            return network, trace
    raise AssertionError("no point without kinks was found")


def gradients(trace):
    """Give the gradients by the name of what they change, in the tutorial's orientation."""
    return {name: trace[name] for name in trace if name.startswith(("dL/dW", "dL/db"))}


def central_differences(network, trace):
    x, target, objective = trace["x"], trace.target, trace.objective

    def loss():
        new = forward(network, x)
        return objective.losses(new.z[-1], new.a[-1], target).mean()

    found = {}
    for number, layer in enumerate(network.layers, start=1):
        for name, numbers in ((f"dL/dW{number}", layer.W), (f"dL/db{number}", layer.b)):
            slopes = np.empty(numbers.shape)
            for place in np.ndindex(numbers.shape):
                here = numbers[place]
                numbers[place] = here + STEP
                above = loss()
                numbers[place] = here - STEP
                slopes[place] = (above - loss()) / (2 * STEP)
                numbers[place] = here
            found[name] = slopes
    return found


def jax_gradients(trace, functions, cost):
    parameters = [(layer.W, layer.b) for layer in trace.network.layers]

    def loss(parameters):
        a = trace["x"]
        for (W, b), function in zip(parameters, functions, strict=True):
            a = function(a @ W.T + b)
        return cost(a, trace.target).mean()

    pairs = jax.grad(loss)([(jnp.asarray(W), jnp.asarray(b)) for W, b in parameters])
    return {
        f"dL/d{kind}{number}": np.asarray(gradient)
        for number, pair in enumerate(pairs, start=1)
        for kind, gradient in zip("Wb", pair, strict=True)
    }


def assert_close(computed, witness, tolerance):
    assert computed.keys() == witness.keys()
    for name, expected in witness.items():
        assert computed[name].shape == expected.shape, name
        error = np.linalg.norm(computed[name] - expected) / np.linalg.norm(expected)
        assert error <= tolerance, f"{name} is off by {error:.1e} of its norm"


def check(hidden, output, cost, n_examples):
    network, trace = passed(tuple(hidden), output, cost, n_examples)
    assert_close(gradients(trace), central_differences(network, trace), 1e-6)
    if n_examples == 1 and len(hidden) != 1:
        return  # JAX is the slower witness: it sees the code for a single example at one depth
    functions = [JAX_ACTIVATIONS[name] for name in (*hidden, output)]
    assert_close(gradients(trace), jax_gradients(trace, functions, JAX_COSTS[cost]), 1e-10)


@pytest.mark.parametrize("n_examples", [1, 4])
@pytest.mark.parametrize(("output", "cost"), PAIRS)
def test_every_pair_in_networks_of_one_to_four_layers(output, cost, n_examples):
    for depth in (1, 2, 3, 4):
        check(SMOOTH_HIDDEN[: depth - 1], output, cost, n_examples)


@pytest.mark.parametrize("n_examples", [1, 4])
@pytest.mark.parametrize("hidden", [*TRAINABLE, *WITH_PARAMETERS])
def test_every_hidden_activation_in_networks_of_two_to_four_layers(hidden, n_examples):
    for depth in (2, 3, 4):
        check([hidden] * (depth - 1), "sigmoid", "mean_squared_error", n_examples)


def test_every_trainable_declaration_and_every_cost_has_its_twin():
    assert set(TRAINABLE) <= JAX_ACTIVATIONS.keys()
    assert set(costs.names) <= JAX_COSTS.keys()


def test_a_step_out_of_place_would_be_seen():
    # The comparison itself: a gradient wrong by two millionths in the norm is refused.
    with pytest.raises(AssertionError, match=r"dL/dW1 is off by 2\.0e-06"):
        assert_close({"dL/dW1": np.array([1 + 2e-6])}, {"dL/dW1": np.array([1.0])}, 1e-6)


def test_the_gradient_of_a_batch_is_the_mean_over_its_examples():
    network, trace = passed(SMOOTH_HIDDEN, "softmax", "categorical_cross_entropy", 4)
    single = [
        gradients(backward(forward(network, x), y, trace.objective))
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]
    means = {name: np.mean([one[name] for one in single], axis=0) for name in single[0]}
    assert_close(gradients(trace), means, 1e-14)
