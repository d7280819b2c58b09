"""Tracing: a declaration's NumPy code is recorded as a formula, of which machine code can be made.

A declaration's `value` or `step` is called with `Traced` numbers instead of arrays. Each operation on one
returns another that records how it was computed; the result is the whole formula.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import PellucidError
from pellucid.passes.untraceable import Untraceable

__all__ = [
    "BY_COLUMN",
    "BY_ROW",
    "DOUBLE",
    "EVERYWHERE",
    "ONCE",
    "OWN",
    "TRUTH",
    "Shape",
    "Traced",
    "apply",
    "is_weak",
    "listen",
    "operand",
    "settle",
    "trace",
]


@dataclass(frozen=True)
class Shape:
    """Along which axes of a block of rows and columns a number differs."""

    rows: bool
    columns: bool

    def __or__(self, other: "Shape") -> "Shape":
        return Shape(self.rows or other.rows, self.columns or other.columns)


ONCE = Shape(rows=False, columns=False)
BY_ROW = Shape(rows=True, columns=False)
BY_COLUMN = Shape(rows=False, columns=True)
EVERYWHERE = Shape(rows=True, columns=True)

# The kind of a number: of the network's own dtype, a float64 whatever that is, or true or false.
OWN, DOUBLE, TRUTH = "own", "double", "truth"

# NumPy's functions by the names of formulas: their own, or those of functions that do the same.
_OWN_NAMES = (
    "add", "subtract", "multiply", "divide", "negative", "absolute", "square", "sqrt", "maximum",
    "minimum", "fmax", "fmin", "sign", "reciprocal", "power", "positive", "exp", "expm1", "exp2", "log",
    "log1p", "log2", "log10", "tanh", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "sin", "cos",
    "arctan", "erf", "erfc", "ndtr", "log_ndtr", "expit", "logaddexp", "floor", "ceil", "rint", "trunc",
    "floor_divide", "remainder", "copysign", "greater", "greater_equal", "less", "less_equal", "equal",
    "not_equal",
)  # fmt: skip
_UFUNCS = {name: name for name in _OWN_NAMES} | {
    "true_divide": "divide", "fabs": "absolute", "logical_and": "and", "bitwise_and": "and",
    "logical_or": "or", "bitwise_or": "or", "logical_not": "not", "invert": "not",
}  # fmt: skip
_TRUTHS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "and", "or", "not"}


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """A number that records how it was computed.

    Parameters
    ----------
    operation : str
        "operand", "constant", a function's name, or "sum" and the like over an axis.
    arguments : tuple of Traced
    shape_of : Shape
        Along which axes it differs.
    kind : {"own", "double", "truth"}
    dtype : numpy dtype
        What the declaration sees: the network's, or float64.
    said : Any
        An operand's name, a constant's value, a reduction's axis.
    """

    ndim = 2

    def __init__(
        self,
        operation: str,
        arguments: "tuple[Traced, ...]",
        shape_of: Shape,
        kind: str,
        dtype: "np.dtype[Any]",
        said: Any = None,
    ) -> None:
        self.operation, self.arguments, self.shape_of = operation, arguments, shape_of
        self.kind, self.dtype, self.said = kind, dtype, said

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **more: Any) -> "Traced":
        name = _UFUNCS.get(ufunc.__name__)
        more.pop("casting", None)
        kind = more.pop("dtype", None)
        if method != "__call__" or more or name is None:
            raise Untraceable(f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}"))
        if kind is not None and name not in _TRUTHS:  # as NumPy does: first converted, then computed
            inputs = tuple(_lift(given, self).astype(kind) for given in inputs)
        return apply(name, *inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, inputs: tuple[Any, ...], more: dict[str, Any]
    ) -> "Traced":
        known = _FUNCTIONS.get(function.__name__)
        if known is None:
            raise Untraceable(f"np.{function.__name__}")
        return known(self, *inputs, **more)

    def __bool__(self) -> bool:
        raise Untraceable("an if on its numbers; np.where chooses for each of them")

    def __float__(self) -> float:
        raise Untraceable("float() or int() of its numbers")

    __int__ = __index__ = __float__

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise Untraceable("np.array() of its numbers")

    def __len__(self) -> int:
        raise Untraceable("len() of its numbers")

    def __getitem__(self, key: Any) -> "Traced":
        if key is None:  # one row more is what a number a column is already
            return self
        raise Untraceable("a part of its numbers, such as x[0]")

    @property
    def shape(self) -> tuple[int, ...]:
        """Unknown while a formula is traced."""
        raise Untraceable("the shape of its numbers")

    def astype(self, dtype: Any, **_: Any) -> "Traced":
        """Convert to another dtype."""
        wanted = np.dtype(dtype)
        if wanted not in (np.float32, np.float64):
            raise Untraceable(f"numbers of the dtype {wanted}")
        number = _number(self)
        if wanted == number.dtype and not is_weak(number):
            return number
        kind = DOUBLE if wanted == np.float64 else OWN
        return Traced("convert", (number,), number.shape_of, kind, wanted)

    def _reduced(self, operation: str, axis: Any, dtype: Any = None) -> "Traced":
        if axis not in (0, 1, -1):
            raise Untraceable(f"{operation} over the axis {axis}")
        axis = 0 if axis == 0 else 1
        if not (self.shape_of.rows if axis == 0 else self.shape_of.columns):
            raise Untraceable(f"{operation} along an axis of length 1")
        taken = _number(self) if dtype is None else _number(self).astype(dtype)
        left = BY_COLUMN if axis == 0 else BY_ROW
        return Traced(operation, (taken,), left, taken.kind, taken.dtype, axis)

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> "Traced":
        """Sum along an axis."""
        return self._reduced("sum", axis, dtype)

    def max(self, axis: Any = None, keepdims: bool = False) -> "Traced":
        """Return the largest along an axis."""
        return self._reduced("max", axis)

    def min(self, axis: Any = None, keepdims: bool = False) -> "Traced":
        """Return the smallest along an axis."""
        least: Traced = -((-self).max(axis))
        return least

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> "Traced":
        """Return the mean along an axis."""
        total = self._reduced("sum", axis, dtype)
        mean: Traced = total / Traced("count", (), ONCE, DOUBLE, total.dtype, total.said)
        return mean


def operand(name: str, shape_of: Shape, dtype: "np.dtype[Any]", *, weak: bool = False) -> Traced:
    """Return a number whose value is known only when the machine code runs; `is_weak` says what weak is."""
    return Traced("operand", (), shape_of, DOUBLE if weak else OWN, dtype, name)


def trace(
    function: Callable[..., Any], *given: Any, like: "np.dtype[Any]", shape_of: Shape | None = None
) -> Traced:
    """Call a function with traced numbers, and return its result as a number of the network's dtype.

    It has a place for each number along the axes of ``shape_of``, even if all are the same; by default, along
    those where it differs.

    Examples
    --------
    >>> z = operand("z", EVERYWHERE, np.dtype("float32"))
    >>> trace(lambda z: np.where(z > 0, z, 0.1 * z), z, like=z.dtype).operation
    'where'
    """
    return settle(listen(function, *given), like, shape_of)


def listen(function: Callable[..., Any], *given: Any) -> Any:
    """Call a function with traced numbers, and return its result; errors of its own are `Untraceable`."""
    try:
        return function(*given)
    except (Untraceable, PellucidError):
        raise
    except Exception as error:  # whatever a formula of one's own does with what is no array
        raise Untraceable(f"{type(error).__name__}: {error}") from error


def settle(said: Any, like: "np.dtype[Any]", shape_of: Shape | None = None) -> Traced:
    """Convert what a declaration has returned to a number of the network's dtype, of a given shape."""
    number = _number(said if isinstance(said, Traced) else _constant(said, like))
    wanted = number.shape_of if shape_of is None else shape_of
    if number.kind == OWN and number.shape_of == wanted:
        return number
    if number.shape_of | wanted != wanted:
        raise Untraceable("more numbers than the formula must return")
    return Traced("convert", (number,), wanted, OWN, like)


def _constant(value: Any, dtype: "np.dtype[Any]") -> Traced:
    if (isinstance(value, np.ndarray) and value.ndim > 0) or (not np.isscalar(value) and np.ndim(value) > 0):
        raise Untraceable("an array that is not made of its arguments")
    try:
        return Traced("constant", (), ONCE, DOUBLE, dtype, float(value))
    except (TypeError, ValueError):
        raise Untraceable(f"{value!r} as a number") from None


def _lift(given: Any, like: Traced) -> Traced:
    return given if isinstance(given, Traced) else _constant(given, like.dtype)


def _number(given: Traced) -> Traced:
    """Convert true to 1 and false to 0, in the dtype of what was compared: nothing is widened."""
    if given.kind != TRUTH:
        return given
    one, zero = _constant(1.0, given.dtype), _constant(0.0, given.dtype)
    kind = DOUBLE if given.dtype == np.float64 else OWN
    return Traced("where", (given, one, zero), given.shape_of, kind, given.dtype)


def apply(name: str, *given: Any) -> Traced:
    """Apply an operation, or a function by its name, to numbers of which at least one is traced."""
    like = next(each for each in given if isinstance(each, Traced))
    arguments = tuple(_lift(each, like) for each in given)
    if name in ("and", "or", "not"):
        arguments = tuple(each if each.kind == TRUTH else apply("not_equal", each, 0.0) for each in arguments)
        numbers: tuple[Traced, ...] = ()
    elif name == "where":
        chosen = arguments[0]
        if chosen.kind != TRUTH:
            chosen = apply("not_equal", chosen, 0.0)
        numbers = tuple(map(_number, arguments[1:]))
        arguments = (chosen, *numbers)
    else:
        arguments = numbers = tuple(map(_number, arguments))
    shape_of = ONCE
    for each in arguments:
        shape_of |= each.shape_of
    # Plain numbers take the dtype of the others, as in NumPy's promotion.
    strong = [each for each in numbers if not is_weak(each)]
    kinds = {each.kind for each in strong or numbers}
    kind = DOUBLE if kinds == {DOUBLE} or (DOUBLE in kinds and strong) else OWN
    dtype = next((each.dtype for each in strong if each.kind == kind), arguments[0].dtype)
    if kind == DOUBLE and shape_of != ONCE:
        dtype = np.dtype(np.float64)
    return Traced(name, arguments, shape_of, TRUTH if name in _TRUTHS else kind, dtype)


def is_weak(given: Traced) -> bool:
    """Return whether a number is a plain Python number, which takes the dtype of its operands."""
    return given.shape_of == ONCE and given.kind == DOUBLE


def _where(like: Traced, chosen: Any, first: Any, second: Any) -> Traced:
    return apply("where", chosen, first, second)


def _clip(like: Traced, x: Any, low: Any = None, high: Any = None, **more: Any) -> Traced:
    low, high = more.pop("min", low), more.pop("max", high)
    if more:
        raise Untraceable(f"np.clip with {', '.join(more)}")
    found = _lift(x, like)
    if low is not None:
        found = apply("maximum", found, low)
    return found if high is None else apply("minimum", found, high)


def _full(value: float) -> Callable[..., Traced]:
    def full(like: Traced, x: Any, *_: Any, **__: Any) -> Traced:
        found = _number(_lift(x, like))
        constant = _constant(value, found.dtype)
        return Traced("convert", (constant,), found.shape_of, found.kind, found.dtype)

    return full


def _full_like(like: Traced, x: Any, value: Any, **_: Any) -> Traced:
    return _full(float(value))(like, x)


def _reduction(name: str) -> Callable[..., Traced]:
    def reduce(like: Traced, x: Any, axis: Any = None, **more: Any) -> Traced:
        more.pop("keepdims", None)
        found: Traced = getattr(_lift(x, like), name)(axis=axis, **more)
        return found

    return reduce


_FUNCTIONS: dict[str, Callable[..., Traced]] = {
    "where": _where,
    "clip": _clip,
    "zeros_like": _full(0.0),
    "ones_like": _full(1.0),
    "full_like": _full_like,
    "sum": _reduction("sum"),
    "mean": _reduction("mean"),
    "max": _reduction("max"),
    "amax": _reduction("max"),
    "min": _reduction("min"),
    "amin": _reduction("min"),
}
