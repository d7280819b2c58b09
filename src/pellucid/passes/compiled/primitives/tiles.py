"""All primitives together."""

from pellucid.passes.compiled.primitives.examples import Examples
from pellucid.passes.compiled.primitives.products import Products
from pellucid.passes.compiled.primitives.random_words import Chance
from pellucid.passes.compiled.primitives.rows import Rows
from pellucid.passes.compiled.primitives.sparse_sums import SparseSums
from pellucid.passes.compiled.primitives.steps import Steps
from pellucid.passes.compiled.primitives.threads import Threads

__all__ = ["Tiles"]


class Tiles(Products, SparseSums, Steps, Rows, Examples, Chance, Threads):
    """Makes the primitives for a dtype and a machine; the parameters are those of `Pieces`."""
