"""The compiled loop that predicts: the reference's numbers, the same bits however the work is shared."""

import os
import subprocess
import sys

import numpy as np
import pytest

from pellucid.data.sparse_rows import SparseRows
from pellucid.network import Layer, Network, Normaliser, Objective, activations, costs, normalisations
from pellucid.passes import reference
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.predictor import Predictor

DTYPES = ["float32", "float64"]
NEAR = {"float32": 1e-5, "float64": 1e-12}
NAMES = [activation.name for activation in activations]


def network_of(sizes, activation="tanh", output="identity", dtype="float32", **more):
    """A network whose biases count too."""
    network = Network(sizes, activation, output=output, dtype=dtype, **more)
    random = np.random.default_rng(7)
    for array in network.arrays.values():
        if array.ndim == 1:
            array[...] = random.uniform(0.5, 1.5, array.shape)
    return network


def examples(n, n_in, share=1.0, seed=0):
    random = np.random.default_rng(seed)
    return np.where(random.random((n, n_in)) < share, random.normal(size=(n, n_in)), 0)


def predict(network, x, scale=1.0, width=None):
    return Predictor(network, this_machine(width)).predict(x, scale)


def assert_agrees(network, x, scale=1.0):
    __tracebackhide__ = True
    found, wanted = predict(network, x, scale), reference.predict(network, x, scale=scale)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    near = NEAR[str(network.dtype)]
    np.testing.assert_allclose(found, wanted, rtol=near, atol=near * max(1, np.abs(wanted).max(initial=0)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_every_activation_in_hidden_and_output_layers(name, dtype):
    network = network_of([5, 18, 3], name, name, dtype)
    assert_agrees(network, examples(11, 5).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_out", [1, 3, 10, 16, 33, 64, 100, 128, 200])
@pytest.mark.parametrize("n", [0, 1, 7, 64, 1000])
def test_any_number_of_rows_and_outputs(n, n_out, dtype):
    for sizes in [[20, n_out], [3, n_out, 2], [40, 9, n_out, n_out]]:
        assert_agrees(network_of(sizes, dtype=dtype), examples(n, sizes[0]).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("share", [1.0, 0.1, 0.0])
@pytest.mark.parametrize("n", [1, 5, 29])
def test_inputs_as_they_are_stored_with_few_or_many_zeros(n, share, kind, dtype):
    # Blocks of sums in number 1 (never listed), 3 and 15; the last with weights that end on no whole block.
    x = (100 * np.abs(examples(n, 70, share))).astype(kind)
    for n_out in (5, 40, 230):
        assert_agrees(network_of([70, n_out, 4], dtype=dtype), x, scale=1 / 255)
        assert_agrees(network_of([70, n_out, 4], dtype=dtype), x)


def test_rows_with_few_zeros_among_rows_with_many():
    x = np.concatenate(
        [examples(8 * k, 50, share, seed=k) for k, share in enumerate([0.1, 1, 0.1, 0.05, 1], 1)]
    )
    assert_agrees(network_of([50, 40, 3], dtype="float64"), x)


def test_a_listed_number_that_is_none_counts():
    network, x = network_of([50, 40, 3]), examples(9, 50, 0.1).astype("float32")
    x[4, 30] = np.nan
    assert np.isnan(predict(network, x)).any(axis=1).tolist() == [row == 4 for row in range(9)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", ["layer", "rms", "batch"])
@pytest.mark.parametrize("n_out", [3, 16, 40])
def test_normalisations(n_out, rule, dtype):
    network = network_of([9, n_out, n_out, 4], "gelu", "softmax", dtype, normalise=rule)
    for n in (1, 30):
        assert_agrees(network, examples(n, 9).astype(dtype))


@pytest.mark.parametrize("rule", ["layer", "rms", "batch"])
def test_a_normalised_output_layer_with_its_losses(rule):
    first, last = network_of([4, 6, 3], dtype="float64").layers
    normaliser = Normaliser.begin(normalisations.get(rule), 3, np.dtype("float64"))
    normaliser.gain[:] = [1, 2, 3]
    last = Layer(last.weights, last.biases, activations.get("softmax"), normaliser)
    network, x = Network.from_layers([first, last]), examples(20, 4)
    objective = Objective(network.output, costs.get("categorical_cross_entropy"))
    target = np.eye(3)[np.arange(20) % 3]
    found = Predictor(network, this_machine()).predict_with_losses(x, 1.0, objective, target)
    wanted = reference.predict_with_losses(network, x, objective, target)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [cost.name for cost in costs])
def test_the_losses_of_every_cost(name, dtype):
    cost = costs.get(name)
    output = cost.joint.activation if cost.joint else next(a.name for a in activations if cost.accepts(a))
    for n_out in (4, 16):
        network = network_of([6, 12, n_out], output=output, dtype=dtype)
        objective, x = Objective(network.output, cost), examples(41, 6).astype(dtype)
        target = np.eye(n_out)[np.arange(41) % n_out].astype(dtype)
        target = target.argmax(axis=1) if cost.takes_class_numbers else target
        predictor = Predictor(network, this_machine())
        outputs, losses = predictor.predict_with_losses(x, 1.0, objective, target)
        wanted_outputs, wanted = reference.predict_with_losses(network, x, objective, target)
        assert losses.dtype == wanted.dtype == dtype
        np.testing.assert_allclose(losses, wanted, rtol=10 * NEAR[dtype], atol=NEAR[dtype])
        np.testing.assert_allclose(outputs, wanted_outputs, rtol=NEAR[dtype], atol=NEAR[dtype])
        assert (predictor.predict(x, 1.0) == outputs).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_bits_for_any_number_of_threads(dtype, monkeypatch):
    # 784 to 100 is listed, 100 to 10 is packed; so many rows that threads are worth it, in no whole tiles.
    network = network_of([784, 100, 10], "tanh", "softmax", dtype)
    x = np.concatenate([examples(300, 784, 0.15), examples(301, 784, seed=1)]).astype(dtype)
    found = []
    for threads in (1, 2, 4):
        monkeypatch.setenv("PELLUCID_THREADS", str(threads))
        predictor = Predictor(network, this_machine())
        found.append(predictor.predict(x, 1.0).tobytes())
        assert predictor.threads == min(threads, 2)  # what this much work is worth
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(("dtype", "widths"), [("float32", (4, 8, 16)), ("float64", (4, 16))])
def test_the_same_bits_for_any_width_of_vectors(dtype, widths):
    network = network_of([70, 130, 33, 10], "gelu", "softmax", dtype, normalise="layer")
    for x in (
        examples(21, 70).astype(dtype),
        examples(21, 70, 0.1).astype(dtype),
        np.ones((1, 70), np.uint8),
    ):
        assert len({predict(network, x, 1.0, width).tobytes() for width in widths}) == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_out", [10, 17, 40, 64, 100, 128, 150, 300])
@pytest.mark.parametrize("share", [1.0, 0.6, 0.2, 0.1])
def test_a_row_alone_has_the_bits_that_it_has_among_others(n_out, share, dtype):
    # A row alone is multiplied by weights where they lie, many rows by weights brought onto whole blocks or
    # into panels. How many zeros make it worth listing a row depends on how many rows there are.
    predictor = Predictor(network_of([70, n_out, 10], dtype=dtype), this_machine())
    x = np.concatenate([examples(20, 70, share), examples(20, 70), examples(260, 70, share, seed=1)])
    x = x.astype(dtype)
    for rows in (x, SparseRows.of_dense(x)):
        alone = np.concatenate([predictor.predict(rows[k : k + 1], 1.0) for k in range(40)])
        for n in (2, 16, 40, 300):
            assert predictor.predict(rows[:n], 1.0)[:40].tobytes() == alone[:n].tobytes(), n


# What is asked for lies at the very end of memory that may be read, or written; the page behind it may not.
GUARDED = """
import ctypes, mmap, sys
import numpy as np

libc = ctypes.CDLL(None, use_errno=True)


def guarded(array):
    array = np.ascontiguousarray(array)
    n = -(-array.nbytes // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, n + mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert libc.mprotect(ctypes.c_void_p(start + n), ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
    placed = np.frombuffer(memory, array.dtype, array.size, n - array.nbytes).reshape(array.shape)
    placed[...] = array
    return placed

"""

BEYOND = """
array = guarded(np.ones(3))
print(array.sum(), flush=True)
ctypes.string_at(array.ctypes.data + 24, 1)
"""

WITHIN = """
from pellucid.network import Layer, Network, Normaliser, Objective, costs
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.predictor import Predictor
from pellucid.passes.reference import predict_with_losses

random = np.random.default_rng(0)
SIZES = [(20, 1, 1), (20, 3, 40), (2, 1, 9), (37, 10, 1), (37, 16, 5),
         (70, 33, 20), (70, 100, 1), (9, 128, 17)]
for n_in, n_out, n in SIZES:
    for kind in ("uint8", "float32", "float64"):
        for share in (1.0, 0.1):
            made = Network([n_in, n_out, n_out, n_out], output="identity", normalise="batch", dtype=DTYPE)
            layers = [
                Layer(guarded(layer.weights), guarded(layer.biases), layer.activation, layer.normaliser
                      and Normaliser(layer.normaliser.rule, *map(guarded, layer.normaliser.learned.values()),
                                     *map(guarded, layer.normaliser.kept.values())))
                for layer in made.layers
            ]
            network = Network.from_layers(layers)
            x = guarded((9 * random.random((n, n_in)) * (random.random((n, n_in)) < share)).astype(kind))
            target = guarded(random.random((n, n_out)).astype(DTYPE))
            objective = Objective(network.output, costs.get("mean_squared_error"))
            predictor = Predictor(network, this_machine())
            empty = lambda *of: guarded(np.empty(*of))
            found = predictor.predict_with_losses(x, 1.0, objective, target, empty)
            wanted = predict_with_losses(network, x, objective, target)
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
print("all within", flush=True)
"""


def run_guarded(program):
    done = subprocess.run(
        [sys.executable, "-c", GUARDED + program], capture_output=True, text=True, env=os.environ
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="pages are protected with mprotect")
class TestNothingIsTouchedBeyondAnArraysEnd:
    def test_the_guard_works(self):
        code, said, _ = run_guarded(BEYOND)
        assert said == "3.0\n"
        assert code < 0

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_inputs_weights_targets_outputs_and_losses(self, dtype):
        code, said, errors = run_guarded(f"DTYPE = {dtype!r}\n" + WITHIN)
        assert (code, said) == (0, "all within\n"), errors
