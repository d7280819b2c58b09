"""Stored examples: bytes, floats or compressed rows; read whole, or as a list of the nonzero inputs."""

from types import SimpleNamespace

from pellucid.passes.compiled.memory.layout import CSR, SOURCES
from pellucid.passes.compiled.primitives.intrinsics import load_index, load_int, store_index
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["make_sources"]


def make_sources(tiles: Tiles) -> SimpleNamespace:
    """Make functions for a dtype that read or list any of `SOURCES`, whose number is given."""
    read_bytes, read_singles, read_doubles = map(tiles.read, SOURCES)
    list_bytes, list_singles, list_doubles = map(tiles.list_nonzero, SOURCES)
    blocks_of_bytes, blocks_of_singles, blocks_of_doubles = (
        tiles.list_nonzero(kind, by_block=True) for kind in SOURCES
    )

    @part_of_loop
    def read(source, row, count, scale, x):
        if source == 0:
            read_bytes(row, count, scale, x)
        elif source == 1:
            read_singles(row, count, scale, x)
        else:
            read_doubles(row, count, scale, x)

    @part_of_loop
    def list_nonzero(source, row, count, scale, index, values):
        if source == 0:
            return list_bytes(row, count, scale, index, values, 0)
        if source == 1:
            return list_singles(row, count, scale, index, values, 0)
        return list_doubles(row, count, scale, index, values, 0)

    @part_of_loop
    def list_by_block(source, row, count, scale, index, values, until):
        if source == 0:
            return blocks_of_bytes(row, count, scale, index, values, until)
        if source == 1:
            return blocks_of_singles(row, count, scale, index, values, until)
        return blocks_of_doubles(row, count, scale, index, values, until)

    move, cleared, put = tiles.move(), tiles.clear(), tiles.put()
    block = tiles.block

    @part_of_loop
    def copy_sparse(run, row, start, end, index, values):
        """List a compressed row's entries in some columns, counted from the first; return their number."""
        count = 0
        for place in range(load_int(run.starts, row), load_int(run.starts, row + 1)):
            column = load_index(run.columns, place)
            if start <= column < end:
                store_index(index, count, column - start)
                move(values, count, run.inputs, place)
                count += 1
        return count

    @part_of_loop
    def count_by_block(index, count, n_in, until):
        """Count the entries of a list until the end of each block of inputs."""
        done = 0
        for part in range((n_in + block - 1) // block):
            while done < count and load_index(index, done) < block * (part + 1):
                done += 1
            store_index(until, part, done)

    @part_of_loop
    def spread_sparse(run, row, n_in, x):
        """Write a compressed row out, zeros included."""
        cleared(x, n_in // block * block)
        for k in range(n_in // block * block, n_in):
            put(x, k, 0.0)
        for place in range(load_int(run.starts, row), load_int(run.starts, row + 1)):
            move(x, load_index(run.columns, place), run.inputs, place)

    @part_of_loop
    def read_example(run, example, n_in, x):
        """Read all inputs of one of a run's examples."""
        if run.source == CSR:
            spread_sparse(run, example, n_in, x)
        else:
            read(run.source, run.inputs + example * run.input_row, n_in, run.scale, x)

    @part_of_loop
    def list_example(run, example, n_in, index, values):
        """List its nonzero inputs, and return their number."""
        if run.source == CSR:
            return copy_sparse(run, example, 0, n_in, index, values)
        at = run.inputs + example * run.input_row
        return list_nonzero(run.source, at, n_in, run.scale, index, values)

    @part_of_loop
    def list_part(run, example, first, n, index, values, until):
        """List some of its inputs, counted from the first; count the entries until each block's end."""
        if run.source == CSR:
            count = copy_sparse(run, example, first, first + n, index, values)
            count_by_block(index, count, n, until)
            return count
        at = run.inputs + example * run.input_row + first * run.input_width
        return list_by_block(run.source, at, n, run.scale, index, values, until)

    made = read, list_nonzero, read_example, list_example, list_part
    return SimpleNamespace(**{each.__name__: each for each in made})
