"""A product by itself, on one core: what its pieces reach where nothing else is done and all lies near."""

import time
from typing import Any

import numba
import numpy as np

from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale
from pellucid.passes.compiled.loops.batches.shares import make_shares
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.memory.layout import TILE_ROWS, WIDE, address, lay_out, panels_of, rows_of
from pellucid.passes.compiled.primitives.sweeps import make_sweeps
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["measure"]

_GIGAFLOPS = Unit("GFLOP/s", 1e-9, inverted=True)
# Rows, depth and columns: of a batch on its way through a layer of 512, of a larger batch, of a wider layer.
_SIZES = ((128, 512, 528), (512, 512, 528), (128, 1024, 1008))
_DTYPE = np.dtype("float32")


def measure(scale: Scale) -> list[Figure]:
    """Time the products by turns, after each has given the right numbers."""
    products = [_Product(*size) for size in _SIZES]
    figures = [
        Figure("machine", "a product alone on one core", product.name, _GIGAFLOPS) for product in products
    ]
    for product, figure in zip(products, figures, strict=True):
        figure.disagreement = product.disagreement()
    times = 400 if scale.share == 1 else 40
    for _ in range(scale.runs):
        for product, figure in zip(products, figures, strict=True):
            figure.runs.append(product.seconds_of_one(times))
    return figures


class _Product:
    def __init__(self, rows: int, depth: int, columns: int) -> None:
        random = np.random.default_rng(0)
        self.name, self.flops = f"{rows} x {depth} x {columns}", 2 * rows * depth * columns
        self.a, self.b = (
            random.standard_normal(shape).astype(_DTYPE) for shape in ((rows, depth), (depth, columns))
        )
        self._a, self._c = (rows_of(rows, n, _DTYPE, apart=True) for n in (depth, columns))
        self._b, self._start = panels_of(depth, columns, _DTYPE), rows_of(1, columns, _DTYPE)
        lay_out(self.a, self._a)
        lay_out(self.b, self._b)
        self._run = _loop(rows, depth, self._a.shape[1], self._b[0].size, self._c.shape[1])

    def disagreement(self) -> float:
        """Compare the product with one in float64, norm-wise."""
        self.multiply(1)
        expected = self.a.astype(float) @ self.b.astype(float)
        found = self._c[:, : expected.shape[1]]
        return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))

    def multiply(self, times: int) -> None:
        """Multiply so many times over."""
        self._run(
            *(address(array) for array in (self._a, self._b, self._start, self._c)), len(self._b), times
        )

    def seconds_of_one(self, times: int) -> float:
        """Give the time of one operation."""
        began = time.perf_counter()
        self.multiply(times)
        return (time.perf_counter() - began) / (times * self.flops)


def _loop(rows: int, depth: int, a_row: int, panel: int, c_row: int) -> Any:
    tiles = Tiles(_DTYPE, this_machine())
    multiply, item, wide = make_sweeps(tiles).panel, _DTYPE.itemsize, tiles.block * WIDE
    contiguous = make_shares(tiles).contiguous
    lines = item * panel // 64 * TILE_ROWS // rows  # of the next panel, to fetch with each piece

    @numba.njit
    def run(a: int, b: int, start: int, c: int, panels: int, times: int) -> None:
        for _ in range(times):
            for number in range(panels):
                at, ahead = b + item * panel * number, b + item * panel * ((number + 1) % panels)
                for row in range(0, rows, TILE_ROWS):
                    multiply(
                        *(TILE_ROWS, WIDE, a + item * a_row * row, a_row, at, wide, start, 0),
                        *(c + item * (c_row * row + wide * number), c_row, depth, ahead, contiguous),
                    )
                    ahead += 64 * lines

    return run
