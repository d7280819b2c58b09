"""Formulas as machine code against NumPy: every declaration, and every way in which a formula can be said."""

import math

import numpy as np
import pytest

from pellucid.network import Activation, Objective, activations, costs
from pellucid.network.activation import Interval
from pellucid.passes.compiled.tracing.expression import BY_COLUMN, BY_ROW, EVERYWHERE, ONCE, operand, trace
from pellucid.passes.compiled.tracing.formulas import (
    backward_program,
    error_program,
    forward_program,
    loss_program,
    update_program,
)
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.compiled.tracing.signatures import UPDATE
from pellucid.passes.untraceable import Untraceable
from pellucid.training import optimizers

DTYPES = [np.dtype("float32"), np.dtype("float64")]
SHAPES = [(1, 1), (5, 7), (1, 16), (5, 33)]
WIDTHS = [4, 8, 16]
STEPPING = [optimizer.name for optimizer in optimizers if not optimizer.searches]

every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=str)


def assert_agrees(found, wanted, dtype):
    """As NumPy says, but for rounding; where parts cancel out, as much as was rounded in the parts."""
    __tracebackhide__ = True
    assert found.dtype == dtype
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    size = np.abs(wanted[np.isfinite(wanted)]).max(initial=0)
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=8 * np.finfo(dtype).eps * size)


@pytest.fixture
def run(run_program):
    """Run a program with vectors of every width: the same bits come out."""

    def run(program, given, shape):
        narrow, *wider = (run_program(program, given, shape, width=width) for width in WIDTHS)
        for found in wider:
            for name, values in found.items():
                np.testing.assert_array_equal(values, narrow[name])
        return narrow

    return run


def sums(shape, dtype, scale=3.0):
    return (np.random.default_rng(0).standard_normal(shape) * scale).astype(dtype)


def of_one(function, dtype, shape_of=None):
    z = operand("z", EVERYWHERE, dtype)
    return Program("formula", dtype, (z,), {"a": trace(function, z, like=dtype, shape_of=shape_of)})


# -- declarations -------------------------------------------------------------------------------------------


@every_dtype
@pytest.mark.parametrize("name", activations.names)
def test_an_activation_and_its_way_back(name, dtype, run):
    activation = activations.get(name)
    forward, backward = (make(activation, dtype, "pass") for make in (forward_program, backward_program))
    for shape in SHAPES:
        z = sums(shape, dtype)
        a, slope_in_a = activation.forward(z), sums(shape, dtype)[::-1]
        assert_agrees(run(forward, {"z": z}, shape)["a"], a, dtype)
        found = run(backward, {"z": z, "a": a, "slope_in_a": slope_in_a}, shape)
        if activation.acts_on_layer:
            assert_agrees(found["delta"], activation.backward(z, a, slope_in_a), dtype)
        else:
            assert_agrees(found["slope"], np.asarray(activation.slope(z, a), dtype), dtype)


@every_dtype
@pytest.mark.parametrize(
    "name", [name for name in activations.names if not activations.get(name).acts_on_layer]
)
def test_an_activation_far_out(name, dtype, run):
    activation = activations.get(name)
    z = np.array([[0.0, -0.0, 1e30, -1e30, 100, -100, 1e-30, -1e-30, 20, -20, 5, -5]], dtype)
    found = run(forward_program(activation, dtype, "pass"), {"z": z}, z.shape)["a"]
    with np.errstate(over="ignore"):  # of exp, which is infinite there in both
        np.testing.assert_allclose(found, activation.forward(z), rtol=1e-5, atol=1e-37)


def objectives():
    """Every cost with its joint activation, and with another that it takes by the chain rule."""
    for cost in costs:
        fitting = [each.name for each in activations if each.trainable and cost.accepts(each)]
        joint = [cost.joint.activation] if cost.joint else []
        yield from ((name, cost.name) for name in dict.fromkeys([*joint, fitting[-1]]))


@every_dtype
@pytest.mark.parametrize(("activation", "cost"), list(objectives()))
def test_a_cost(activation, cost, dtype, run):
    objective = Objective(activations.get(activation), costs.get(cost))
    shape = (5, 7)
    z, random = sums(shape, dtype, 1.0), np.random.default_rng(1)
    a = objective.activation.forward(z)
    y = np.eye(7, dtype=dtype)[random.integers(0, 7, 5)]
    weight = random.uniform(0.5, 2, 5).astype(dtype)
    given = {"z": z, "a": a, "y": y, "weight": weight}
    target = y.argmax(axis=1) if objective.cost.takes_class_numbers else y
    found = run(loss_program(objective, dtype, "loss"), given, shape)
    assert_agrees(found["loss"], objective.losses(z, a, target), dtype)
    found = run(error_program(objective, dtype, "error"), given, shape)
    assert_agrees(found["delta"], objective.error_term(z, a, target) * weight[:, None], dtype)


@every_dtype
def test_errors_that_a_batch_shares(dtype, run):
    objective = Objective(activations.get("tanh"), costs.get("mean_squared_error"))
    z, y = sums((5, 7), dtype), sums((5, 7), dtype)[::-1]
    a, weight = np.tanh(z), np.arange(1, 6).astype(dtype)
    given = {"z": z, "a": a, "y": y, "weight": weight, "share": 0.25}
    found = run(error_program(objective, dtype, "error", shared=True), given, z.shape)
    assert_agrees(found["delta"], (a - y) * (1 - a * a) * weight[:, None] / 4, dtype)


@every_dtype
@pytest.mark.parametrize("name", STEPPING)
def test_an_optimizers_step(name, dtype, run):
    optimizer = optimizers.get(name)

    def formula(gradient, plain, kept):
        change, state = optimizer.step(gradient, kept, plain["rate"], plain["t"])
        return {"weights": kept["weights"] + change, **state}

    program = update_program(formula, dtype, "update", ["weights", *optimizer.keeps], UPDATE.numbers)
    for t, shape in zip((1, 2, 2, 1, 1000), [*SHAPES, (5, 33)], strict=True):
        gradient, nothing = sums(shape, dtype), np.zeros(shape, dtype)
        kept = {key: np.abs(sums(shape, dtype, 0.5))[::-1] for key in optimizer.keeps}
        given = {"gradient": gradient, "weights": nothing, **kept}
        given |= {"rate": 0.05, "t": float(t), "shrink": 1.0, "divisor": 1.0}
        change, state = optimizer.step(gradient, kept, 0.05, t)
        found = run(program, given, shape)
        assert_agrees(found["new_weights"], change, dtype)
        for key in optimizer.keeps:
            assert_agrees(found[f"new_{key}"], state[key], dtype)


@every_dtype
def test_a_slope_that_is_a_plain_number(dtype, run):
    class Half(Activation):
        name = "half"
        formula = slope_formula = ""
        range = Interval()

        def value(self, z):
            return 0.5 * z

        def slope(self, z, a):
            return 0.5

    z = sums((5, 33), dtype)
    found = run(backward_program(Half(), dtype, "backward"), {"z": z, "a": 0.5 * z}, z.shape)
    np.testing.assert_array_equal(found["slope"], np.full_like(z, 0.5))


# -- ways to say something ----------------------------------------------------------------------------------

# Each a formula of z; what NumPy makes of it is what must come out.
SAID = {
    "sums over a row": lambda z: z - z.sum(axis=1, keepdims=True),
    "sums over the rows": lambda z: z - z.sum(axis=0, keepdims=True),
    "means": lambda z: z / (1 + np.abs(z.mean(axis=-1, keepdims=True))),
    "means over the rows": lambda z: z - np.mean(z, axis=0, keepdims=True),
    "the largest": lambda z: np.exp(z - np.max(z, axis=1, keepdims=True)),
    "the least": lambda z: z - np.amin(z, axis=1, keepdims=True),
    "the least of the rows": lambda z: z - z.min(axis=0, keepdims=True),
    "a sum of what a sum went into": lambda z: (
        z / (1 + np.square(z - z.mean(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
    ),
    "two sums at once": lambda z: z * np.sum(z, axis=1, keepdims=True) - np.sum(z * z, axis=1, keepdims=True),
    "a sum in float64": lambda z: z - np.sum(z, axis=1, keepdims=True, dtype=np.float64),
    "a sum over the rows in float64": lambda z: z - z.sum(axis=0, keepdims=True, dtype=np.float64),
    "how many are above 0": lambda z: z * (z > 0).sum(axis=1, keepdims=True),
    "a comparison of float64": lambda z: z.astype(np.float64) > 0.1,
    "float64 chosen by float32": lambda z: np.where(z > 0, z.astype(np.float64) / 3, 0.1),
    "and, or, not": lambda z: ((z > 0) & (z < 2) | ~(z > -2)) * z,
    "equal and not": lambda z: (np.rint(z) == 1) - 2.0 * (np.rint(z) != 2),
    "whole numbers": lambda z: np.floor(z) + 2 * np.ceil(z) + 3 * np.trunc(z) + 5 * np.rint(z),
    "signs": lambda z: np.copysign(2, z) + np.sign(z) - np.positive(z),
    "clip": lambda z: np.clip(z, -1, 1) + np.clip(z, None, 0.5) + np.clip(z, min=0.25, max=None),
    "constants": lambda z: np.zeros_like(z) + np.ones_like(z) + np.full_like(z, 0.3) + z,
    "powers": lambda z: z**2 + z**3 + np.abs(z) ** 0.5 + np.abs(z) ** 1.7 + 2**z,
    "divided": lambda z: z // 0.7 + z % 0.7 + np.reciprocal(1 + z * z),
    "a ufunc told its dtype": lambda z: np.multiply(z, 1 / 3, dtype=np.float64) - z,
    "a row's number only": lambda z: z.max(axis=1, keepdims=True) + 0 * z,
}


@every_dtype
@pytest.mark.parametrize("case", SAID)
def test_what_is_said_is_what_numpy_does(case, dtype, run):
    program = of_one(SAID[case], dtype)
    for shape in SHAPES:
        z = sums(shape, dtype)
        found = run(program, {"z": z}, shape)["a"]
        assert_agrees(found, np.asarray(SAID[case](z), dtype), dtype)


@every_dtype
def test_a_number_for_each_row_or_column(dtype, run):
    z = sums((5, 33), dtype)
    row, column = sums(5, dtype), sums(33, dtype)
    operands = (operand("z", EVERYWHERE, dtype), operand("r", BY_ROW, dtype), operand("c", BY_COLUMN, dtype))
    given = {"z": z, "r": row, "c": column, "rate": 0.3}
    rate = operand("rate", ONCE, dtype, weak=True)
    outputs = {
        "all": trace(lambda z, r, c: z * c + r * rate, *operands, like=dtype),
        "columns": trace(lambda z, r, c: c * rate, *operands, like=dtype),
    }
    found = run(Program("spread", dtype, (*operands, rate), outputs), given, z.shape)
    assert_agrees(found["all"], z * column + row[:, None] * dtype.type(0.3), dtype)
    assert_agrees(found["columns"], column * dtype.type(0.3), dtype)
    of_rows = {"rows": trace(lambda z, r, c: np.exp(r) * z.sum(axis=1), *operands, like=dtype)}
    found = run(Program("rows", dtype, operands[:2], of_rows), given, z.shape)
    assert_agrees(found["rows"], np.exp(row) * z.sum(axis=1), dtype)


@every_dtype
def test_many_columns_are_taken_several_blocks_at_a_time(dtype, run):
    operands = (operand("z", EVERYWHERE, dtype), operand("c", BY_COLUMN, dtype))
    program = Program(
        "wide", dtype, operands, {"a": trace(lambda z, c: z * np.exp(c), *operands, like=dtype)}
    )
    for columns in (1, 127, 128, 129, 300):
        z, column = sums((3, columns), dtype), sums(columns, dtype)
        found = run(program, {"z": z, "c": column}, z.shape)
        assert_agrees(found["a"], z * np.exp(column), dtype)


@every_dtype
def test_what_is_no_number_passes_through(dtype, run):
    z = np.array([[np.nan, 1, -1, np.inf, -np.inf, 0, np.nan]], dtype)
    formulas = [
        lambda z: np.maximum(z, 0),
        lambda z: np.maximum(0, z),
        lambda z: np.minimum(z, 0),
        lambda z: np.minimum(0, z),
        lambda z: np.clip(z, -2, 2),
        lambda z: np.where(z != z, 7, z),
        lambda z: (z > 0) + 2.0 * (z <= 0) + 4.0 * (z == z),
        lambda z: 0 * z + z.max(axis=1, keepdims=True),
        lambda z: 0 * z + z.min(axis=1, keepdims=True),
    ]
    operands = (operand("z", EVERYWHERE, dtype),)
    outputs = {str(n): trace(formula, *operands, like=dtype) for n, formula in enumerate(formulas)}
    found = run(Program("all", dtype, operands, outputs), {"z": z}, z.shape)
    with np.errstate(invalid="ignore"):
        for n, formula in enumerate(formulas):
            np.testing.assert_array_equal(found[str(n)], np.asarray(formula(z), dtype))


def test_a_sum_in_float64_is_one(run):
    # 1 is lost beside 2^25 in float32, and kept in float64.
    dtype = np.dtype("float32")
    z = np.array([[2.0**25, 1, -(2.0**25)]], dtype)
    formula = of_one(lambda z: z.sum(axis=1, dtype=np.float64), dtype)
    assert run(formula, {"z": z}, z.shape)["a"] == [1]


def test_a_comparison_is_made_in_the_wider_of_the_two(run):
    # 0.1 as a float32 is more than as a float64, and the same as itself.
    dtype = np.dtype("float32")
    z = np.array([[0.1]], dtype)
    assert run(of_one(lambda z: z.astype(np.float64) > 0.1, dtype), {"z": z}, z.shape)["a"] == [[1]]
    assert run(of_one(lambda z: z > 0.1, dtype), {"z": z}, z.shape)["a"] == [[0]]
    rate = operand("rate", ONCE, dtype, weak=True)
    of_all = operand("z", EVERYWHERE, dtype)
    said = trace(lambda z: z * (rate > 0.1), of_all, like=dtype)
    program = Program("plain", dtype, (of_all, rate), {"a": said})
    assert run(program, {"z": z, "rate": np.nextafter(0.1, 1)}, z.shape)["a"] == z


def test_sums_both_ways_are_not_taken(run):
    dtype = np.dtype("float32")
    with pytest.raises(Untraceable, match="sums over rows and sums over columns"):
        run(of_one(lambda z: z.sum(axis=0) - z.sum(axis=1), dtype), {"z": np.ones((2, 2))}, (2, 2))


@every_dtype
def test_a_function_of_plain_numbers_is_a_plain_number(dtype, run):
    z = sums((2, 3), dtype)
    of_all = operand("z", EVERYWHERE, dtype)
    rate, t = (operand(name, ONCE, dtype, weak=True) for name in ("rate", "t"))
    said = trace(lambda z: z * rate * np.exp(-t) / (1 - 0.9**t) * np.where(t > 2, 1, 2), of_all, like=dtype)
    found = run(
        Program("plain", dtype, (of_all, rate, t), {"a": said}), {"z": z, "rate": 0.1, "t": 3.0}, z.shape
    )
    assert_agrees(found["a"], z * dtype.type(0.1 * math.exp(-3) / (1 - 0.9**3)), dtype)
