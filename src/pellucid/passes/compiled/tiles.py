"""All pieces of the passes: the innermost loops, written in vectors."""

from pellucid.passes.compiled.chance import Chance
from pellucid.passes.compiled.examples import Examples
from pellucid.passes.compiled.listed import ListedSums
from pellucid.passes.compiled.products import Products
from pellucid.passes.compiled.rows import Rows
from pellucid.passes.compiled.steps import Steps

__all__ = ["Tiles"]


class Tiles(Products, ListedSums, Steps, Rows, Examples, Chance):
    """Makes the pieces for a dtype and a machine; the parameters are those of `Pieces`."""
