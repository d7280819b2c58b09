"""The arguments of each kind of program: arrays and plain numbers, in the order in which a call passes them.

A signature is the only place where that order is written. Programs are built from it (`Signature.program`),
Python lays addresses out by it (`Signature.addresses`, `Signature.operands`), and loops fill a call's frame
by the slots that it names (`Signature.slots`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.passes.compiled.memory.frame import MOST_ARRAYS, MOST_NUMBERS
from pellucid.passes.compiled.tracing.expression import (
    BY_COLUMN,
    BY_ROW,
    EVERYWHERE,
    ONCE,
    Shape,
    Traced,
    operand,
    settle,
)
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.untraceable import Untraceable

__all__ = [
    "BACKWARD",
    "ERRORS",
    "FORWARD",
    "GRADIENT",
    "LIMIT_NORMS",
    "LOSSES",
    "MOVES",
    "NOISE",
    "RUNNING_STATISTICS",
    "SHARED_ERRORS",
    "SLOPE",
    "SQUARES",
    "UPDATE",
    "Signature",
    "layer_signature",
    "normalise_back_signature",
    "normalise_signature",
    "update_signature",
]

# How an array's address moves on to a block of rows and columns, by the number that the loops know it by.
MOVES = {EVERYWHERE: 0, BY_ROW: 1, BY_COLUMN: 2}


@dataclass(frozen=True)
class Signature:
    """The arrays and numbers of a kind of program, in their order.

    Parameters
    ----------
    inputs, outputs : dict of Shape
        By name, along which axes each array differs.
    numbers : tuple of str
        The names of the plain numbers.

    Examples
    --------
    >>> FORWARD.slots.a
    1
    >>> FORWARD.addresses({"a": 128, "z": 64})
    array([ 64, 128])
    """

    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()

    @property
    def arrays(self) -> dict[str, Shape]:
        """All arrays by name, in the order of their slots."""
        return {**self.inputs, **self.outputs}

    @cached_property
    def slots(self) -> Any:
        """The slot of each array and of each number: a tuple of whole numbers with their names."""
        names = [(name, int) for name in (*self.arrays, *self.numbers)]
        kind = NamedTuple("Slots", names)  # type: ignore[misc]  # the names are not literals
        return kind(*range(len(self.arrays)), *range(len(self.numbers)))

    def traced(self, dtype: "np.dtype[Any]") -> list[Traced]:
        """Return a number to be traced for each input, then one for each plain number."""
        arrays = [operand(name, shape_of, dtype) for name, shape_of in self.inputs.items()]
        return arrays + [operand(name, ONCE, dtype, weak=True) for name in self.numbers]

    def program(self, name: str, operands: Sequence[Traced], outputs: Mapping[str, Any]) -> Program:
        """Return the program that computes what formulas have returned from operands of `traced`."""
        dtype = operands[0].dtype
        self._check(outputs, self.outputs)
        settled = {
            output: settle(outputs[output], dtype, shape_of) for output, shape_of in self.outputs.items()
        }
        return Program(name, dtype, tuple(operands), settled)

    def addresses(self, of: Mapping[str, int]) -> NDArray[np.int64]:
        """Lay the arrays' addresses out by their slots."""
        self._check(of, self.arrays)
        return np.array([of[name] for name in self.arrays], np.int64)

    def operands(self, of: Mapping[str, int]) -> NDArray[np.int64]:
        """Lay them out with how each moves on to a block of rows and columns: pairs, by their slots."""
        self._check(of, self.arrays)
        return np.array([(of[name], MOVES[shape_of]) for name, shape_of in self.arrays.items()], np.int64)

    def _check(self, given: Mapping[str, Any], names: Mapping[str, Any]) -> None:
        if given.keys() != names.keys():
            raise ValueError(f"expected {', '.join(names)}; received {', '.join(given)}")


def _everywhere(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, EVERYWHERE)


# Arrays are named as in the formulas: weighted sums z, outputs a, targets y, errors delta.
FORWARD = Signature(_everywhere("z"), _everywhere("a"))
# The way back of an activation that takes its outputs one by one, and of any. Both begin as `FORWARD` does.
SLOPE = Signature(FORWARD.arrays, _everywhere("slope"))
BACKWARD = Signature(FORWARD.arrays | _everywhere("slope_in_a"), _everywhere("delta"))

# What the outputs are compared with; of errors in a batch, "share" is 1 over its size, or the rate over it.
_COMPARED = _everywhere("z", "a", "y")
LOSSES = Signature(_COMPARED, {"loss": BY_ROW})
ERRORS = Signature({**_COMPARED, "weight": BY_ROW}, _everywhere("delta"))
SHARED_ERRORS = Signature(ERRORS.inputs, ERRORS.outputs, ("share",))

# Two evenly distributed numbers become one that is normally distributed.
NOISE = Signature(_everywhere("first", "second"), _everywhere("noise"), ("size",))

_STATISTICS = _everywhere("mean", "variance") | {"unseen": BY_ROW}
RUNNING_STATISTICS = Signature(
    {**_STATISTICS, **_everywhere("batch_mean", "batch_variance")},
    {f"new_{name}": shape_of for name, shape_of in _STATISTICS.items()},
    ("n",),
)

# What the loop passes to each update; an optimizer's own numbers follow.
_PASSED_TO_ALL = ("rate", "t", "shrink", "divisor")
# An update has its gradient, and what it keeps twice: as it is read and as it is written.
_MOST_KEPT = (MOST_ARRAYS - 1) // 2


def update_signature(keeps: Sequence[str], numbers: Sequence[str]) -> Signature:
    """Return the signature of an update: the gradient, what is kept, and the same again as it is written.

    Parameters
    ----------
    keeps : sequence of str
        The names of what is kept for each weight, the weights themselves first.
    numbers : sequence of str
        The names of the plain numbers: first "rate", "t", "shrink" and "divisor".
    """
    if tuple(numbers[: len(_PASSED_TO_ALL)]) != _PASSED_TO_ALL:
        raise ValueError(f"the numbers of an update do not begin with {', '.join(_PASSED_TO_ALL)}")
    if len(keeps) > _MOST_KEPT:
        raise Untraceable(
            f"an update that keeps more than {_MOST_KEPT} numbers for each weight, itself included"
        )
    if len(numbers) > MOST_NUMBERS:
        raise Untraceable(f"an update that takes more than {MOST_NUMBERS} plain numbers")
    new = _everywhere(*(f"new_{which}" for which in keeps))
    return Signature(_everywhere("gradient", *keeps), new, tuple(numbers))


# All updates begin like this one.
UPDATE = update_signature(["weights"], _PASSED_TO_ALL)
# Where all gradients are shortened together: a gradient before that, and the sums of its squares.
GRADIENT = Signature(_everywhere("gradient", "weights"), _everywhere("finished"), UPDATE.numbers)
SQUARES = Signature(_everywhere("gradient"), {"square": BY_ROW})
LIMIT_NORMS = Signature(
    {"weights": EVERYWHERE, "biases": BY_COLUMN},
    {"new_weights": EVERYWHERE, "new_biases": BY_COLUMN},
    ("longest",),
)


def normalise_signature(single: Shape) -> Signature:
    """Return the signature of a normalisation; its statistics differ by column, or by row."""
    given = dict.fromkeys(("gain", "shift", "mean", "variance"), BY_COLUMN)
    statistics = dict.fromkeys(("batch_mean", "batch_variance", "deviation"), single)
    return Signature(_everywhere("sums") | given, _everywhere("z", "values") | statistics)


def normalise_back_signature(single: Shape) -> Signature:
    """Return the signature of its way back."""
    given = {**_everywhere("delta", "values"), "deviation": single, "gain": BY_COLUMN}
    return Signature(given, _everywhere("slopes", "gain_slopes"))


def layer_signature(vectors: Sequence[str]) -> Signature:
    """Return the signature of a layer in a prediction, and of the vectors that its normalisation uses."""
    if not vectors:
        return FORWARD
    return Signature(_everywhere("sums") | dict.fromkeys(vectors, BY_COLUMN), _everywhere("z", "a"))
