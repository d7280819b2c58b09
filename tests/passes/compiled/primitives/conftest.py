"""Primitives on arrays: each compiled once for a dtype and a width of vectors, however often it is called."""

import numba
import numpy as np
import pytest

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, address, zeros
from pellucid.passes.compiled.primitives.sweeps import make_sweeps
from pellucid.passes.compiled.primitives.tiles import Tiles


def compiled(function):
    """Compile a primitive; where it takes an address, an array is taken."""

    @numba.njit
    def run(*given):
        return function(*given)

    def call(*given):
        return run(*(address(each) if isinstance(each, np.ndarray) else each for each in given))

    return call


class NamedTiles(Tiles):
    """Tiles whose functions have names of their own: Numba has one name space for all that it compiles."""

    def _call(self, builder, name, given, write):
        super()._call(builder, f"{name}_{self.dtype}_{self.lanes}", given, write)


class Primitives:
    """All primitives of a dtype and a width, and arrays to call them with."""

    def __init__(self, dtype, width):
        self.dtype = np.dtype(dtype)
        self.tiles = NamedTiles(self.dtype, this_machine(width))
        self.block, self.sweeps = BLOCK_BYTES // self.dtype.itemsize, make_sweeps(self.tiles)
        self._compiled = {}

    def __call__(self, name, *how, **named):
        """Give a primitive of `Tiles`, or the sweep of that name."""
        key = name, how, tuple(named.items())
        if key not in self._compiled:
            sweep = getattr(self.sweeps, name, None)
            self._compiled[key] = compiled(sweep or getattr(self.tiles, name)(*how, **named))
        return self._compiled[key]

    def array(self, values):
        """Copy numbers to memory that begins on a whole block."""
        values = np.asarray(values)
        memory = zeros(values.shape, self.dtype)
        memory[...] = values
        return memory

    def whole(self, *shape, seed=0):
        """Draw small whole numbers, of which any sum of products is exact."""
        return self.array(np.random.default_rng(seed).integers(-4, 5, shape))


@pytest.fixture(
    scope="session",
    params=[("float32", 4), ("float32", 16), ("float64", 8)],
    ids=lambda given: f"{given[0]}, {given[1]} wide",
)
def primitives(request):
    return Primitives(*request.param)


@pytest.fixture(scope="session", params=[("float32", 16), ("float64", 4)], ids=lambda given: given[0])
def some_primitives(request):
    """The same for what takes long to compile."""
    return Primitives(*request.param)
