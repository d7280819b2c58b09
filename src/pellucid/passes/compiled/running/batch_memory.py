"""A network and its rule laid out for the batch loop: its records, filled."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.network import Layer, Network, Normaliser
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory.batch_records import BATCH, BATCH_LAYER, OVER_BATCH, OVER_LAYER, PARTS
from pellucid.passes.compiled.memory.frame import FRAME_BYTES, MOST_NUMBERS
from pellucid.passes.compiled.memory.layout import (
    BLOCK_BYTES,
    LINE_INTS,
    PACKED_BYTES,
    PACKED_ROWS,
    SPARSE_WIDE,
    TILE_ROWS,
    WIDE,
    Room,
    address,
    blocks_of,
    panels_of,
    width_of,
    zeros,
)
from pellucid.passes.compiled.running.training_loop import TrainingLoop
from pellucid.passes.compiled.tracing.formulas import statistics_shape
from pellucid.passes.compiled.tracing.signatures import (
    LIMIT_NORMS,
    RUNNING_STATISTICS,
    UPDATE,
    normalise_back_signature,
    normalise_signature,
    update_signature,
)
from pellucid.passes.flags import Flags
from pellucid.passes.rule import Rule
from pellucid.random import bound

__all__ = ["BatchMemory"]

# An update with more multiplications for each thread than these takes all gradients before it applies one: an
# update that has begun to change weights cannot be given up, and would keep whoever stops it waiting.
_LONG = 3 << 30

# A layer of so many blocks of columns is split in two: each half of its weights stays with the same threads,
# and in their caches. Halves of fewer blocks would be slower to multiply.
_HALVED = 15


class BatchMemory(TrainingLoop):
    """The memory that the batch loop reads and writes; the parameters are those of `BatchLoop`."""

    def __init__(
        self,
        network: Network,
        batch: int,
        rule: Rule,
        threads: int,
        machine: Machine,
        flags: Flags,
        *,
        losses: bool,
        rates: Sequence[float],
        noise: float,
        squared_norms: bool,
    ) -> None:
        super().__init__(network, machine, flags, (BATCH, BATCH_LAYER), losses=losses)
        self.batch, self.rule, self.threads = batch, rule, threads
        self.rates, self.noise = list(rates) or [0.0] * len(network.layers), noise
        self._norms = squared_norms
        # A batch is carried in parts that stay in the caches, unless a normalisation compares its examples.
        compares = any(layer.normaliser and layer.normaliser.rule.over_examples for layer in network.layers)
        self._part = batch if compares else min(batch, PACKED_ROWS)
        self._rows, self._room = -(-self._part // TILE_ROWS) * TILE_ROWS, Room()
        work = batch * sum(layer.weights.size for layer in network.layers)
        self._adds_up = batch > PACKED_ROWS or work > _LONG * threads
        for number, layer in enumerate(network.layers):
            self._fill(number)
            if layer.normaliser is not None:
                self._fill_normaliser(number, layer.normaliser)
            self._fill_learned(number)
            if rule.shorten is not None:
                self._fill_norm_limit(number)
        self._fill_run()

    def _room_for_weights(self, layer: Layer) -> NDArray[Any]:
        return panels_of(layer.n_in, layer.n_out, self.dtype)

    def _fill(self, number: int) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        weights = self.weights[number]
        record["row"] = width_of(layer.n_out, self.dtype, apart=True)
        record["panel"], record["weight_row"] = weights[0].size, weights.shape[2]
        if self._norms:
            parts = weights[..., 0].size // (BLOCK_BYTES // self.dtype.itemsize)
            record["norm_parts"] = self._room.take(parts * 8)
        for name in ("sums", "outputs", "output_slopes"):
            record[name] = self._rows_for(layer.n_out)
        # Errors may overwrite the sums that they come from: that memory is in the caches.
        one_by_one = number + 1 < len(self.network.layers) and not layer.activation.acts_on_layer
        if one_by_one and layer.normaliser is None:
            record["errors"] = record["sums"]
        else:
            record["errors"] = self._rows_for(layer.n_out)
        record["weighted_sums"], record["weighted_errors"] = record["sums"], record["errors"]
        record["input_row"] = width_of(layer.n_in, self.dtype, apart=True)
        if rate := self.rates[number]:
            record["mask"] = self._rows_for(layer.n_in)
            record["threshold"], record["keep_scale"] = bound(rate), 1 / (1 - rate)
        if number == 0 or rate:
            record["inputs"] = self._rows_for(layer.n_in)
        else:
            record["inputs"] = self._layers[number - 1]["outputs"]
        record["acts_on_layer"] = layer.activation.acts_on_layer
        record["half"] = self._half_of(number)
        if number > 0 and record["half"]:
            self._layers[number - 1]["other_slopes"] = self._rows_for(layer.n_in)

    def _half_of(self, number: int) -> int:
        """Return the block at which the columns of a layer may be split in two; 0 for nowhere."""
        layer = self.network.layers[number]
        blocks = blocks_of(layer.n_out, self.dtype)
        if layer.activation.acts_on_layer or layer.normaliser is not None or blocks < _HALVED:
            return 0
        # Sparse rows, which the first layer may have, are summed in whole panels.
        return blocks // 2 if number else WIDE * round(blocks / (2 * WIDE))

    def _rows_for(self, n: int) -> int:
        """Make a row of n numbers for each example of a batch, and return the address."""
        return self._room.take(self._rows * width_of(n, self.dtype, apart=True) * self.dtype.itemsize)

    def _fill_normaliser(self, number: int, normaliser: Normaliser) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        over_examples = normaliser.rule.over_examples
        record["normalises"] = OVER_BATCH if over_examples else OVER_LAYER
        record["weighted_sums"] = self._rows_for(layer.n_out)
        record["weighted_errors"] = self._rows_for(layer.n_out)
        record["gain_slopes"] = self._rows_for(layer.n_out)
        values = self._rows_for(layer.n_out)
        n = layer.n_out if over_examples else self._rows
        statistics = {
            name: self._room.take(width_of(n, self.dtype) * self.dtype.itemsize)
            for name in ("batch_mean", "batch_variance", "deviation")
        }
        own = {name: address(array) for name, array in self.normalisers[number].items()}
        single, deviation = statistics_shape(normaliser), statistics["deviation"]
        operands = normalise_signature(single).operands(
            {
                **statistics,
                "sums": record["weighted_sums"],
                "z": record["sums"],
                "values": values,
                "gain": own["gain"],
                "shift": own["shift"],
                # Read by a normalisation over the batch alone.
                **{name: own.get(name, own["gain"]) for name in ("mean", "variance")},
            }
        )
        record["normalise_operands"] = self._hold(f"normalise {number}", operands)
        operands = normalise_back_signature(single).operands(
            {
                "delta": record["errors"],
                "values": values,
                "deviation": deviation,
                "gain": own["gain"],
                "slopes": record["weighted_errors"],
                "gain_slopes": record["gain_slopes"],
            }
        )
        record["normalise_back_operands"] = self._hold(f"normalise back {number}", operands)
        if over_examples:
            running = {name: own[name] for name in normaliser.kept}
            new = {f"new_{name}": at for name, at in running.items()}
            of_batch = {name: statistics[name] for name in ("batch_mean", "batch_variance")}
            operands = RUNNING_STATISTICS.operands({**running, **of_batch, **new})
            record["running_operands"] = self._hold(f"running statistics {number}", operands)

    def _fill_learned(self, number: int) -> None:
        """Make, for all that a layer learns, the state and the operands of its updates."""
        rule, layer = self.rule, self._layers[number]
        arrays = {"W": self.weights[number], "b": self.biases[number], **self.normalisers[number]}
        for part, name in PARTS.items():
            if name not in arrays:
                continue
            record, array = layer[part], arrays[name]
            record["values"] = address(array)
            if self._adds_up:
                record["whole"] = self._room.take(array.nbytes)
            if rule.formula is None:
                continue
            kept = {"weights": array}
            for which, first in rule.start(array).items():
                kept[which] = self.state[number, name, which] = zeros(array.shape, self.dtype)
                kept[which][...] = first
            signature = update_signature([*kept], rule.plain)
            operands = {which: address(each) for which, each in kept.items()}
            operands |= {f"new_{which}": at for which, at in operands.items()}
            operands["gradient"] = 0  # another in each call
            record["operands"] = self._hold(f"{part} operands {number}", signature.addresses(operands))
            own = np.zeros((self.threads, MOST_NUMBERS))
            for which, value in rule.numbers[number][name].items():
                own[:, signature.numbers.index(which)] = value
            record["numbers"] = self._hold(f"{part} numbers {number}", own)
            if rule.gradient is not None:
                record["gradient"] = self._room.take(array.nbytes)
                record["squares"] = self._room.take(array[..., 0].size * self.dtype.itemsize)

    def _fill_norm_limit(self, number: int) -> None:
        record = self._layers[number]
        of = {"weights": record["weights"], "biases": record["biases"]}
        operands = LIMIT_NORMS.operands(of | {f"new_{name}": at for name, at in of.items()})
        record["norm_operands"] = self._hold(f"norm operands {number}", operands)
        record["max_norm"] = self.rule.lengths[number]

    def _fill_run(self) -> None:
        run, layers = self._run, self.network.layers
        run["threads"], run["batch"], run["part"] = self.threads, self.batch, self._part
        run["barrier"] = self._hold("barrier", zeros(2 * LINE_INTS, np.int64))
        run["longest"] = self.rule.longest
        if self.noise:
            run["noise_size"] = self.noise
            for name in ("noise", "second_noise"):
                run[name] = self._rows_for(layers[0].n_in)
        run["target"] = self._rows_for(layers[-1].n_out)
        run["sample_weight"] = self._room.take(self._rows * self.dtype.itemsize)
        run["direct"], run["adds_up"] = self.rule.formula is None, self._adds_up
        run["n_operands"] = len(update_signature(["weights", *self.rule.keeps], UPDATE.numbers).arrays)
        one = zeros(BLOCK_BYTES // self.dtype.itemsize, self.dtype)
        one[0] = 1
        run["one"] = self._hold("one", one)
        run["zeros"] = self._room.take(SPARSE_WIDE * BLOCK_BYTES)
        widest = max(layer.n_out for layer in layers)
        # The frame of calls, pieces of a gradient, and the weights that the way back transposes at a time.
        transposed = WIDE * (widest + BLOCK_BYTES // self.dtype.itemsize)
        room = FRAME_BYTES + BLOCK_BYTES * (TILE_ROWS * SPARSE_WIDE + transposed)
        run["scratch_bytes"] = room = -(-room // BLOCK_BYTES) * BLOCK_BYTES
        run["scratch"] = self._room.take(self.threads * room)
        run["packed_bytes"] = room = PACKED_BYTES + BLOCK_BYTES * WIDE * min(self._rows, PACKED_ROWS)
        run["packed"] = self._room.take(self.threads * room)
        run["status"] = self._hold("status", zeros(3 * LINE_INTS, np.int64))  # see `stopping`
