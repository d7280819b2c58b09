"""The compiled passes beside the reference: every declaration, every way to learn, every kind of input.

Both begin with the same weights and see the same examples in the same order. What they come to may differ by
rounding: their sums are taken in other orders.
"""

import itertools

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.data.sparse_rows import SparseRows
from pellucid.evaluation import OutputHead
from pellucid.network import Network, activations, costs, normalisations
from pellucid.passes.compiled.running import batch_memory
from pellucid.passes.engines import engine
from pellucid.training import Clipping, Regularisation, TrainingConfig, optimizers
from pellucid.training.updates import compiled, make_updates
from pellucid.training.updates.compiled import CompiledUpdates

# Norm-wise, as a share of each array.
ROUNDING = {"float32": 1e-5, "float64": 1e-12}
TRAINABLE = [activation.name for activation in activations if activation.trainable]
PAIRS = [
    (cost.name, activation.name)
    for cost in costs
    for activation in activations
    if activation.trainable
    and cost.accepts(activation)
    # Counts are no sum to one.
    and not (activation.sums_to_one and not cost.suits("classification"))
]
RULES = [optimizer.name for optimizer in optimizers if not optimizer.searches]
N = 13


def head_of(network, cost):
    n = network.sizes[-1]
    if cost.takes_class_numbers or (network.output.sums_to_one and cost.suits("classification")):
        target = ClassTarget(None, tuple(range(n)))
    elif cost.suits("multilabel") and not cost.suits("regression"):
        target = LabelTarget(tuple(f"label {k}" for k in range(n)))
    else:
        target = ValueTarget(tuple(f"y {k}" for k in range(n)), np.zeros(n), np.ones(n))
    return OutputHead(target, network, cost)


def targets_of(network, cost, random, n=N):
    n_out = network.sizes[-1]
    if cost.takes_class_numbers:
        return random.integers(0, n_out, n)
    if network.output.sums_to_one:
        return np.eye(n_out, dtype=network.dtype)[random.integers(0, n_out, n)]
    low, high = max(cost.targets.low, 0.0), min(cost.targets.high, 1.0)
    if cost.name == "hinge":
        return random.integers(0, 2, (n, n_out)).astype(network.dtype)
    return random.uniform(low, high, (n, n_out)).astype(network.dtype)


def learned(name, network, cost, examples, targets, *, batch=1, rate=0.05, epochs=2, **how):
    """Give a network after some epochs through an engine."""
    network, settings = network.copy(), TrainingConfig(rate, batch_size=batch, **how)
    head = head_of(network, cost)
    random = np.random.default_rng(5)
    with engine(name), np.errstate(all="ignore"):
        updates = make_updates(network, head, settings, batch=batch)
        assert isinstance(updates, CompiledUpdates) == (name == "compiled")
        updates.learn_from(examples, targets, batch)
        n_updates = -(-len(examples) // batch)
        for _ in range(epochs):
            updates.begin(random.permutation(len(examples)), np.linspace(rate, rate / 2, n_updates))
            assert updates.learn(0, n_updates) == n_updates
    return updates.shown


def apart(first, second):
    """Give how far two networks are apart: the worst of their arrays, norm-wise.

    Before a normalisation over a batch, which takes means away, biases have a slope of 0, and all that moves
    them is rounding: they are left out.
    """
    idle = {
        f"b{number}"
        for number, layer in enumerate(second.layers, start=1)
        if layer.normaliser and layer.normaliser.rule.over_examples
    }
    pairs = [
        (first.arrays[name].astype(float), array.astype(float))
        for name, array in second.arrays.items()
        if name not in idle
    ]
    return max(float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-3)) for a, b in pairs)


def agree(network, cost, *, inputs=None, scale=1.0, weights=None, n=N, **how):
    random = np.random.default_rng(1)
    if inputs is None:
        inputs = random.standard_normal((n, network.sizes[0])).astype(network.dtype)
    targets = targets_of(network, cost, random, len(inputs))
    examples = Examples(inputs, scale=scale, weights=weights)
    compiled, reference = (
        learned(name, network, cost, examples, targets, **how) for name in ("compiled", "reference")
    )
    assert apart(reference, network) > 1e-3, "nothing was learned"
    distance = apart(compiled, reference)
    assert distance <= ROUNDING[str(network.dtype)], distance
    return compiled


@pytest.fixture(params=ROUNDING)
def dtype(request):
    return request.param


MSE, SOFTMAX = costs.get("mean_squared_error"), costs.get("categorical_cross_entropy")


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("name", TRAINABLE)
def test_every_activation_in_hidden_layers(name, batch, dtype):
    network = Network([6, 9, 7, 3], name, output="identity", dtype=dtype)
    if name == "exp":  # exponentials of exponentials, which larger weights make infinite
        for layer in network.layers:
            layer.weights *= 0.25
    agree(network, MSE, batch=batch, rate=0.01 if name == "exp" else 0.05)


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_every_cost_with_every_output(cost, output, batch, dtype):
    network = Network([6, 5, 3], "tanh", output=output, dtype=dtype)
    agree(network, costs.get(cost), batch=batch, rate=0.02)


@pytest.mark.parametrize("batch", [1, 5, N, 100])
@pytest.mark.parametrize("name", RULES)
def test_every_optimizer(name, batch, dtype):
    rule = optimizers.get(name)
    network = Network([6, 9, 3], "tanh", dtype=dtype)
    agree(network, SOFTMAX, batch=N if rule.full_batch else batch, optimizer=rule, rate=0.01)


@pytest.mark.parametrize("batch", [5, 12, 13])  # the last batch of 12 is an example alone
@pytest.mark.parametrize("activation", ["tanh", "relu", "softmax"])
@pytest.mark.parametrize("name", normalisations.names)
def test_every_normalisation(name, activation, batch, dtype):
    network = Network([6, 9, 7, 3], activation, normalise=name, dtype=dtype)
    # Adam divides the slope of those idle biases by its own size, which makes rounding as large as any step.
    for optimizer in ("sgd", "momentum" if name == "batch" else "adam"):
        agree(network, SOFTMAX, batch=batch, optimizer=optimizers.get(optimizer), rate=0.01)


HELD = {
    "l1": {"regularisation": Regularisation(l1=0.01)},
    "l2 by layer, biases": {"regularisation": Regularisation(l2=(0.1, 0.0), biases=True)},
    "decay": {"regularisation": Regularisation(weight_decay=0.1)},
    "decay of adamw": {"optimizer": optimizers.get("adamw:weight_decay=0.1"), "rate": 0.01},
    "longest": {"regularisation": Regularisation(max_norm=0.5)},
    "longest by layer, biases": {"regularisation": Regularisation(max_norm=(0.4, 0.6), biases=True)},
    "clipped": {"clipping": Clipping(value=0.01)},
    "clipped together": {"clipping": Clipping(norm=0.1)},
    "all that clips": {
        "clipping": Clipping(value=0.05, norm=0.1),
        "regularisation": Regularisation(l1=0.01, l2=0.01, max_norm=1.0),
        "optimizer": optimizers.get("momentum"),
    },
    "clipping that never bites": {"clipping": Clipping(norm=1e6)},
    "average": {"average": 0.7},
    "average of adam": {"average": 0.9, "optimizer": optimizers.get("adam"), "rate": 0.01},
    "dropout": {"regularisation": Regularisation(dropout=0.5)},
    "dropout everywhere": {"regularisation": Regularisation(dropout=0.3, input_dropout=0.2)},
    "noise": {"regularisation": Regularisation(input_noise=0.2, input_dropout=0.2)},
}


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("how", HELD)
def test_all_that_holds_back(how, batch, dtype):
    agree(Network([6, 9, 3], "tanh", dtype=dtype), SOFTMAX, batch=batch, **HELD[how])


# Settings that can be had together, each two of which are.
TOGETHER = {
    "l1": {"l1": 0.01},
    "l2": {"l2": 0.1},
    "decay": {"weight_decay": 0.1},
    "longest": {"max_norm": 0.3},
    "longest with biases": {"max_norm": 0.3, "biases": True},
    "dropout": {"dropout": 0.5},
    "input dropout": {"input_dropout": 0.2},
    "noise": {"input_noise": 0.2},
    "clipped": {"clipping": Clipping(value=0.01)},
    "clipped together": {"clipping": Clipping(norm=0.1)},
    "average": {"average": 0.7},
    "adam": {"optimizer": optimizers.get("adam"), "rate": 0.01},
}


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("pair", list(itertools.combinations(TOGETHER, 2)), ids=" and ".join)
def test_each_two_that_hold_back(pair, batch):
    how = {name: value for each in pair for name, value in TOGETHER[each].items()}
    regular = {name: how.pop(name) for name in list(how) if name in Regularisation.__dataclass_fields__}
    network = Network([6, 9, 3], "tanh", dtype="float64")
    agree(network, SOFTMAX, batch=batch, regularisation=Regularisation(**regular), **how)


@pytest.mark.parametrize("normalise", ["layer", "batch"])
def test_what_holds_back_with_a_normalisation(normalise, dtype):
    network = Network([6, 9, 3], "tanh", normalise=normalise, dtype=dtype)
    how = {
        "clipping": Clipping(norm=0.1),
        "regularisation": Regularisation(l2=0.1, max_norm=1.0, biases=True),
    }
    agree(network, SOFTMAX, batch=4, optimizer=optimizers.get("momentum"), rate=0.01, **how)


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize(
    "kind", ["uint8", "float32", "float64", "int16", "columns first", "every other row", "sparse"]
)
@pytest.mark.parametrize("zeros", [0.0, 0.8])
def test_every_kind_of_input(kind, zeros, batch, dtype):
    random = np.random.default_rng(3)
    inputs = np.where(random.random((2 * N, 37)) < zeros, 0, random.integers(1, 255, (2 * N, 37)))
    if kind == "columns first":
        inputs = np.asfortranarray(inputs[:N], dtype=dtype)
    elif kind == "every other row":
        inputs = inputs.astype(dtype)[::2]
    elif kind == "sparse":
        inputs = SparseRows.of_dense(inputs[: N + 2])[2:]
    else:
        inputs = inputs.astype(kind)[:N]
    agree(Network([37, 9, 3], dtype=dtype), SOFTMAX, inputs=inputs, scale=1 / 255, batch=batch)


@pytest.mark.parametrize("batch", [1, 4])
def test_examples_that_count_differently(batch, dtype):
    weights = np.random.default_rng(2).uniform(0, 3, N)
    weights[3] = 0
    agree(Network([6, 9, 3], dtype=dtype), SOFTMAX, weights=weights, batch=batch)


@pytest.mark.parametrize("batch", [1, 9])
@pytest.mark.parametrize(
    "sizes",
    [[1, 1, 1], [3, 1], [5, 16, 2], [17, 33, 15, 3], [130, 129, 2], [40, 300, 20, 4], [9, 64, 64, 64, 3]],
)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_every_size(sizes, activation, batch, dtype):
    agree(Network(sizes, activation, output="identity", dtype=dtype), MSE, batch=batch, n=20, rate=0.01)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
@pytest.mark.parametrize("batch", [1, 9])
def test_wide_layers_of_inputs_that_are_mostly_0(batch, rule, dtype):
    random = np.random.default_rng(6)
    inputs = random.standard_normal((20, 37)).astype(dtype) * (random.random((20, 37)) < 0.2)
    # More columns than are taken at a time where a list names the rows.
    network = Network([37, 300, 4], "tanh", output="identity", dtype=dtype)
    agree(network, MSE, inputs=inputs, batch=batch, optimizer=optimizers.get(rule), rate=0.01)


BITS = {
    "one at a time": {},
    "batches": {"batch": 24},
    "sparse batches of adam": {"batch": 24, "optimizer": optimizers.get("adam"), "rate": 0.01, "zeros": 0.8},
    "sparse, one at a time": {"zeros": 0.8},
    "normalised": {"batch": 24, "normalise": "batch", "clipping": Clipping(norm=0.1)},
    "by layer": {"batch": 24, "normalise": "layer", "regularisation": Regularisation(max_norm=0.5)},
    "dropout": {"batch": 24, "regularisation": Regularisation(dropout=0.5, l1=0.01)},
}


@pytest.mark.parametrize("how", BITS)
def test_the_same_bits_on_any_threads_and_widths(how, dtype, monkeypatch):
    settings = dict(BITS[how])
    random = np.random.default_rng(4)
    inputs = random.standard_normal((70, 50)).astype(dtype)
    inputs[random.random(inputs.shape) < settings.pop("zeros", 0.0)] = 0
    network = Network([50, 40, 33, 5], "gelu", normalise=settings.pop("normalise", None), dtype=dtype)
    targets = np.eye(5, dtype=dtype)[random.integers(0, 5, 70)]
    monkeypatch.setattr(compiled, "_WORTH_A_THREAD", 1)
    seen = set()
    for threads, width in itertools.product((1, 2, 4), (4, 8, 16)):
        monkeypatch.setenv("PELLUCID_THREADS", str(threads))
        monkeypatch.setenv("PELLUCID_VECTOR_WIDTH", str(width))
        found = learned("compiled", network, SOFTMAX, Examples(inputs), targets, **settings)
        seen.add(b"".join(array.tobytes() for array in found.arrays.values()))
    assert len(seen) == 1
    assert apart(found, network) > 1e-3


# Wide layers are shared out in halves by an even number of threads: one after the other, beside narrow ones
# and beside normalised ones, which are not, as the first and as the last.
HALVES = {
    "batches": {},
    "sparse batches": {"zeros": 0.8},
    "sparse batches of adam": {"zeros": 0.8, "optimizer": optimizers.get("adam"), "rate": 0.01},
    "clipped": {"clipping": Clipping(norm=0.1)},
    "no longer than": {"regularisation": Regularisation(max_norm=0.3)},
    "dropout": {"regularisation": Regularisation(dropout=0.5, input_dropout=0.1)},
    "narrow at the ends": {"sizes": [50, 33, 250, 240, 5], "activation": "tanh"},
    "wide at the end": {"sizes": [50, 33, 260], "activation": "tanh"},
    "a layer as one between": {"activation": ["relu", "softmax", "relu", "tanh"]},
    # Inputs that are listed are shared out in halves too, where the first layer is not wide.
    "many inputs": {"sizes": [300, 30, 5], "zeros": 0.9},
    "many inputs, and wide layers behind": {"sizes": [500, 30, 250, 5], "zeros": 0.9, "activation": "tanh"},
    "many bytes": {"sizes": [300, 30, 5], "zeros": 0.9, "kind": "bytes"},
    "many, as a sparse matrix": {"sizes": [300, 30, 5], "zeros": 0.9, "kind": "sparse"},
    "many, of adam": {"sizes": [300, 5], "zeros": 0.9, "optimizer": optimizers.get("adam"), "rate": 0.01},
    "many, clipped": {"sizes": [300, 30, 5], "zeros": 0.9, "clipping": Clipping(norm=0.1)},
    "many, normalised": {"sizes": [300, 30, 5], "zeros": 0.9, "normalise": "batch", "activation": "tanh"},
    # More inputs than are packed at a time: 512 of so many rows, or 256.
    "packed in parts": {"sizes": [600, 60, 5], "batch": 128, "n": 200, "activation": "tanh"},
}


def as_kind(inputs, kind):
    """Give inputs as bytes between 0 and 1, as a sparse matrix, or as they are."""
    if kind == "bytes":
        return Examples(np.clip(np.abs(inputs) * 100, 0, 255).astype(np.uint8), scale=1 / 255)
    return Examples(SparseRows.of_dense(inputs)) if kind == "sparse" else Examples(inputs)


def is_the_same(settings, dtype, monkeypatch):
    """See that threads and widths change no bit, and that the reference learns the same."""
    random = np.random.default_rng(7)
    sizes, n = settings.pop("sizes"), settings.pop("n")
    inputs = random.standard_normal((n, sizes[0])).astype(dtype)
    inputs[random.random(inputs.shape) < settings.pop("zeros", 0.0)] = 0
    examples = as_kind(inputs, settings.pop("kind", ""))
    normalise, activation = settings.pop("normalise", None), settings.pop("activation")
    network = Network(sizes, activation, output="identity", normalise=normalise, dtype=dtype)
    targets = random.standard_normal((n, sizes[-1])).astype(dtype)
    monkeypatch.setattr(compiled, "_WORTH_A_THREAD", 1)
    seen = set()
    for threads, width in itertools.product((1, 2, 3, 4), (4, 16)):
        monkeypatch.setenv("PELLUCID_THREADS", str(threads))
        monkeypatch.setenv("PELLUCID_VECTOR_WIDTH", str(width))
        found = learned("compiled", network, MSE, examples, targets, **settings)
        seen.add(b"".join(array.tobytes() for array in found.arrays.values()))
    assert len(seen) == 1
    reference = learned("reference", network, MSE, examples, targets, **settings)
    assert apart(reference, network) > 1e-3
    assert apart(found, reference) <= ROUNDING[dtype]


@pytest.mark.parametrize("how", HALVES)
def test_wide_layers_in_halves(how, dtype, monkeypatch):
    sizes = [50, 260, 250, 33, 240, 5]
    # The last batch of 24 is of two examples, fewer than threads.
    usual = {"batch": 24, "n": 74, "rate": 0.005, "sizes": sizes, "activation": "relu"}
    is_the_same({**usual, **HALVES[how]}, dtype, monkeypatch)


# A batch of more than 512 examples is gone through in parts, whose gradients are added up before they are
# followed: 600 in two, and the last 200 in one.
IN_PARTS = {
    "as they are": {},
    "wide": {"sizes": [20, 30, 250, 5], "batch": 1100},
    "adam": {"optimizer": optimizers.get("adam"), "rate": 0.01},
    "clipped": {"clipping": Clipping(norm=0.1)},
    "no longer than": {"regularisation": Regularisation(max_norm=0.3, biases=True)},
    "left out, with noise": {
        "regularisation": Regularisation(dropout=0.5, input_dropout=0.2, input_noise=0.2)
    },
    "average": {"average": 0.7},
    "listed": {"sizes": [300, 30, 5], "zeros": 0.9},
    "listed, wide": {"sizes": [40, 250, 5], "zeros": 0.9},
    "listed, of momentum": {"zeros": 0.9, "optimizer": optimizers.get("momentum"), "rate": 0.01},
    "bytes": {"zeros": 0.9, "kind": "bytes"},
    "a sparse matrix": {"zeros": 0.9, "kind": "sparse"},
    "normalised by layer": {"normalise": "layer"},
    # Its examples are compared with each other, so all of them are carried together.
    "normalised over the batch": {"normalise": "batch"},
    "normalised over the batch, of momentum": {
        "normalise": "batch",
        "optimizer": optimizers.get("momentum"),
        "rate": 0.01,
    },
}


@pytest.mark.parametrize("how", IN_PARTS)
def test_large_batches_in_parts(how, dtype, monkeypatch):
    usual = {"batch": 600, "n": 1400, "rate": 0.02, "sizes": [20, 30, 5], "activation": "tanh"}
    is_the_same({**usual, **IN_PARTS[how]}, dtype, monkeypatch)


# What takes long has all gradients before it follows one, so that it can be given up: that changes no bit.
ADDED_UP = {
    "sgd": {},
    "adam": {"optimizer": optimizers.get("adam")},
    "clipped": {"clipping": Clipping(norm=0.1)},
    "listed": {"zeros": 0.8},
    "normalised": {"normalise": "batch"},
}


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("how", ADDED_UP)
def test_gradients_are_followed_at_once_or_when_all_are_known(how, threads, dtype, monkeypatch):
    settings, random = dict(ADDED_UP[how]), np.random.default_rng(8)
    inputs = random.standard_normal((70, 50)).astype(dtype)
    inputs[random.random(inputs.shape) < settings.pop("zeros", 0.0)] = 0
    network = Network([50, 250, 33, 5], "tanh", normalise=settings.pop("normalise", None), dtype=dtype)
    targets = np.eye(5, dtype=dtype)[random.integers(0, 5, 70)]
    inputs[:, 7] = 0  # which changes no weight, and not the sign of one that is 0
    network.layers[0].weights[7] = -0.0
    monkeypatch.setattr(compiled, "_WORTH_A_THREAD", 1)
    monkeypatch.setenv("PELLUCID_THREADS", threads)
    at_once = learned("compiled", network, SOFTMAX, Examples(inputs), targets, batch=24, **settings)
    monkeypatch.setattr(batch_memory, "_LONG", 0)
    added_up = learned("compiled", network, SOFTMAX, Examples(inputs), targets, batch=24, **settings)
    assert apart(at_once, network) > 1e-3
    for name, array in at_once.arrays.items():
        assert array.tobytes() == added_up.arrays[name].tobytes(), name
