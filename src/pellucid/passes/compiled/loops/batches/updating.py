"""Updates: weights and the optimizer's state change with a gradient."""

from types import SimpleNamespace

from pellucid.passes.compiled.memory.batch_records import OVER_BATCH
from pellucid.passes.compiled.memory.frame import NUMBERS_BYTES
from pellucid.passes.compiled.memory.layout import WIDE
from pellucid.passes.compiled.primitives.calls import call, call_with, set_array, set_number, set_operands
from pellucid.passes.compiled.primitives.intrinsics import load_int, nth, store_double
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.signatures import GRADIENT, RUNNING_STATISTICS, UPDATE

__all__ = ["make_updating"]


def make_updating(tiles: Tiles, shares: SimpleNamespace) -> SimpleNamespace:
    """Make these functions for a dtype, for all parts of the loop."""
    item, block, added = tiles.dtype.itemsize, tiles.block, tiles.combine("add")
    weight_at, weight_share = shares.weight_at, shares.weight_share
    slots, of_gradient, of_running = UPDATE.slots, GRADIENT.slots, RUNNING_STATISTICS.slots
    n_running = len(RUNNING_STATISTICS.arrays)

    @part_of_loop
    def set_numbers(run, layers, thread, rate, t, divisor):
        """Set the plain numbers that every update takes."""
        for number in range(run.n_layers):
            layer = nth(layers, number)
            for learned in (layer.weight, layer.bias, layer.gain, layer.shift):
                if learned.numbers:
                    own = learned.numbers + NUMBERS_BYTES * thread
                    store_double(own, slots.rate, rate)
                    store_double(own, slots.t, t)
                    store_double(own, slots.shrink, 1.0)
                    store_double(own, slots.divisor, divisor)

    @part_of_loop
    def update(run, frame, thread, learned, gradient, gradient_row, at, row, rows, columns):
        """Update a piece of what is learned, and of the optimizer's state for it, from its gradient.

        The piece begins ``at`` so many numbers from the first; ``row`` is the distance of its rows.
        """
        set_array(frame, slots.gradient, gradient, gradient_row)
        for slot in range(slots.gradient + 1, run.n_operands):
            set_array(frame, slot, load_int(learned.operands, slot) + item * at, row)
        call_with(learned.numbers + NUMBERS_BYTES * thread, run.update, frame, rows, columns)

    @part_of_loop
    def step(run, frame, thread, learned, gradient, gradient_row, at, row, rows, columns):
        """Update a piece of what is learned, or keep its gradient until all are known."""
        if learned.gradient:
            set_array(frame, of_gradient.gradient, gradient, gradient_row)
            set_array(frame, of_gradient.weights, learned.values + item * at, row)
            set_array(frame, of_gradient.finished, learned.gradient + item * at, row)
            call_with(learned.numbers + NUMBERS_BYTES * thread, run.gradient, frame, rows, columns)
        else:
            update(run, frame, thread, learned, gradient, gradient_row, at, row, rows, columns)

    @part_of_loop
    def step_part(run, layer, frame, thread, gradient, gradient_row, part, wide, row, rows):
        """Update some blocks of some rows of weights, all in one panel, or keep their gradient."""
        at, columns = weight_at(layer, row, part), min(block * wide, layer.n_out - part * block)
        step(run, frame, thread, layer.weight, gradient, gradient_row, at, layer.weight_row, rows, columns)

    @part_of_loop
    def update_running(layer, frame, size):
        """Update the running statistics of a normalisation with those of a batch."""
        if layer.normalises == OVER_BATCH and size > 1:
            set_operands(frame, layer.running_operands, n_running, 0, 0, 0, layer.row)
            set_number(frame, of_running.n, float(size))
            call(layer.running, frame, 1, layer.n_out)

    @part_of_loop
    def add_rows(run, layer, at, start, end, listed):
        """Add what was added up to some rows of a panel, but for those that no list names."""
        if not listed:
            to, length = layer.weights + at, (end - start) * layer.weight_row
            added(to, to, layer.weight.whole + at, length)
            return
        for row in range(start, end):
            if load_int(run.column_counts, row):
                here = at + item * (row - start) * layer.weight_row
                to = layer.weights + here
                added(to, to, layer.weight.whole + here, layer.weight_row)

    @part_of_loop
    def apply_row(run, layer, frame, thread, learned):
        if run.direct:
            added(learned.values, learned.values, learned.whole, block * layer.blocks)
        else:
            step(run, frame, thread, learned, learned.whole, 0, 0, 0, 1, layer.n_out)

    @part_of_loop
    def apply_added_up(run, layers, frame, thread, size):
        """Apply the gradients that were added up, a thread's share of all layers."""
        for number in range(run.n_layers):
            layer = nth(layers, number)
            start, end = weight_share(layer, thread, run.threads)
            listed = number == 0 and run.sparse and size <= run.part  # the lists are those of the last part
            for part in range(0, layer.blocks, WIDE):
                wide, at = min(WIDE, layer.blocks - part), item * weight_at(layer, start, part)
                if run.direct:
                    add_rows(run, layer, at, start, end, listed)
                elif end > start:
                    gradient, rows = layer.weight.whole + at, end - start
                    step_part(run, layer, frame, thread, gradient, layer.weight_row, part, wide, start, rows)
            if thread == number % run.threads:
                for learned in (layer.bias, layer.gain, layer.shift):
                    if learned.values:
                        apply_row(run, layer, frame, thread, learned)
                update_running(layer, frame, size)

    made = set_numbers, update, step, step_part, update_running, apply_added_up
    return SimpleNamespace(**{each.__name__: each for each in made})
