"""A program: formulas over a block of rows and columns, as machine code is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.passes.compiled.tracing.expression import ONCE, Traced

__all__ = ["Program"]


@dataclass(frozen=True, eq=False)
class Program:
    """What is read, what is computed from it, and where the results go.

    Parameters
    ----------
    name : str
    dtype : numpy dtype
        The network's.
    inputs : tuple of Traced operands
        Those that differ by row or column are read from memory, in this order; plain numbers are passed
        separately.
    outputs : dict
        What is stored, by name; in this order after the inputs.

    The machine code is a function of five arguments: the addresses of inputs and outputs, the distances of
    their rows, the plain numbers, the number of rows and the number of columns (`memory.frame`). Rows lie on
    whole blocks of 64 bytes, and the padding past the last column is kept 0.
    """

    name: str
    dtype: "np.dtype[Any]"
    inputs: tuple[Traced, ...]
    outputs: Mapping[str, Traced]

    @property
    def arrays(self) -> list[str]:
        """The names of what lies in memory, in the order of the addresses."""
        return [given.said for given in self.inputs if given.shape_of != ONCE] + list(self.outputs)

    @property
    def numbers(self) -> list[str]:
        """The names of the plain numbers, in their order."""
        return [given.said for given in self.inputs if given.shape_of == ONCE]

    @cached_property
    def fingerprint(self) -> str:
        """A text that two programs share if they are the same; it takes less than emitting them."""
        lines: list[str] = [self.name, str(self.dtype), *self.arrays, *self.numbers]
        places: dict[int, int] = {}

        def place(node: Traced) -> int:
            if id(node) not in places:
                arguments = [place(given) for given in node.arguments]
                axes = f"{node.shape_of.rows:d}{node.shape_of.columns:d}"
                lines.append(f"{node.operation} {arguments} {node.kind} {node.dtype} {axes} {node.said!r}")
                places[id(node)] = len(places)
            return places[id(node)]

        for node in (*self.inputs, *self.outputs.values()):
            lines.append(f"= {place(node)}")
        return "\n".join(lines)
