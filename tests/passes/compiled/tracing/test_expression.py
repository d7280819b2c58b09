"""What can be written down of a formula, with which dtype, and what cannot, for which reason."""

import numpy as np
import pytest

from pellucid.passes.compiled.tracing.expression import (
    BY_COLUMN,
    BY_ROW,
    DOUBLE,
    EVERYWHERE,
    ONCE,
    OWN,
    TRUTH,
    Traced,
    apply,
    is_weak,
    operand,
    settle,
    trace,
)
from pellucid.passes.untraceable import Untraceable

SINGLE, DOUBLE_DTYPE = np.dtype("float32"), np.dtype("float64")
Z = operand("z", EVERYWHERE, SINGLE)
RATE = operand("rate", ONCE, SINGLE, weak=True)

# What a formula does, and what is said of it.
UNTRACEABLE = {
    "an if": (lambda z: z if z > 0 else 0, "np.where chooses for each"),
    "and between words": (lambda z: z > 0 and z < 1, "an if on its numbers"),
    "float": (lambda z: float(z), "float() or int"),
    "int": (lambda z: int(z), "float() or int"),
    "an index": (lambda z: [1.0, 2.0][z], "float() or int"),
    "an array of it": (lambda z: np.asarray(z), "np.array() of its numbers"),
    "len": (lambda z: len(z), "len() of its numbers"),
    "shape": (lambda z: z / z.shape[1], "the shape"),
    "a part": (lambda z: z[0], "a part of its numbers"),
    "an unknown ufunc": (lambda z: np.cbrt(z), "np.cbrt"),
    "a ufunc's method": (lambda z: np.add.reduce(z), "np.add.reduce"),
    "an output of its own": (lambda z: np.exp(z, out=(z,)), "np.exp"),
    "an unknown function": (lambda z: np.sort(z), "np.sort"),
    "an array of its own": (lambda z: z + np.ones(3), "an array that is not made of"),
    "a list": (lambda z: apply("add", z, [1.0, 2.0]), "an array that is not made of"),
    "a word": (lambda z: apply("add", z, "one"), "'one' as a number"),
    "nothing": (lambda z: None, "None as a number"),
    "a sum of all": (lambda z: z.sum(), "sum over the axis None"),
    "a sum over two axes": (lambda z: np.sum(z, axis=(0, 1)), "sum over the axis"),
    "a sum of sums": (lambda z: z.sum(axis=1, keepdims=True).sum(axis=1), "an axis of length 1"),
    "a sum of sums over rows": (lambda z: z.sum(axis=0).max(axis=0), "an axis of length 1"),
    "whole numbers": (lambda z: z.astype(np.int64), "int64"),
    "half precision": (lambda z: z.astype(np.float16), "float16"),
    "a clip with more": (lambda z: np.clip(z, 0, 1, out=None), "np.clip with out"),
    "a mistake": (lambda z: z.no_such_thing, "AttributeError"),
    "a refusal": (lambda z: [].pop(), "IndexError"),
}


@pytest.mark.parametrize("case", UNTRACEABLE)
def test_what_cannot_be_written_down(case):
    formula, reason = UNTRACEABLE[case]
    with pytest.raises(Untraceable) as caught:
        trace(formula, Z, like=SINGLE)
    assert reason in str(caught.value)


# The dtype that NumPy gives the formula of a float32 array and a plain number.
PROMOTIONS = {
    "a plain number takes the array's": lambda z, rate: 0.1 * z,
    "so does one that is not known yet": lambda z, rate: rate * z,
    "so does what is made of such": lambda z, rate: (1 - 0.9**rate) * z,
    "a comparison counts as nothing": lambda z, rate: (z > 0) * z,
    "nor do two": lambda z, rate: ((z > 0) & ~(z > 1)) * z,
    "plain numbers chosen between are float64": lambda z, rate: np.where(z > 0, 1.0, 0.5) * z,
    "one of them and an array are not": lambda z, rate: np.where(z > 0, 1.0, z),
    "a sum in float64": lambda z, rate: z.sum(axis=-1, dtype=np.float64),
    "what is made of it": lambda z, rate: z - z.sum(axis=-1, keepdims=True, dtype=np.float64),
    "a mean": lambda z, rate: z.mean(axis=0),
    "a mean in float64": lambda z, rate: np.mean(z, axis=0, dtype=np.float64),
    "astype up": lambda z, rate: z.astype(np.float64) * 2,
    "astype down again": lambda z, rate: (z.astype(np.float64) * 2).astype(np.float32),
    "a comparison as numbers": lambda z, rate: (z > 0).astype(np.float32),
    "what was chosen, brought back": lambda z, rate: np.where(z > 0, 1.0, 0.5).astype(np.float32),
    "a ufunc told its dtype": lambda z, rate: np.multiply(z, rate, dtype=np.float64),
    "zeros like it": lambda z, rate: np.zeros_like(z),
    "a number like it": lambda z, rate: np.full_like(z, 0.5),
    "float64 in a function": lambda z, rate: np.exp(z.astype(np.float64)),
}


@pytest.mark.parametrize("case", PROMOTIONS)
def test_the_dtype_is_numpys(case):
    formula = PROMOTIONS[case]
    said = formula(Z, RATE)
    wanted = formula(np.ones((2, 3), SINGLE), 2.0).dtype
    assert said.dtype == wanted
    assert said.kind == (OWN if wanted == SINGLE else DOUBLE)


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE_DTYPE], ids=str)
def test_a_formula_ends_in_the_networks_dtype(dtype):
    z = operand("z", EVERYWHERE, dtype)
    for formula in (lambda z: z, lambda z: z > 0, lambda z: 1.0, lambda z: z.astype(np.float64) + 1):
        said = trace(formula, z, like=dtype)
        assert (said.kind, said.dtype) == (OWN, dtype)


def test_a_result_has_a_place_along_the_axes_asked_for():
    assert trace(lambda z: 1.0, Z, like=SINGLE).shape_of == ONCE
    assert trace(lambda z: 1.0, Z, like=SINGLE, shape_of=EVERYWHERE).shape_of == EVERYWHERE
    assert settle(Z, SINGLE, EVERYWHERE) is Z
    assert settle(Z.max(axis=1), SINGLE, EVERYWHERE).shape_of == EVERYWHERE
    with pytest.raises(Untraceable, match="more numbers than the formula"):
        settle(Z, SINGLE, BY_ROW)


def test_shapes_spread():
    row, column = operand("r", BY_ROW, SINGLE), operand("c", BY_COLUMN, SINGLE)
    assert (row * RATE).shape_of == BY_ROW
    assert (row + column).shape_of == EVERYWHERE
    assert Z.sum(axis=0).shape_of == Z.min(axis=0).shape_of == BY_COLUMN
    assert Z.sum(axis=1).shape_of == np.max(Z, axis=-1).shape_of == BY_ROW
    assert column[None] is column


def test_kinds():
    assert (Z > 0).kind == np.logical_not(Z).kind == (~(Z > 0)).kind == TRUTH
    assert is_weak(RATE)
    assert not is_weak(Z)
    assert not is_weak(Z.astype(np.float64))
    assert Z.astype(SINGLE) is Z
    assert np.positive(Z).operation == "positive"
    assert apply("add", 1.0, Z).arguments[0].said == 1.0


def test_what_is_no_comparison_is_one_with_0():
    chosen = np.where(Z, 1.0, 2.0).arguments[0]
    assert (chosen.operation, chosen.arguments[0]) == ("not_equal", Z)
    assert np.logical_or(Z > 0, Z).arguments[1].operation == "not_equal"


def test_clip_leaves_out_what_is_not_said():
    assert np.clip(Z, None, 6).operation == "minimum"
    assert np.clip(Z, 0, None).operation == "maximum"
    assert np.clip(Z, min=0, max=6).operation == "minimum"


def test_a_traced_number_says_what_it_is_for_numpy():
    assert isinstance(np.ones_like(Z > 0), Traced)
    assert Z.ndim == 2
    assert np.greater(Z, 0, casting="same_kind").kind == TRUTH
